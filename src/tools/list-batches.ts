import { z } from "zod";
import { isTestCall } from "../campaigns/index.ts";
import type { Batch } from "../domain/batch/batch.ts";
import { isIssue } from "../domain/problem.ts";
import { findAgent } from "./shared/account-names.ts";
import { type BatchView, lines, readUpstream, toBatchLine, toBatchView } from "./shared/batch-view.ts";
import { invalidInput } from "./shared/parse-input.ts";
import { batchHead, batchStatus, nextCursor, pageInput, toNextCursor, toPageRequest } from "./shared/shapes.ts";
import { defineTool } from "./tool.ts";

/** A hundred ids for one of twenty batches; get_batch_status has them. */
function withoutParts({ parts: _, ...batch }: BatchView): BatchView {
  return batch;
}

export const listBatchesTool = defineTool({
  name: "list_batches",
  title: "List all batches",
  description: `List batches and their state, newest first.
Use to find a batch_id, or what runs, is scheduled or draft.
Not for a batch whose id is known (get_batch_status). All filters must match.
Returns a page, test calls apart.`,
  toolset: "campaigns",
  effect: "reads",
  idempotent: true,
  input: z.strictObject({
    status: batchStatus().optional().describe("State."),
    agent_id: z.string().min(1).optional().describe("From list_agents."),
    name: z.string().min(1).optional().describe("Text in the name."),
    ...pageInput(),
  }),
  output: z.object({
    batches: z.array(batchHead()),
    test_calls: z.array(z.looseObject({})).optional(),
    next_cursor: nextCursor(),
  }),

  async run(input, context) {
    const page = toPageRequest(input);
    const agent = input.agent_id === undefined ? undefined : await findAgent(input.agent_id, context.api);
    const listed = await context.api.listBatches({
      ...page,
      ...(input.status && { status: [input.status] }),
      ...(input.agent_id !== undefined && { agentId: [isIssue(agent) || !agent ? input.agent_id : agent.agentId] }),
      ...(input.name !== undefined && { name: [input.name] }),
    });
    // An agent that was deleted has batches still.
    if (isIssue(agent) && listed.rows.length === 0) throw invalidInput([agent], "reads");
    const upstream = await readUpstream(context.api);
    const view = (batch: Batch) => withoutParts(toBatchView(batch, upstream, context));
    const tests = listed.rows.filter(isTestCall).map(view);
    return {
      batches: listed.rows.filter((batch) => !isTestCall(batch)).map(view),
      ...(tests.length > 0 && { test_calls: tests }),
      ...toNextCursor(page, listed),
    };
  },

  summarize: ({ batches, test_calls: tests = [], next_cursor: next }) =>
    lines(
      batches.length === 0 && (next ? "No batches on this page." : "No batches."),
      ...batches.map((batch) => `- ${toBatchLine(batch)}`),
      tests.length > 0 && "Test calls:",
      ...tests.map((batch) => `- ${toBatchLine(batchHead().parse(batch))}`),
      next && `More: cursor ${next}`,
    ),
});
