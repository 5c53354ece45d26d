import type { TableShape } from "../domain/list/table.ts";
import type { HeadStore } from "./head-store.ts";
import type { ListChoices } from "./lists.ts";

/** What tables of one shape have in common: the names of their columns. */
export function headerOf({ columns }: TableShape): string {
  return JSON.stringify(columns);
}

/** With the columns that were given before for this agent and such a table, where none are given now; and a word about it. */
export function withRemembered(
  heads: HeadStore,
  shape: TableShape,
  choices: ListChoices,
  owner: string,
): ListChoices & { readonly said?: readonly string[] } {
  const { agent, columns, plan } = choices;
  const isOpen = agent !== undefined && columns === undefined && plan === undefined && shape.headerRow !== undefined;
  const remembered = isOpen ? heads.recall(owner, agent.agentId, headerOf(shape)) : undefined;
  if (remembered === undefined) return choices;
  const names = Object.entries(remembered).map(
    ([wanted, column]) => `${wanted} from ${JSON.stringify([column].flat().join(", "))}`,
  );
  return { ...choices, columns: remembered, said: [`As for this agent before: ${names.join(", ")}.`] };
}
