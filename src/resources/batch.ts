import { maxPageSize } from "../tools/arguments/shapes.ts";
import { getBatchResultsTool } from "../tools/get-batch-results.ts";
import { getBatchStatusTool } from "../tools/get-batch-status.ts";
import { stateOfBatch } from "./batch-state.ts";
import { readByTool } from "./read-by-tool.ts";
import { completeBatchIds, listRecentBatches } from "./recent-batches.ts";
import type { Resource } from "./resource.ts";

export const batchResource: Resource = {
  name: "batch",
  title: "Status of a batch",
  description: "How far a batch is, its rules and what can be done next; as get_batch_status.",
  toolset: "campaigns",
  uriTemplate: "batch://{batch_id}",
  mimeType: "application/json",
  read: (id, context) => readByTool(getBatchStatusTool, { batch_id: id }, context),
  state: stateOfBatch,
  list: listRecentBatches,
  complete: completeBatchIds,
};

export const batchResultsResource: Resource = {
  name: "batch-results",
  title: "Results of a batch",
  description: `The first ${maxPageSize} recipients with what came of their calls; next_cursor is for get_batch_results.`,
  toolset: "results",
  uriTemplate: "batch://{batch_id}/results",
  mimeType: "application/json",
  read: (id, context) => readByTool(getBatchResultsTool, { batch_id: id, limit: maxPageSize }, context),
  state: stateOfBatch,
  complete: completeBatchIds,
};
