import { cancelBatchTool } from "./cancel-batch.ts";
import { changeListTool } from "./change-list.ts";
import { checkDoNotCallTool } from "./check-do-not-call.ts";
import { createBatchCallTool } from "./create-batch-call.ts";
import { deleteListTool } from "./delete-list.ts";
import { exportBatchResultsTool } from "./export-batch-results.ts";
import { getBatchResultsTool } from "./get-batch-results.ts";
import { getBatchStatusTool } from "./get-batch-status.ts";
import { getCallTool } from "./get-call.ts";
import { getListTool } from "./get-list.ts";
import { listAgentsTool } from "./list-agents.ts";
import { listBatchesTool } from "./list-batches.ts";
import { listPhoneNumbersTool } from "./list-phone-numbers.ts";
import { pauseBatchTool } from "./pause-batch.ts";
import { previewBatchCallTool } from "./preview-batch-call.ts";
import { resumeBatchTool } from "./resume-batch.ts";
import { startBatchTool } from "./start-batch.ts";
import { testCallTool } from "./test-call.ts";
import type { Tool } from "./tool.ts";
import { type ToolSelection, toolsets } from "./toolsets.ts";
import { updateBatchTool } from "./update-batch.ts";
import { updateDoNotCallListTool } from "./update-do-not-call-list.ts";

/** All tools, in the order in which they are listed. */
export const tools: readonly Tool[] = [
  createBatchCallTool,
  pauseBatchTool,
  getBatchStatusTool,
  previewBatchCallTool,
  changeListTool,
  getListTool,
  testCallTool,
  startBatchTool,
  resumeBatchTool,
  cancelBatchTool,
  updateBatchTool,
  listBatchesTool,
  getBatchResultsTool,
  getCallTool,
  exportBatchResultsTool,
  updateDoNotCallListTool,
  checkDoNotCallTool,
  deleteListTool,
  listAgentsTool,
  listPhoneNumbersTool,
];

/** The tools that a server lists: those that were asked for, without what cannot work where it runs. */
export function selectTools({
  isReadOnly,
  toolsets: chosen = toolsets,
  hasTestNumbers,
}: ToolSelection): readonly Tool[] {
  return tools.filter(
    ({ toolset, effect, needsTestNumbers = false }) =>
      chosen.includes(toolset) && (!isReadOnly || effect === "reads") && (!needsTestNumbers || hasTestNumbers),
  );
}
