import { z } from "zod";
import { batchHead, batchId } from "./arguments/shapes.ts";
import { lines, toBatchText, viewBatch, withProvider } from "./batch/batch-view.ts";
import { changeBatch } from "./batch/change-batch.ts";
import { defineTool } from "./tool.ts";

export const cancelBatchTool = defineTool({
  name: "cancel_batch",
  title: "Cancel a batch for good",
  description: `End a draft, scheduled, running or paused batch for good: nobody else on its list is called.
Use when the user gives the campaign up. It cannot be undone and never needs approval.
Not for a break (pause_batch). Calls in progress go on; who was not called becomes cancelled.`,
  toolset: "campaigns",
  effect: "destroys",
  idempotent: true,
  input: z.strictObject({ batch_id: batchId() }),
  output: z.object({ batch: batchHead().extend({ may_still_ring: z.number().optional() }) }),

  async run({ batch_id: id }, context) {
    const batch = await changeBatch(id, "cancel_batch", context, () => context.campaigns.cancel(id, context));
    return { batch: await viewBatch(batch, context) };
  },

  summarize: ({ batch }) => lines(withProvider(batch), toBatchText(batch)),
});
