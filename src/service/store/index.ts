export { instant, known, oneOf, optional, type Row, text, whole } from "./columns.ts";
export { logged } from "./logged-store.ts";
export { settleEnvironment } from "./postgres/environment.ts";
export { migrate } from "./postgres/migrate.ts";
export { openPool } from "./postgres/pool.ts";
export type { Sql, SqlSession } from "./postgres/sql.ts";
export { openPostgresStore } from "./postgres/store.ts";
export { schemaSteps } from "./schema.ts";
export { openSqliteStore } from "./sqlite/store.ts";
export type {
  BatchChange,
  BatchFacts,
  BatchStore,
  Claim,
  CreateResult,
  DialStore,
  Idempotency,
  Leases,
  NewTask,
  RetryDecision,
  Store,
  StoredAttempt,
  StoredBatch,
  StoredTask,
  Withdrawal,
} from "./store.ts";
