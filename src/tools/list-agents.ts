import { z } from "zod";
import type { BatchCallApi, VoiceAgent } from "../client/api.ts";
import { plainText } from "../domain/text.ts";
import { dropUndefined, pageEnd, pageInput, toPageEnd, toPageEndLines, toPageRequest } from "./arguments/shapes.ts";
import { lines } from "./batch/batch-view.ts";
import { defineTool, type ToolContext } from "./tool.ts";

const longestName = 200;

export const listAgentsTool = defineTool({
  name: "list_agents",
  title: "List voice agents",
  description: `List the account's voice agents, each with its id and the variables that it expects.
Use before preview_batch_call, for agent_id and the names of dynamic_variables.
Not for numbers to call from (list_phone_numbers). Read live from the account; no tool makes one.
Returns a page; variables is absent where not known.`,
  toolset: "account",
  effect: "reads",
  idempotent: true,
  input: z.strictObject({
    name: z.string().min(1).optional().describe("Part of the name."),
    ...pageInput(),
  }),
  output: z.object({
    agents: z.array(
      z.object({ agent_id: z.string(), agent_name: z.string(), variables: z.array(z.string()).optional() }),
    ),
    ...pageEnd(),
  }),

  async run(input, { api, clock }) {
    const page = toPageRequest(input);
    const { rows, hasMore } = await api.listAgents({ ...page, ...dropUndefined({ name: input.name }) });
    const agents = await withVariables(rows, { api, clock });
    return {
      agents: agents.map(({ agentId, name, variables }) => ({
        agent_id: agentId,
        agent_name: plainText(name, longestName),
        ...dropUndefined({ variables: variables?.map((variable) => plainText(variable, longestName)) }),
      })),
      ...toPageEnd(input, page, { hasMore }),
    };
  },

  summarize: ({ agents, ...end }) =>
    lines(
      agents.length === 0 && "No agents. No tool makes one: that is done where the account is managed.",
      ...agents.map(
        ({ agent_id, agent_name, variables }) =>
          `- ${agent_name} (${agent_id})${variables ? `, variables: ${variables.join(", ") || "none"}` : ""}`,
      ),
      ...toPageEndLines(end),
    ),
});

const readAtOnce = 10;
/** Whoever creates or starts a batch reads its agent anew, so that nobody is called by what is told here. */
const toldAgainForMs = 10_000;

type Known = { readonly variables: VoiceAgent["variables"]; readonly readAtMs: number };
const knownOf = new WeakMap<BatchCallApi, Map<string, Known>>();

/** Lists of agents leave their variables out; each agent has to be asked for its own, at most ten at once. */
async function withVariables(
  rows: readonly VoiceAgent[],
  { api, clock }: Pick<ToolContext, "api" | "clock">,
): Promise<readonly VoiceAgent[]> {
  const known = knownOf.get(api) ?? new Map<string, Known>();
  knownOf.set(api, known);
  const nowMs = clock.monotonicMs();
  for (const [id, { readAtMs }] of known) if (nowMs - readAtMs >= toldAgainForMs) known.delete(id);
  const complete = [...rows];
  const left = complete.entries();
  const read = async (): Promise<void> => {
    for (const [place, agent] of left) {
      if (agent.variables) continue;
      const found = known.get(agent.agentId) ?? {
        variables: (await api.getAgent(agent.agentId)).variables,
        readAtMs: nowMs,
      };
      known.set(agent.agentId, found);
      complete[place] = { ...agent, ...dropUndefined({ variables: found.variables }) };
    }
  };
  await Promise.all(Array.from({ length: Math.min(readAtOnce, rows.length) }, read));
  return complete;
}
