import { z } from "zod";
import { batchId } from "./arguments/shapes.ts";
import { viewBatch } from "./batch/batch-view.ts";
import { changeBatch } from "./batch/change-batch.ts";
import { startOutput, toStartText, waitsForPerson } from "./batch/waiting-start.ts";
import { defineTool } from "./tool.ts";

export const resumeBatchTool = defineTool({
  name: "resume_batch",
  title: "Resume a paused batch",
  description: `Let a paused or held batch place calls again.
Use after pause_batch, or when held_reason says that a start was missed; that start then begins at once.
Not for a draft (start_batch). It rings who is still pending and costs money. Live, over 15 minutes after the pause, a person has to agree as for start_batch.`,
  toolset: "campaigns",
  effect: "dials",
  idempotent: false,
  input: z.strictObject({
    batch_id: batchId(),
    redial_unknown: z
      .boolean()
      .optional()
      .describe("Also calls those unknown, who may have been reached; only if the user accepts it."),
  }),
  output: startOutput(),

  async run({ batch_id: id, redial_unknown: redialUnknown = false }, context) {
    const batch = await changeBatch(id, "resume_batch", context, () =>
      context.campaigns.resume(id, { redialUnknown }, context),
    );
    return { batch: await viewBatch(batch, context) };
  },

  waits: waitsForPerson,

  summarize: (output) => toStartText(output),
});
