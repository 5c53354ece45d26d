import { z } from "zod";
import { taskStatuses } from "../../domain/batch/batch.ts";
import type { ListChangeReport } from "../../domain/batch/list-change.ts";
import type { Recipient } from "../../domain/batch/plan.ts";
import { toTodaysNumber } from "../../domain/phone/phone-number.ts";
import { unwrap } from "../envelope.ts";
import { e164Shape, givenText, type Parsed, parseWith } from "../fields.ts";
import { maxTasks, type NewBatchTask, newTaskBody, toNewTask, toNewTaskBody } from "./create-batch.ts";
import { holdField } from "./grant.ts";

/** Body of POST and PUT /batch-call/{id}/tasks, extensions: people to add, or the whole list as it should be. */
export const tasksBody = z.strictObject({
  tasks: z.array(newTaskBody).min(1).max(maxTasks),
  hold: holdField,
});

export function toTasksBody(recipients: readonly Recipient[], hold: boolean): z.input<typeof tasksBody> {
  return { tasks: recipients.map(toNewTaskBody), hold };
}

/** A list in the body of a change. `hold`: see `holdField`. */
export type WantedTasks = { readonly tasks: readonly NewBatchTask[]; readonly hold: boolean };

export function fromTasksBody(body: unknown): Parsed<WantedTasks> {
  const parsed = parseWith(tasksBody, body);
  if (!parsed.ok) return parsed;
  return { ok: true, value: { tasks: parsed.value.tasks.map(toNewTask), hold: parsed.value.hold ?? false } };
}

const nobodyNamed = { error: "Name somebody in to_numbers or task_ids.", params: { code: "required" } };

/** Body of POST /batch-call/{id}/tasks/remove, an extension. */
export const removeTasksBody = z
  .strictObject({
    to_numbers: z.array(e164Shape).max(maxTasks).nullish(),
    task_ids: z.array(givenText()).max(maxTasks).nullish(),
  })
  .refine(({ to_numbers: numbers, task_ids: ids }) => (numbers?.length ?? 0) + (ids?.length ?? 0) > 0, nobodyNamed);

/** Whom to take out of a list. */
export type NamedTasks = { readonly numbers: readonly string[]; readonly taskIds: readonly string[] };

export function fromRemoveTasksBody(body: unknown): Parsed<NamedTasks> {
  const parsed = parseWith(removeTasksBody, body);
  if (!parsed.ok) return parsed;
  const { to_numbers: numbers, task_ids: taskIds } = parsed.value;
  return { ok: true, value: { numbers: (numbers ?? []).map(toTodaysNumber), taskIds: taskIds ?? [] } };
}

const count = z.int().nonnegative();
const notRemoved = z.object({ task_id: z.string(), to_number: z.string(), status: z.enum(taskStatuses) });

/** What a change did to a list, in the answers of the three routes. */
export const listChangeBody = z.object({
  added: count,
  changed: count.describe("People on the list who are to hear something else, or to be called after all."),
  unchanged: count.describe("People who are named and were as asked for before."),
  removed: count,
  not_removed: z.array(notRemoved).describe("Their call is under way or over."),
  not_found: count.describe("Named and not on the list."),
  suppressed: count.describe("Of those added or changed: on the do-not-call list, not called."),
});

export function toListChangeBody({ notRemoved: kept, notFound, ...counts }: ListChangeReport) {
  const shown = kept.map(({ taskId, toNumber, status }) => ({ task_id: taskId, to_number: toNumber, status }));
  return { ...counts, not_found: notFound, not_removed: shown };
}

const changedListReading = z.object({ list_change: listChangeBody });

/** The report of a change; undefined for an answer that has none. */
export function fromListChangeBody(body: unknown): ListChangeReport | undefined {
  const reading = changedListReading.safeParse(unwrap(body));
  if (!reading.success) return undefined;
  const { not_removed: kept, not_found: notFound, ...counts } = reading.data.list_change;
  const notRemovedTasks = kept.map((task) => ({
    taskId: task.task_id,
    toNumber: task.to_number,
    status: task.status,
  }));
  return { ...counts, notFound, notRemoved: notRemovedTasks };
}
