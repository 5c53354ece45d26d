import { mostCompletions, type ReadContext } from "../resources/resource.ts";
import { maxPageSize } from "../tools/arguments/shapes.ts";

/** Ids of agents that begin with `typed`, or whose name has it. */
export async function completeAgents(typed: string, { api }: ReadContext): Promise<readonly string[]> {
  const wanted = typed.trim().toLowerCase();
  const { rows } = await api.listAgents({ page: 0, limit: maxPageSize });
  return rows
    .filter(({ agentId, name = "" }) => agentId.toLowerCase().startsWith(wanted) || name.toLowerCase().includes(wanted))
    .map(({ agentId }) => agentId)
    .slice(0, mostCompletions);
}
