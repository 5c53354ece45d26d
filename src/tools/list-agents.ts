import { z } from "zod";
import type { BatchCallApi, VoiceAgent } from "../client/api.ts";
import { plainText } from "../domain/text.ts";
import { lines } from "./shared/batch-view.ts";
import { dropUndefined, pageEnd, pageInput, toPageEnd, toPageEndLines, toPageRequest } from "./shared/shapes.ts";
import { defineTool } from "./tool.ts";

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

  async run(input, { api }) {
    const page = toPageRequest(input);
    const { rows, hasMore } = await api.listAgents({ ...page, ...dropUndefined({ name: input.name }) });
    const agents = await withVariables(rows, api);
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

/** Lists of agents leave their variables out; each agent has to be asked for its own. */
async function withVariables(rows: readonly VoiceAgent[], api: BatchCallApi): Promise<readonly VoiceAgent[]> {
  const complete: VoiceAgent[] = [];
  for (let start = 0; start < rows.length; start += readAtOnce) {
    const some = rows.slice(start, start + readAtOnce);
    complete.push(...(await Promise.all(some.map((agent) => (agent.variables ? agent : api.getAgent(agent.agentId))))));
  }
  return complete;
}
