import type { Task } from "../../domain/batch/batch.ts";
import { isGroupId } from "../../domain/batch/group.ts";
import { toTodaysNumber } from "../../domain/phone/phone-number.ts";
import { type Issue, isIssue, Problem } from "../../domain/problem.ts";
import { maxPageSize } from "../arguments/shapes.ts";
import { collectTasks } from "../calls/collect-tasks.ts";
import type { ToolContext } from "../tool.ts";
import { toArgumentsText, toCallText } from "../words/call-text.ts";

/** Of everybody whom a batch has, each of their numbers in today's form, and the batch: a part where they are linked. */
export type ExcludedPeople = ReadonlyMap<string, string>;

/**
 * Everybody whom the batch of an entry of `exclude.batch_ids` has; or why nobody can tell whom it had, and what helps. Linked batches
 * count only when each of their parts can be read: whoever is in another part would be called.
 */
export async function readExcluded(id: string, context: ToolContext): Promise<ExcludedPeople | Issue> {
  const parts = isGroupId(id) ? await readParts(id, context) : [id];
  if (isIssue(parts)) return parts;
  const people = new Map<string, string>();
  for (const part of parts) {
    const numbers = await readNumbers(part, context);
    if (isIssue(numbers)) return numbers;
    for (const number of numbers) people.set(number, part);
  }
  return people;
}

/** What a batch is called where it is told of: with its place among linked ones, which is what their id alone does not say. */
export async function nameBatch(id: string, { campaigns }: Pick<ToolContext, "campaigns">): Promise<string> {
  const groupId = await campaigns.groupOf(id);
  const parts = groupId === undefined ? undefined : await campaigns.partsOf(groupId);
  const part = parts?.find(({ batchId }) => batchId === id)?.part;
  return part === undefined ? id : `${id}, part ${part} of ${groupId}`;
}

async function readParts(id: string, { api, campaigns }: ToolContext): Promise<readonly string[] | Issue> {
  const parts = await campaigns.partsOf(id);
  if (!parts) {
    const there =
      "groups are known where they were made, in the data directory of this server. Give its parts, which list_batches shows as batches of their own";
    return unknown(`There is no group ${shown(id)} here: ${there}.`);
  }
  const { parts: standing = [] } = await api.getBatch(id);
  const ids = parts.flatMap(({ batchId }) => batchId ?? []);
  const gone = standing.flatMap(({ batchId, status: of }) =>
    of === "deleted" && batchId !== undefined ? batchId : [],
  );
  if (gone.length > 0) {
    const named = parts.filter(({ batchId }) => batchId !== undefined && gone.includes(batchId));
    const which = named.map(({ part, batchId }) => `part ${part} (${batchId})`).join(", ");
    const others = ids.filter((part) => !gone.includes(part));
    const next = others.length === 0 ? withoutIt : `To leave out whom the others have: exclude ${batchIds(others)}.`;
    return unknown(
      `Of ${id} nobody knows whom ${which} of ${parts.length} had: the API has deleted ${one(gone, "it", "them")}. ${next}`,
    );
  }
  if (!standing.some(({ status }) => status === "not_created")) return ids;
  const missing = parts.filter(({ batchId, recipients }) => batchId === undefined && recipients > 0);
  const which = missing.map(({ part }) => part).join(", ");
  const next = `Repeat its create_batch_call, which makes ${one(missing, "it", "them")}, or end it: ${toCallText("cancel_batch", { batch_id: id })}. Then make this call again.`;
  const message = `${id} is half made: part ${which} of ${parts.length} is missing, so the API does not know whom it is to call. ${next}`;
  return { field, code: "half_made", message };
}

async function readNumbers(id: string, context: ToolContext): Promise<readonly string[] | Issue> {
  try {
    const tasks = await collectTasks(id, context);
    return tasks.flatMap(numbersOf).map(toTodaysNumber);
  } catch (error) {
    if (error instanceof Problem && error.code === "not_found") return notThere(id, error, context);
    throw error;
  }
}

/** Also those on which they were called and that they do not have any more. */
function numbersOf({ toNumber, fallbackNumber, dials = [] }: Task): readonly string[] {
  return [toNumber, ...(fallbackNumber === undefined ? [] : [fallbackNumber]), ...dials.map((dial) => dial.toNumber)];
}

/** For what names no batch of which somebody knows the people: what it is instead, as far as that can be found out. */
async function notThere(id: string, error: Problem, context: ToolContext): Promise<Issue> {
  const name = await nameBatch(id, context);
  if (name !== id) return unknown(`${name}, no longer exists, so nobody knows whom it had. ${withoutIt}`);
  const known = await context.api.getBatch(id).catch(() => undefined);
  if (known) return unknown(`${error.message} ${withoutIt}`);
  const meant = id.startsWith("list_") ? await batchesOfList(id, context) : await batchesNamed(id, context);
  if (meant) return unknown(meant);
  return unknown(
    `There is no batch ${shown(id)} (any more), so nobody knows whom it had. Take ids from list_batches. ${withoutIt}`,
  );
}

async function batchesOfList(id: string, { lists, owner }: ToolContext): Promise<string | undefined> {
  const list = await lists.get(id, owner).catch(() => undefined);
  if (!list) return undefined;
  const made = await lists.batchesOf(id);
  const instead =
    made.length > 0
      ? `To leave out whom the ${one(made, "batch", "batches")} made of it ${one(made, "has", "have")}: exclude ${batchIds(made)}.`
      : "No batch was made of it: nobody of it was called.";
  return `${id} is a list, and exclude takes batches. ${instead}`;
}

const mostNamed = 5;

/** The newest batches of exactly that name. */
async function batchesNamed(name: string, { api }: ToolContext): Promise<string | undefined> {
  const { rows } = await api.listBatches({ page: 0, limit: maxPageSize, name: [name] });
  const named = rows.filter((batch) => batch.name.toLowerCase() === name.trim().toLowerCase()).slice(0, mostNamed);
  if (named.length === 0) return undefined;
  const all = named.map(({ batchId, status }) => `${batchId} (${status})`).join(", ");
  const [only] = named;
  const next =
    named.length === 1 && only
      ? `exclude ${batchIds([only.batchId])}`
      : "exclude with the batch_ids of those that are meant";
  return `${shown(name)} is the name of ${all}; batches are excluded by their ids. Write ${next}.`;
}

const field = "exclude.batch_ids";
const withoutIt = "Call again without it; a list that was made with it is made again, without it, of its own source.";

function unknown(message: string): Issue {
  return { field, code: "unknown_batch", message };
}

function shown(id: string): string {
  return JSON.stringify(id.slice(0, 80));
}

function batchIds(ids: readonly string[]): string {
  return toArgumentsText({ batch_ids: ids });
}

function one(of: readonly unknown[], word: string, words: string): string {
  return of.length === 1 ? word : words;
}
