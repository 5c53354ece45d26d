import type { Batch, Task } from "../../domain/batch/batch.ts";
import type { Exclude } from "../../domain/list/exclude.ts";
import { todaysNumberOf } from "../../domain/phone/todays-number.ts";
import { type Issue, isIssue, Problem } from "../../domain/problem.ts";
import { queueInFront } from "../../domain/queue-in-front.ts";
import { counted } from "../../domain/text.ts";
import { mapAtOnce } from "../../lib/at-once.ts";
import type { RowRules } from "../../lists/lists.ts";
import { invalidInput } from "../arguments/parse-input.ts";
import { collectTasks } from "../calls/collect-tasks.ts";
import { listOfBatch } from "../calls/rows-of-tasks.ts";
import type { BatchInput } from "../rules/batch-input.ts";
import type { Effect, ToolContext } from "../tool.ts";
import { toCallText } from "../words/call-text.ts";
import { type ExcludedPeople, nameBatch, readExcluded } from "./excluded-people.ts";

const dayMs = 24 * 60 * 60 * 1000;

/** What the argument says; undefined where it leaves nobody out. */
export function toExclude({ exclude }: Pick<BatchInput, "exclude">): Exclude | undefined {
  const { batch_ids: ids = [], called_within_days: called, reached_within_days: reached } = exclude ?? {};
  if (ids.length === 0 && called === undefined && reached === undefined) return undefined;
  return {
    batchIds: [...new Set(ids)].sort(),
    ...(called !== undefined && { calledWithinDays: called }),
    ...(reached !== undefined && { reachedWithinDays: reached }),
  };
}

/** Of some numbers those that are left out, with the reason. */
type FindExcluded = (numbers: readonly string[], exclude: Exclude) => Promise<ReadonlyMap<string, string>>;

/** Whose calls do not count: `exceptBatches` are those that are made of the list, or that it calls people of again. */
type Exceptions = { readonly exceptBatches?: readonly (string | undefined)[]; readonly effect?: Effect };

/**
 * Finds whom a list leaves out, by numbers in today's form. Batches are read once, however often it is asked.
 *
 * It throws `invalid_input`, as is said of a tool with that `effect`, with each batch of which nobody knows whom it had, and `unsupported`
 * where an API does not tell when its calls were.
 */
export function buildExclusions(
  context: ToolContext,
  { exceptBatches = [], effect = "may_dial" }: Exceptions = {},
): FindExcluded & RowRules["findExcluded"] {
  const people = onceEach((id) => readExcluded(id, context));
  const names = onceEach((id) => nameBatch(id, context));
  return async (numbers, exclude) => {
    const reasons = new Map<string, string>();
    for (const { number, batchId, how } of await findLately(numbers, exclude, context, exceptBatches))
      reasons.set(number, `Is left out: ${how} by ${await names(batchId)}.`);
    const found = await mapAtOnce(exclude.batchIds, batchesAtOnce, people);
    const issues = found.filter(isIssue);
    if (issues.length > 0) throw invalidInput(issues, effect);
    for (const excluded of found.filter(isPeople)) {
      for (const number of numbers) {
        const batchId = excluded.get(todaysNumberOf(number));
        if (batchId !== undefined) reasons.set(number, `Is left out: it is in ${await names(batchId)}.`);
      }
    }
    return reasons;
  };
}

/** Batches that are read at a time. */
const batchesAtOnce = 2;

function isPeople(found: ExcludedPeople | Issue): found is ExcludedPeople {
  return !isIssue(found);
}

/** The same work for the same id is done once. */
function onceEach<T>(work: (id: string) => Promise<T>): (id: string) => Promise<T> {
  const done = new Map<string, Promise<T>>();
  return (id) => {
    const known = done.get(id) ?? work(id);
    done.set(id, known);
    return known;
  };
}

function numbersOf({ toNumber, fallbackNumber }: Task): readonly string[] {
  return fallbackNumber === undefined ? [toNumber] : [toNumber, fallbackNumber];
}

type LatelyCalled = { readonly number: string; readonly batchId: string; readonly how: string };

async function findLately(
  numbers: readonly string[],
  { calledWithinDays: called = 0, reachedWithinDays: reached = 0 }: Exclude,
  context: ToolContext,
  exceptBatches: readonly (string | undefined)[],
): Promise<readonly LatelyCalled[]> {
  if (called === 0 && reached === 0) return [];
  const { api, clock } = context;
  if (!(await api.hasBrake())) throw untold();
  const now = clock.now().getTime();
  const since = Math.max(0, now - Math.max(called, reached) * dayMs);
  const given = new Map(numbers.map((number) => [todaysNumberOf(number), number]));
  const found = await api.recentCalls({
    numbers: [...given.keys()],
    since: new Date(since),
    exceptBatchIds: await batchesOf(exceptBatches, context),
  });
  const isWithin = (at: Date, days: number): boolean => days > 0 && at.getTime() >= now - days * dayMs;
  return found.flatMap(({ toNumber, calledAt, batchId, reached: last }): readonly LatelyCalled[] => {
    const number = given.get(toNumber) ?? toNumber;
    if (last && isWithin(last.at, reached))
      return [{ number, batchId: last.batchId, how: `reached ${toMinute(last.at)}` }];
    return isWithin(calledAt, called) ? [{ number, batchId, how: `called ${toMinute(calledAt)}` }] : [];
  });
}

/** The batches of the API that some ids stand for: those of a group are its parts. */
export async function batchesOf(
  ids: readonly (string | undefined)[],
  { campaigns }: ToolContext,
): Promise<readonly string[]> {
  return (await Promise.all(ids.map((id) => partsOf(id, campaigns)))).flat();
}

async function partsOf(id: string | undefined, campaigns: ToolContext["campaigns"]): Promise<readonly string[]> {
  if (id === undefined) return [];
  const parts = await campaigns.partsOf(id);
  return parts ? parts.flatMap(({ batchId }) => batchId ?? []) : [id];
}

/** `2026-03-02T15:00Z` */
function toMinute(at: Date): string {
  return `${at.toISOString().slice(0, 16)}Z`;
}

function untold(): Problem {
  const message = `This API does not tell when its calls were, so nobody can be left out by that. Nothing was created. Name the batches in which they were called: exclude {batch_ids: […]}, from list_batches. ${queueInFront("knows when its own calls were")}`;
  return new Problem("unsupported", message);
}

/**
 * Throws `wrong_state` where people of a batch that has not begun are excluded by now, because they were called since it was made: what
 * its list leaves out holds when it starts as well.
 */
export async function requireStillOpen({ batchId: id, status }: Batch, context: ToolContext): Promise<void> {
  const list = await listOfBatch(id, context);
  if (!list?.exclude || (status !== "draft" && status !== "scheduled")) return;
  const tasks = await collectTasks(id, context);
  const waiting = tasks.filter((task) => task.status === "pending");
  const reasons = await buildExclusions(context, { exceptBatches: [id, list.fromBatch], effect: "dials" })(
    waiting.flatMap(numbersOf),
    list.exclude,
  );
  const count = waiting.filter((task) => numbersOf(task).some((number) => reasons.has(number))).length;
  if (count === 0) return;
  const who = counted(count, "person of it is", "people of it are");
  const isEverybody = count === waiting.length;
  const repair = isEverybody
    ? `Nobody else waits in it: ${toCallText("cancel_batch", { batch_id: id })} ends it.`
    : `${toCallText("update_batch", { batch_id: id, list_id: list.listId })} takes them out; then start it.`;
  const message = `${id} was made to leave people out, and ${who} to be left out by now. Nothing was started and nobody was called. ${repair}`;
  throw new Problem("wrong_state", message);
}
