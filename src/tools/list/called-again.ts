import type { Task } from "../../domain/batch/batch.ts";
import type { BatchPlan } from "../../domain/batch/plan.ts";
import type { ContactList } from "../../domain/list/list.ts";
import { toTodaysNumber } from "../../domain/phone/phone-number.ts";
import { type Issue, Problem } from "../../domain/problem.ts";
import { counted } from "../../domain/text.ts";
import { invalidInput } from "../arguments/parse-input.ts";
import { collectTasks } from "../calls/collect-tasks.ts";
import { standingOf } from "../calls/standings.ts";
import type { ToolContext } from "../tool.ts";

/**
 * People who are called again by another batch already are not called by a second one: who asks once more while a batch is running
 * would have them called twice. Throws `invalid_input`; a repeat of the request that made that batch is no other one.
 */
export async function requireNotAgainTwice(
  { fromBatch: id }: ContactList,
  plan: BatchPlan,
  context: ToolContext,
): Promise<void> {
  const { campaigns, principal } = context;
  const others = id === undefined ? [] : await retriesOf(id, context);
  if (id === undefined || others.length === 0 || (await campaigns.findSame(plan, principal))) return;
  const people = new Set(plan.recipients.map(({ toNumber }) => String(toNumber)));
  for (const other of others) {
    const twice = (await calledBy(other, context)).filter((task) => people.has(toTodaysNumber(task.toNumber)));
    if (twice.length > 0) throw invalidInput([calledTwice(other, id, twice)], "may_dial");
  }
}

/** The newest batch that calls people of that one again, or did; undefined where none does. */
export async function newestRetryOf(batchId: string, context: ToolContext): Promise<string | undefined> {
  for (const other of (await retriesOf(batchId, context)).toReversed())
    if ((await calledBy(other, context)).length > 0) return other;
  return undefined;
}

/** A group and its parts are the same people, so that a retry of one is a retry of the other. */
async function retriesOf(batchId: string, { lists, campaigns }: ToolContext): Promise<readonly string[]> {
  const [groupId, parts = []] = [await campaigns.groupOf(batchId), await campaigns.partsOf(batchId)];
  const ids = [batchId, groupId, ...parts.map((part) => part.batchId)];
  return lists.retriesOf(ids.filter((id) => id !== undefined));
}

/** Whom a batch called or may call yet; nobody where it was deleted. */
async function calledBy(batchId: string, context: ToolContext): Promise<readonly Task[]> {
  const tasks = await collectTasks(batchId, context).catch(noneWhereDeleted);
  return tasks.filter((task) => standingOf(task, undefined) !== "cancelled");
}

function calledTwice(other: string, id: string, twice: readonly Task[]): Issue {
  const isOver = !twice.some((task) => standingOf(task, undefined) === "in_progress");
  const who = isOver
    ? counted(twice.length, "of these people was", "of these people were")
    : counted(twice.length, "of these people is", "of these people are");
  const next = isOver ? "Go on from there" : "When it has ended, go on from there";
  const message = `${who} called again by ${other} already (get_batch_status). ${next}: from_batch {batch_id: ${JSON.stringify(other)}} in place of ${id}. allow_duplicate of create_batch_call calls them by both.`;
  return { field: "from_batch", code: "called_again_already", message };
}

function noneWhereDeleted(error: unknown): readonly Task[] {
  if (error instanceof Problem && error.code === "not_found") return [];
  throw error;
}
