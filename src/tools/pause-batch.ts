import { z } from "zod";
import { batchHead, batchId } from "./arguments/shapes.ts";
import { lines, toBatchText, viewBatch, withProvider } from "./batch/batch-view.ts";
import { changeBatch } from "./batch/change-batch.ts";
import { defineTool } from "./tool.ts";

export const pauseBatchTool = defineTool({
  name: "pause_batch",
  title: "Pause a batch",
  description: `Stop placing calls in a running batch, or hold a scheduled one.
Use to halt for now, no approval needed; resume_batch continues.
Not for ending it for good (cancel_batch). Once it answers, no other call is handed over; those in progress, and may_still_ring at a provider, go on.`,
  toolset: "campaigns",
  effect: "writes",
  idempotent: true,
  input: z.strictObject({ batch_id: batchId() }),
  output: z.object({ batch: batchHead().extend({ may_still_ring: z.number().optional() }) }),

  async run({ batch_id: id }, context) {
    const batch = await changeBatch(id, "pause_batch", context, () => context.campaigns.pause(id, context));
    return { batch: await viewBatch(batch, context) };
  },

  summarize: ({ batch }) => lines(withProvider(batch), toBatchText(batch)),
});
