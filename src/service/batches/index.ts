export { editBatch, replaceBatch } from "./batch-edits.ts";
export { cancelBatch, deleteBatch, executeBatch, findBatch, pauseBatch, resumeBatch } from "./batch-steps.ts";
export { showBatch, showBatches } from "./batch-view.ts";
export { type BatchParts, type Created, createBatch, findReplay } from "./batches.ts";
export { nextAttemptOfTask } from "./next-attempt.ts";
export { accept, badJson, invalid, Refusal, type RefusalStatus, unauthorized } from "./refusal.ts";
