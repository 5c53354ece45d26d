import type { NamedTasks, WantedTasks } from "../../contract/batch/change-list.ts";
import { maxTasks, type NewBatchTask } from "../../contract/batch/create-batch.ts";
import { present } from "../../contract/fields.ts";
import { callerIdsOf } from "../../domain/batch/caller-ids.ts";
import type { ListChangeReport } from "../../domain/batch/list-change.ts";
import { isLeaving } from "../../domain/batch/taken-out.ts";
import { toTodaysNumber } from "../../domain/phone/phone-number.ts";
import { counted } from "../../domain/text.ts";
import type { ListChange, NewTask, StoredBatch, StoredTask } from "../store/index.ts";
import { isOnList, isUnderWay } from "../store/index.ts";
import { refuseCallers, refuseClashes, uniqueTasks } from "./batches.ts";
import { refuseClockless } from "./recipient-clocks.ts";
import { invalid } from "./refusal.ts";

/** What is to be done to a list, and what the answer tells of it. `added`, `changed` and `removed` are counted from the lists. */
export type PlannedListChange = ListChange & Pick<ListChangeReport, "unchanged" | "notRemoved" | "notFound">;

/** A wish for a list: more people, fewer, or exactly these. */
export type WantedList =
  | ({ readonly kind: "append" | "replace" } & WantedTasks)
  | ({ readonly kind: "remove" } & NamedTasks);

/** Plans a change in view of the list as it is. Throws the 400 for a list that no batch may have. */
export function planListChange(
  batch: StoredBatch,
  current: readonly StoredTask[],
  wanted: WantedList,
  now: Date,
): PlannedListChange {
  const callerIds = callerIdsOf(batch.fromNumber, batch.rules.moreFromNumbers);
  if (wanted.kind !== "remove") {
    refuseCallers(callerIds, wanted.tasks);
    refuseClockless(batch, uniqueTasks(wanted.tasks), now);
  }
  const change = wanted.kind === "remove" ? planRemoval(batch, current, wanted) : planTasks(batch, current, wanted);
  refuseClashes(callerIds, waitingAfter(current, change));
  const left = current.filter(isOnList).length + comeBack(change.changed) + change.added.length - change.removed.length;
  if (left > maxTasks) throw invalid(tooMany(left));
  if (left === 0 && batch.status === "draft" && change.removed.length > 0) throw invalid(nobodyLeft);
  return change;
}

/** Those who may still be called once the change was made. */
function waitingAfter(current: readonly StoredTask[], { added, changed, removed }: ListChange): readonly NewTask[] {
  const others = new Set([...changed, ...removed].map(({ id }) => id));
  const kept = current.filter(({ id, status }) => !others.has(id) && (status === "pending" || status === "calling"));
  return [...kept, ...changed, ...added];
}

function planTasks(
  batch: StoredBatch,
  current: readonly StoredTask[],
  { kind, tasks }: { readonly kind: "append" | "replace"; readonly tasks: readonly NewBatchTask[] },
): PlannedListChange {
  const byNumber = new Map(current.map((task) => [phoneOf(task), task]));
  const wanted = uniqueTasks(tasks);
  const isChanged = (task: StoredTask, to: NewTask) =>
    !isOnList(task) ||
    (isUnderWay(task) && isLeaving(task.reason)) ||
    (kind === "replace" && (task.status === "pending" ? !isSame(task, to) : hasOtherFallback(task, to)));
  const changed = wanted.flatMap((to) => {
    const task = byNumber.get(to.toNumber);
    return task && isChanged(task, to) ? [rewritten(task, to)] : [];
  });
  const lastRow = current.reduce((last, { row }) => Math.max(last, row), 0);
  const added = wanted
    .filter(({ toNumber }) => !byNumber.has(toNumber))
    .map((task, place) => ({ ...task, row: lastRow + 1 + place }));
  const kept = new Set(wanted.map(({ toNumber }) => toNumber));
  const left = kind === "replace" ? current.filter((task) => isOnList(task) && !kept.has(phoneOf(task))) : [];
  return {
    added,
    changed,
    unchanged: wanted.length - added.length - changed.length,
    ...toRemoval(batch, left),
    notFound: 0,
  };
}

function planRemoval(batch: StoredBatch, current: readonly StoredTask[], named: NamedTasks): PlannedListChange {
  const numbers = new Set(named.numbers);
  const ids = new Set(named.taskIds);
  const found = current.filter((task) => numbers.has(phoneOf(task)) || ids.has(task.id));
  const known = new Set(found.flatMap((task) => [task.id, phoneOf(task)]));
  const removal = toRemoval(batch, found.filter(isOnList));
  const unchanged = found.length - removal.removed.length - removal.notRemoved.length;
  return {
    added: [],
    changed: [],
    unchanged,
    ...removal,
    notFound: [...numbers, ...ids].filter((name) => !known.has(name)).length,
  };
}

/** What a request calls the phone of somebody whom an earlier version may have stored in a form that its country has retired. */
function phoneOf({ toNumber }: StoredTask): string {
  return toTodaysNumber(toNumber);
}

/**
 * Who waits is removed, whoever was cancelled is not called anyway, and nothing takes back a call: one that is under way ends, and is the
 * last one to that person.
 */
function toRemoval({ status }: StoredBatch, tasks: readonly StoredTask[]) {
  const isRemovable = (task: StoredTask) => status === "draft" || task.status === "pending";
  return {
    removed: tasks.filter(isRemovable),
    leaving: tasks.filter((task) => !isRemovable(task) && isUnderWay(task)),
    notRemoved: tasks
      .filter((task) => !isRemovable(task) && task.status !== "cancelled")
      .map(({ id: taskId, toNumber, status: taskStatus }) => ({ taskId, toNumber, status: taskStatus })),
  };
}

/** Whom a call under way does not reach is not called on a fallback number that the list has no more. */
function hasOtherFallback({ status, fallbackNumber, fallbackAfter }: StoredTask, to: NewTask): boolean {
  return status === "calling" && fallbackAfter === undefined && fallbackNumber !== to.fallbackNumber;
}

/** Where the turn is that of a fallback number and there is another one now, that one gets all its attempts. */
function rewritten(task: StoredTask, to: NewTask): StoredTask {
  const { variables, maxRetries, fallbackNumber, timezone, notBefore } = to;
  const { maxRetries: _r, fallbackNumber: before, fallbackAfter, timezone: _z, notBefore: _n, ...kept } = task;
  if (isUnderWay(task)) {
    const { maxRetries: retries, timezone: zone, notBefore: from } = task;
    return { ...kept, ...present({ maxRetries: retries, timezone: zone, notBefore: from, fallbackNumber }) };
  }
  const after = fallbackAfter !== undefined && fallbackNumber !== before ? task.attemptCount : fallbackAfter;
  return { ...kept, variables, ...present({ maxRetries, fallbackNumber, fallbackAfter: after, timezone, notBefore }) };
}

function comeBack(changed: readonly StoredTask[]): number {
  return changed.filter((task) => !isOnList(task)).length;
}

function isSame(a: NewTask, b: NewTask): boolean {
  return (
    a.maxRetries === b.maxRetries &&
    a.fallbackNumber === b.fallbackNumber &&
    a.timezone === b.timezone &&
    a.notBefore?.getTime() === b.notBefore?.getTime() &&
    wordsOf(a) === wordsOf(b)
  );
}

/** Variables in one order, whichever way they were written. */
function wordsOf({ variables }: NewTask): string {
  return JSON.stringify(Object.entries(variables).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function tooMany(left: number) {
  const message = `The batch call would have ${counted(left, "recipient")}; at most ${maxTasks.toLocaleString("en-US")} are accepted. Nothing was changed.`;
  return { field: "tasks", code: "too_large", message };
}

const nobodyLeft = {
  field: "to_numbers",
  code: "nobody_left",
  message: "Nobody would be left on the list of this draft. Nothing was changed; delete the draft instead.",
};
