import { Problem } from "../domain/problem.ts";
import { plainText } from "../domain/text.ts";
import { maxPageSize } from "../tools/arguments/shapes.ts";
import { getListTool } from "../tools/get-list.ts";
import { stateOfBatch } from "./batch-state.ts";
import { readByTool } from "./read-by-tool.ts";
import {
  type ListedResource,
  longestListedName,
  mostCompletions,
  mostListed,
  type ReadContext,
  type Resource,
} from "./resource.ts";

export const listResource: Resource = {
  name: "list",
  title: "A list of contacts",
  description: `What became of a list's rows, with the first ${maxPageSize} of them; as get_list.`,
  toolset: "lists",
  uriTemplate: "list://{list_id}",
  mimeType: "application/json",
  read: (id, context) => readByTool(getListTool, { list_id: id, limit: maxPageSize }, context),
  state: stateOfList,
  list: listRecentLists,
  complete: completeListIds,
};

async function stateOfList(id: string, context: ReadContext): Promise<string> {
  const { lists, owner } = context;
  const { rows } = await lists.get(id, owner);
  const batchIds = await lists.batchesOf(id);
  const latest = batchIds.at(-1);
  return JSON.stringify([rows, batchIds, latest !== undefined && (await stateOfBatch(latest, context).catch(deleted))]);
}

/** The list outlives a batch that was deleted. */
function deleted(error: unknown): string {
  if (error instanceof Problem && error.code === "not_found") return "deleted";
  throw error;
}

async function listRecentLists({ lists, owner }: ReadContext): Promise<readonly ListedResource[]> {
  const recent = await lists.recent(owner, mostListed);
  return recent.map(({ listId, source }) => ({ id: listId, name: plainText(source, longestListedName) }));
}

/** Ids of the caller's newest hundred lists that begin with `typed`, or whose file has it. */
async function completeListIds(typed: string, { lists, owner }: ReadContext): Promise<readonly string[]> {
  const wanted = typed.trim().toLowerCase();
  const recent = await lists.recent(owner, mostCompletions);
  return recent
    .filter(({ listId, source }) => listId.startsWith(wanted) || source.toLowerCase().includes(wanted))
    .map(({ listId }) => listId);
}
