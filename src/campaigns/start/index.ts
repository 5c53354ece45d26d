export { withCancelled } from "./api-with-cancelled.ts";
export { withStartTimes } from "./api-with-start-times.ts";
export type { ContentChange, ContentChanged } from "./content-change.ts";
export { buildEdits, type Edits } from "./edits.ts";
export { findHeldNumbers } from "./held-numbers.ts";
export { LiveStarter, type LiveStarterParts, type StartResult } from "./live-start.ts";
export { readTasks, recipientsToCall, type StartAction } from "./read-batch-for-start.ts";
export { recordStops } from "./record-stops.ts";
export { findStop, requireReleased } from "./require-released.ts";
export { planResume } from "./resume.ts";
export type { StartRequest } from "./send-start.ts";
export { startSimulated } from "./simulated-start.ts";
export {
  type Asker,
  approvalModeOf,
  isSame,
  isStarted,
  needsAgreement,
  recordRefusal,
  refuseEnded,
  refuseSecond,
  requireAllowed,
  requireExpected,
  toDoer,
} from "./start-checks.ts";
export { StartExecutor, toAction } from "./start-execution.ts";
export { refuseByLimits } from "./start-limits.ts";
export { createStartLog, type StartLog, type StartRow } from "./start-log.ts";
export { candidates, findAskedPeople, prepareStart, type StartProposal } from "./start-proposal.ts";
export { describeStartStatus, type StartStatus } from "./start-status.ts";
export { holdAsDraft } from "./stop-batch.ts";
export { consentOf, describeRules, maxAttemptsKnown, mostCalls, stopWhenOf, summarize } from "./summarize-start.ts";
export { isTestCall, isTestOf, nameOfTest, requireTestable, testedNameOf } from "./test-call.ts";
export { toldLastRing } from "./told-last-ring.ts";
export { foreseeRefusals } from "./warnings.ts";
export { type CommittedStart, writeStart } from "./write-start.ts";
