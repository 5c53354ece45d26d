export type {
  BatchChange,
  BatchFacts,
  BatchStore,
  CreateResult,
  GrantChange,
  GrantedBatch,
  Idempotency,
  ListChange,
  Listed,
} from "./batch-store.ts";
export { type CarrierRoom, freeRoom, type SharedRoom } from "./carrier-room.ts";
export type { BatchRules, Claim, DialStore, Leases, ReleaseReason, RunningBatch } from "./dial-store.ts";
export {
  type EventCounts,
  type EventMessage,
  type EventOutbox,
  type EventStream,
  type ParkedSent,
  type StreamResult,
  tellWithinMs,
} from "./event-outbox.ts";
export { fromLineReason } from "./line-wait.ts";
export { logged } from "./logged-store.ts";
export { lookAtEvents } from "./look-at-events.ts";
export { lookAtNumberInDatabase, lookAtNumberInFile, type NumberFacts } from "./look-at-number.ts";
export { settleEnvironment } from "./postgres/environment.ts";
export { readStopped, settleKillSwitch, throwKillSwitch, untilNoneStarts } from "./postgres/kill-switch.ts";
export { type DatabaseFacts, lookAtDatabase } from "./postgres/look-at-database.ts";
export { migratePostgres } from "./postgres/migrate.ts";
export { factsOfFailure, mayAnswerLater, openPool } from "./postgres/pool.ts";
export {
  type AboutProcess,
  differencesFrom,
  introduceProcess,
  type LivingProcess,
  livingProcesses,
} from "./postgres/processes.ts";
export type { Sql, SqlSession } from "./postgres/sql.ts";
export { openPostgresStore } from "./postgres/store.ts";
export {
  asDialed,
  type NewTask,
  type StoredAttempt,
  type StoredBatch,
  type StoredTask,
} from "./records.ts";
export { instant, known, oneOf, optional, type Row, readAnswers, readDetails, text, whole } from "./rows.ts";
export { type Send, type SendLedger, type SentCall, wavePrefix } from "./send-ledger.ts";
export { sendParkedInDatabase, sendParkedInFile } from "./send-parked-events.ts";
export { everybody } from "./shared/grants.ts";
export { isOnList, isUnderWay } from "./shared/tasks.ts";
export { openSqliteStore } from "./sqlite/store.ts";
export { type Store, StoreUnavailable } from "./store.ts";
