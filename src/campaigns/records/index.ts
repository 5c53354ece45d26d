export {
  type ActingPage,
  type Actor,
  type Answerer,
  type Audit,
  type AuditChannel,
  type AuditEntry,
  createAudit,
  type RecordedEntry,
  toAuditChannel,
  toChannel,
} from "./audit.ts";
export { type CancelledBatch, type CancelledBatches, createCancelledBatches } from "./cancelled-batches.ts";
export { openCampaignDatabase } from "./database.ts";
export { createKeptCalls, type KeptCalls } from "./kept-calls.ts";
export { createKillSwitch, type KillSwitch } from "./kill-switch.ts";
export { readStopMarks, stopMark } from "./stop-marks.ts";
