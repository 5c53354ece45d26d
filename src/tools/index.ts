import { cancelBatch } from "./cancel-batch.ts";
import { createBatchCall } from "./create-batch-call.ts";
import { exportBatchResults } from "./export-batch-results.ts";
import { getBatchResults } from "./get-batch-results.ts";
import { getBatchStatus } from "./get-batch-status.ts";
import { getCall } from "./get-call.ts";
import { listAgents } from "./list-agents.ts";
import { listBatches } from "./list-batches.ts";
import { listPhoneNumbers } from "./list-phone-numbers.ts";
import { pauseBatch } from "./pause-batch.ts";
import { previewBatchCall } from "./preview-batch-call.ts";
import { resumeBatch } from "./resume-batch.ts";
import { startBatch } from "./start-batch.ts";
import type { Tool } from "./tool.ts";
import { updateBatch } from "./update-batch.ts";
import { updateDoNotCallList } from "./update-do-not-call-list.ts";

/** All tools, in the order in which they are listed. */
export const tools: readonly Tool[] = [
  createBatchCall,
  pauseBatch,
  getBatchStatus,
  previewBatchCall,
  startBatch,
  resumeBatch,
  cancelBatch,
  updateBatch,
  listBatches,
  getBatchResults,
  getCall,
  exportBatchResults,
  updateDoNotCallList,
  listAgents,
  listPhoneNumbers,
];
