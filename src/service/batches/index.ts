export { editBatch, replaceBatch } from "./batch-edits.ts";
export { cancelBatch, deleteBatch, executeBatch, findBatch, pauseBatch, resumeBatch, setStop } from "./batch-steps.ts";
export { nextAttemptOfTask, showBatch, showBatches } from "./batch-view.ts";
export { type BatchParts, type Created, createBatch, findReplay } from "./batches.ts";
export { changeList } from "./change-list.ts";
export { invalid, Refusal, type RefusalStatus } from "./refusal.ts";
