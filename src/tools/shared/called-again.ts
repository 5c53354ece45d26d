import type { Task } from "../../domain/batch/batch.ts";
import type { BatchPlan } from "../../domain/batch/plan.ts";
import type { ContactList } from "../../domain/list/list.ts";
import { toTodaysNumber } from "../../domain/phone/phone-number.ts";
import { type Issue, Problem } from "../../domain/problem.ts";
import { counted } from "../../domain/text.ts";
import type { ToolContext } from "../tool.ts";
import { collectTasks } from "./collect-tasks.ts";
import { invalidInput } from "./parse-input.ts";
import { standingOf } from "./standings.ts";

/**
 * People who are called again by another batch already are not called by a second one: who asks once more while a batch is running
 * would have them called twice. Throws `invalid_input`; a repeat of the request that made that batch is no other one.
 */
export async function requireNotAgainTwice(
  { fromBatch: id }: ContactList,
  plan: BatchPlan,
  context: ToolContext,
): Promise<void> {
  const { lists, campaigns, principal } = context;
  const others = id === undefined ? [] : await lists.retriesOf(id);
  if (id === undefined || others.length === 0 || (await campaigns.findSame(plan, principal))) return;
  const people = new Set(plan.recipients.map(({ toNumber }) => String(toNumber)));
  for (const other of others) {
    const tasks = await collectTasks(other, context).catch(noneWhereDeleted);
    const twice = tasks.filter(
      (task) => people.has(toTodaysNumber(task.toNumber)) && standingOf(task, undefined) !== "cancelled",
    );
    if (twice.length > 0) throw invalidInput([calledBy(other, id, twice.length)], "may_dial");
  }
}

function calledBy(other: string, id: string, count: number): Issue {
  const who = counted(count, "of these people is", "of these people are");
  const message = `${who} called again by ${other} already (get_batch_status). When it has ended, go on from there: from_batch {batch_id: ${JSON.stringify(other)}} in place of ${id}. allow_duplicate of create_batch_call calls them by both.`;
  return { field: "from_batch", code: "called_again_already", message };
}

function noneWhereDeleted(error: unknown): readonly Task[] {
  if (error instanceof Problem && error.code === "not_found") return [];
  throw error;
}
