import type { BatchCallApi } from "../../client/api.ts";
import type { ResultLine, Results } from "../../contacts/results-file.ts";
import type { Task } from "../../domain/batch/batch.ts";
import type { ContactList, ListRow } from "../../domain/list/list.ts";
import { Problem } from "../../domain/problem.ts";
import type { ToolContext } from "../tool.ts";
import type { ReadCalls } from "./call-details.ts";
import { walkRowPages } from "./list-rows.ts";
import { toFateResult, toTaskResult } from "./result-fields.ts";
import { collectPages } from "./shapes.ts";

/** A million recipients, against a batch that never ends. */
const mostPages = 10_000;
const linesAtOnce = 500;

type Sources = {
  readonly api: Pick<BatchCallApi, "listTasks">;
  readonly lists: ToolContext["lists"];
  readonly readCalls: ReadCalls;
};

/**
 * The rows of the list that a batch was made of with what came of each, in the order of the list; then the recipients whom the list
 * does not have. Only the recipients, at most a batch full, are in memory; the rows of the list come as they are asked for.
 */
export async function readResults(batchId: string, sources: Sources): Promise<Results & { readonly listId?: string }> {
  const { api, lists, readCalls } = sources;
  const tasks = await collectPages((page) => api.listTasks(batchId, page), mostPages);
  const list = await lists.ofBatch(batchId);
  if (!list) return { columns: [], lines: withoutList(tasks, (task) => task.row, readCalls) };
  const byRow = await groupByRow(tasks, list, lists);
  return { columns: list.shape.columns, lines: joinRows(byRow, list, sources), listId: list.listId };
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
  { lists, readCalls }: Sources,
): AsyncGenerator<readonly ResultLine[], void, undefined> {
  const others = byRow.get(0) ?? [];
  byRow.delete(0);
  for await (const rows of walkRowPages(list.listId, {}, lists)) {
    const joined = rows.flatMap((row): readonly JoinedRow[] => {
      const tasks = byRow.get(row.row) ?? [];
      byRow.delete(row.row);
      const own = tasks.filter((task) => tasks.length === 1 || !isFallbackOf(row, task));
      others.push(...tasks.filter((task) => !own.includes(task)));
      return own.length === 0 ? [{ row }] : own.map((task) => ({ row, task }));
    });
    const { calls, missing } = await readCalls(joined.flatMap(({ task }) => task ?? []));
    yield joined.map(({ row, task }): ResultLine => {
      const place = toCells(row);
      if (!task) return { ...place, result: toFateResult(row, list) };
      const zone = list.plan.timezone === undefined ? undefined : place.cells[list.plan.timezone];
      return {
        ...place,
        ...toTaskResult(task, calls.get(task.callId ?? ""), {
          row: row.row,
          zone,
          missing: missing.get(task.callId ?? ""),
        }),
      };
    });
  }
  yield* withoutList([...others, ...[...byRow.values()].flat()], () => undefined, readCalls);
}

/** A row that was given another number after a call has one recipient for each. */
type JoinedRow = { readonly row: ListRow; readonly task?: Task };

/** Somebody else may have been added under a number that a row only falls back to: the row is that of its own number. */
function isFallbackOf({ fate }: ListRow, { toNumber }: Task): boolean {
  return fate.kind === "accepted" && (fate.fallbackNumbers ?? []).some((number) => number === toNumber);
}

async function* withoutList(
  tasks: readonly Task[],
  rowOf: (task: Task) => number | undefined,
  readCalls: ReadCalls,
): AsyncGenerator<readonly ResultLine[], void, undefined> {
  for (let at = 0; at < tasks.length; at += linesAtOnce) {
    const some = tasks.slice(at, at + linesAtOnce);
    const { calls, missing } = await readCalls(some);
    yield some.map((task) => ({
      cells: [],
      ...toTaskResult(task, calls.get(task.callId ?? ""), {
        row: rowOf(task),
        missing: missing.get(task.callId ?? ""),
      }),
    }));
  }
}

function toCells({ cells, changed = {}, fault }: ListRow): Pick<ResultLine, "cells" | "unplaced"> {
  return fault === undefined ? { cells: cells.map((cell, at) => changed[at] ?? cell) } : { cells: [], unplaced: cells };
}

const toldEvery = 5000;

/** The same results, whose rows are counted while they are read; whoever listens hears of it. Stops when the caller gave up waiting. */
export function countLines(
  { columns, lines }: Results,
  { progress, signal }: Pick<ToolContext, "progress" | "signal">,
): Results & { readonly count: () => number; readonly missing: () => number } {
  let [count, told, missing] = [0, 0, 0];
  async function* counted(): AsyncGenerator<readonly ResultLine[], void, undefined> {
    try {
      for await (const some of lines) {
        signal.throwIfAborted();
        yield some;
        count += some.length;
        missing += some.filter(({ result }) => result.missing !== undefined).length;
        if (count - told < toldEvery) continue;
        told = count;
        progress?.(count, `${count.toLocaleString("en-US")} rows written`);
      }
    } catch (error) {
      throw error instanceof Problem ? notWritten(error) : error;
    }
  }
  return { columns, lines: counted(), count: () => count, missing: () => missing };
}

function notWritten(cause: Problem): Problem {
  const message = `${cause.message} The results could not be read to their end, so no file was written. Try again.`;
  return new Problem(cause.code, message, { cause, issues: cause.issues });
}
