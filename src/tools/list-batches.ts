import { z } from "zod";
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
  title: "List batches of calls",
  description: `List the account's batches, the newest first, with their state.
Use to find a batch_id, or what is running, scheduled or left as a draft.
Not for a batch whose id is known (get_batch_status). All filters given must match.
Returns a page of batches.`,
  toolset: "campaigns",
  effect: "reads",
  idempotent: true,
  input: z.strictObject({
    status: batchStatus().optional().describe("State."),
    agent_id: z.string().min(1).optional().describe("From list_agents."),
    name: z.string().min(1).optional().describe("Text in the name."),
    ...pageInput(),
  }),
  output: z.object({ batches: z.array(batchHead()), next_cursor: nextCursor() }),

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
    return {
      batches: listed.rows.map((batch) => withoutParts(toBatchView(batch, upstream, context))),
      ...toNextCursor(page, listed),
    };
  },

  summarize: ({ batches, next_cursor: next }) =>
    lines(
      batches.length === 0 && "No batches.",
      ...batches.map((batch) => `- ${toBatchLine(batch)}`),
      next && `More: cursor ${next}`,
    ),
});
