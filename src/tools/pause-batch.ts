import { z } from "zod";
import { lines, toBatchText, viewBatch } from "./shared/batch-view.ts";
import { changeBatch } from "./shared/change-batch.ts";
import { batchHead, batchId } from "./shared/shapes.ts";
import { defineTool } from "./tool.ts";

export const pauseBatchTool = defineTool({
  name: "pause_batch",
  title: "Pause a batch",
  description: `Stop placing calls in a running batch, or hold a scheduled one.
Use to halt for now; resume_batch continues. It never needs approval.
Not for ending it for good (cancel_batch). Once this has answered, no call is handed over; those calling go on; may_still_ring do not ring yet.
Returns the batch at the moment of the pause.`,
  toolset: "campaigns",
  effect: "writes",
  idempotent: true,
  input: z.strictObject({ batch_id: batchId() }),
  output: z.object({ batch: batchHead() }),

  async run({ batch_id: id }, context) {
    const batch = await changeBatch(id, "pause_batch", context, () => context.campaigns.pause(id, context));
    return { batch: await viewBatch(batch, context) };
  },

  summarize: ({ batch }) => lines(withProvider(batch), toBatchText(batch)),
});

/** What a pause cannot take back. */
function withProvider(batch: Parameters<typeof toBatchText>[0]): string | false {
  const { counts, environment, may_still_ring: silent } = batch;
  const calling = counts?.calling ?? 0;
  if (calling === 0 || environment !== "live") return false;
  const calls = calling === 1 ? "1 call is" : `${calling} calls are`;
  if (silent === undefined)
    return `${calls} already with the provider: in progress, or may still ring. No other is handed over.`;
  if (silent === 0) return `${calls} in progress. No other phone will ring.`;
  return `${calls} with the provider, of which ${silent} may still begin to ring. No other is handed over.`;
}
