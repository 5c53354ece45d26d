import type { Batch, Task } from "../../domain/batch/batch.ts";
import type { Exclude } from "../../domain/list/exclude.ts";
import { toTodaysNumber } from "../../domain/phone/phone-number.ts";
import { todaysNumberOf } from "../../domain/phone/todays-number.ts";
import { Problem } from "../../domain/problem.ts";
import { queueInFront } from "../../domain/queue-in-front.ts";
import { counted } from "../../domain/text.ts";
import type { RowRules } from "../../lists/lists.ts";
import type { ToolContext } from "../tool.ts";
import type { BatchInput } from "./batch-input.ts";
import { collectTasks } from "./collect-tasks.ts";
import { toCallText } from "./list-repairs.ts";
import { invalidInput } from "./parse-input.ts";
import { listOfBatch } from "./rows-of-tasks.ts";

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

/**
 * Finds whom a list leaves out, by numbers in today's form. Batches are read once, however often it is asked. The calls of
 * `exceptBatches` do not count: those that are made of the list, or that it calls people of again.
 *
 * It throws `invalid_input` for a batch that is not there, and `unsupported` where an API does not tell when its calls were.
 */
export function buildExclusions(
  context: ToolContext,
  exceptBatches: readonly (string | undefined)[] = [],
): FindExcluded & RowRules["findExcluded"] {
  const people = new Map<string, Promise<ReadonlySet<string>>>();
  const peopleOf = (id: string): Promise<ReadonlySet<string>> => {
    const known = people.get(id) ?? readPeople(id, context);
    people.set(id, known);
    return known;
  };
  return async (numbers, exclude) => {
    const reasons = new Map(await findLately(numbers, exclude, context, exceptBatches));
    for (const id of exclude.batchIds) {
      const excluded = await peopleOf(id);
      const found = numbers.filter((number) => excluded.has(todaysNumberOf(number)));
      for (const number of found) reasons.set(number, `Is left out: it is in ${id}.`);
    }
    return reasons;
  };
}

/** Everybody whom a batch has, by each of their numbers. */
async function readPeople(id: string, context: ToolContext): Promise<ReadonlySet<string>> {
  const tasks = await collectTasks(id, context).catch((error: unknown) => {
    throw error instanceof Problem && error.code === "not_found" ? unknownBatch(id) : error;
  });
  const numbers = tasks.flatMap((task) => [...numbersOf(task), ...(task.dials ?? []).map(({ toNumber }) => toNumber)]);
  return new Set(numbers.map(toTodaysNumber));
}

function numbersOf({ toNumber, fallbackNumber }: Task): readonly string[] {
  return fallbackNumber === undefined ? [toNumber] : [toNumber, fallbackNumber];
}

function unknownBatch(id: string): Problem {
  const message = `There is no batch ${JSON.stringify(id.slice(0, 80))} (any more), so nobody knows whom it had. Take ids from list_batches. A list that was made with it is made again, without it, of its own source.`;
  return invalidInput([{ field: "exclude.batch_ids", code: "unknown_batch", message }], "may_dial");
}

async function findLately(
  numbers: readonly string[],
  { calledWithinDays: called = 0, reachedWithinDays: reached = 0 }: Exclude,
  context: ToolContext,
  exceptBatches: readonly (string | undefined)[],
): Promise<readonly (readonly [number: string, why: string])[]> {
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
  return found.flatMap(({ toNumber, calledAt, batchId, reached: last }): (readonly [string, string])[] => {
    const number = given.get(toNumber) ?? toNumber;
    if (last && isWithin(last.at, reached))
      return [[number, `Is left out: reached ${toMinute(last.at)} by ${last.batchId}.`]];
    return isWithin(calledAt, called) ? [[number, `Is left out: called ${toMinute(calledAt)} by ${batchId}.`]] : [];
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
  const reasons = await buildExclusions(context, [id, list.fromBatch])(waiting.flatMap(numbersOf), list.exclude);
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
