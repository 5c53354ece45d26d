import type { BatchCallApi } from "../../client/api.ts";
import type { Result, ResultLine, Results } from "../../contacts/results-file.ts";
import type { Task } from "../../domain/batch/batch.ts";
import type { ContactList, ListRow } from "../../domain/list/list.ts";
import { Problem } from "../../domain/problem.ts";
import type { ToolContext } from "../tool.ts";
import { toIssue } from "./list-issues.ts";
import { walkRowPages } from "./list-rows.ts";
import { collectPages, dropUndefined } from "./shapes.ts";

/** A million recipients, against a batch that never ends. */
const mostPages = 10_000;
const linesAtOnce = 500;

/**
 * The rows of the list that a batch was made of with what came of each, in the order of the list; then the recipients whom the list
 * does not have. Only the recipients, at most a batch full, are in memory; the rows of the list come as they are asked for.
 */
export async function readResults(
  batchId: string,
  { api, lists }: { readonly api: Pick<BatchCallApi, "listTasks">; readonly lists: ToolContext["lists"] },
): Promise<Results & { readonly listId?: string }> {
  const tasks = await collectPages((page) => api.listTasks(batchId, page), mostPages);
  const list = await lists.ofBatch(batchId);
  if (!list) return { columns: [], lines: withoutList(tasks, (task) => task.row) };
  const byRow = await groupByRow(tasks, list, lists);
  return { columns: list.shape.columns, lines: joinRows(byRow, list, lists), listId: list.listId };
}

/** Recipients by their row of the list; `0` has those whom the list does not have. */
async function groupByRow(
  tasks: readonly Task[],
  { listId }: ContactList,
  lists: ToolContext["lists"],
): Promise<Map<number, Task[]>> {
  const numbers = tasks.map(({ toNumber }) => toNumber);
  const rows = await lists.rowsOf(listId, numbers);
  const byRow = new Map<number, Task[]>();
  for (const task of tasks) {
    const row = rows.get(task.toNumber) ?? 0;
    const same = byRow.get(row);
    if (same) same.push(task);
    else byRow.set(row, [task]);
  }
  return byRow;
}

async function* joinRows(
  byRow: Map<number, Task[]>,
  list: ContactList,
  lists: ToolContext["lists"],
): AsyncGenerator<readonly ResultLine[], void, undefined> {
  const others = byRow.get(0) ?? [];
  byRow.delete(0);
  for await (const rows of walkRowPages(list.listId, {}, lists)) {
    yield rows.map((row) => {
      const [task, ...rest] = ownFirst(byRow.get(row.row) ?? [], row);
      byRow.delete(row.row);
      others.push(...rest);
      return toLine(row, task, list);
    });
  }
  yield* withoutList([...others, ...[...byRow.values()].flat()], () => undefined);
}

/** Somebody else may have been added under a number that a row only falls back to: the row is that of its own number. */
function ownFirst(tasks: readonly Task[], { fate }: ListRow): readonly Task[] {
  if (tasks.length < 2 || fate.kind === "refused") return tasks;
  return tasks.toSorted((a, b) => Number(b.toNumber === fate.toNumber) - Number(a.toNumber === fate.toNumber));
}

async function* withoutList(
  tasks: readonly Task[],
  rowOf: (task: Task) => number | undefined,
): AsyncGenerator<readonly ResultLine[], void, undefined> {
  for (let at = 0; at < tasks.length; at += linesAtOnce) {
    const some = tasks.slice(at, at + linesAtOnce);
    yield some.map((task) => ({ cells: [], result: toResult(task, rowOf(task)) }));
  }
}

function toLine(row: ListRow, task: Task | undefined, list: ContactList): ResultLine {
  const result = task ? toResult(task, row.row) : toFateResult(row, list);
  const { cells, changed = {}, fault } = row;
  if (fault !== undefined) return { cells: [], unplaced: cells, result };
  return { cells: cells.map((cell, index) => changed[index] ?? cell), result };
}

function toResult(task: Task, row: number | undefined): Result {
  return dropUndefined({
    row,
    to_number: task.toNumber,
    status: task.status,
    outcome: task.outcome,
    reason: task.reason,
    attempts: task.attempts,
    fallback_number: task.fallbackNumber,
    fallback_attempts: task.fallbackAttempts,
    call_id: task.callId,
  });
}

const notInBatch = "Is not in this batch: left out of it, taken out of it, or called by another one.";

/** Of a row that the batch does not have. */
function toFateResult(row: ListRow, list: ContactList): Result {
  const { fate } = row;
  return {
    row: row.row,
    ...(fate.kind !== "refused" && { to_number: fate.toNumber }),
    status: fate.kind === "accepted" ? "not_in_batch" : fate.kind,
    reason: toIssue(row, list)?.message ?? notInBatch,
  };
}

const toldEvery = 5000;

/** The same results, whose rows are counted while they are read; whoever listens hears of it. Stops when the caller gave up waiting. */
export function countLines(
  { columns, lines }: Results,
  { progress, signal }: Pick<ToolContext, "progress" | "signal">,
): Results & { readonly count: () => number } {
  let [count, told] = [0, 0];
  async function* counted(): AsyncGenerator<readonly ResultLine[], void, undefined> {
    try {
      for await (const some of lines) {
        signal.throwIfAborted();
        yield some;
        count += some.length;
        if (count - told < toldEvery) continue;
        told = count;
        progress?.(count, `${count.toLocaleString("en-US")} rows written`);
      }
    } catch (error) {
      throw error instanceof Problem ? notWritten(error) : error;
    }
  }
  return { columns, lines: counted(), count: () => count };
}

function notWritten(cause: Problem): Problem {
  const message = `${cause.message} The results could not be read to their end, so no file was written. Try again.`;
  return new Problem(cause.code, message, { cause, issues: cause.issues });
}
