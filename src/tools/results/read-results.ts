import type { BatchCallApi, Page, PageRequest } from "../../client/api.ts";
import type { ResultLine, Results } from "../../contacts/results-file.ts";
import type { Task } from "../../domain/batch/batch.ts";
import type { ContactList, ListRow } from "../../domain/list/list.ts";
import { untrimmed } from "../../domain/list/table.ts";
import { Problem } from "../../domain/problem.ts";
import { counted } from "../../domain/text.ts";
import { dropUndefined, maxPageSize, mostTaskPages } from "../arguments/shapes.ts";
import type { ReadCalls } from "../calls/call-details.ts";
import { collectTasks } from "../calls/collect-tasks.ts";
import { cellAt, listOfBatch } from "../calls/rows-of-tasks.ts";
import { unreached } from "../calls/standings.ts";
import { walkRowPages } from "../list/list-rows.ts";
import type { ToolContext } from "../tool.ts";
import { toFateResult, toTaskResult } from "./result-fields.ts";

// What is made of them, and is garbage soon after, fits into the young part of the heap.
const linesAtOnce = 100;

type Sources = Pick<ToolContext, "lists"> &
  Partial<Pick<ToolContext, "progress" | "signal">> & {
    readonly campaigns: Pick<ToolContext["campaigns"], "partsOf" | "groupOf">;
    readonly api: Pick<BatchCallApi, "listTasks">;
    readonly readCalls: ReadCalls;
  };

/**
 * The rows of the list that a batch was made of with what came of each, in the order of the list; then the recipients whom the list
 * does not have. Only the recipients of one batch are in memory, of linked ones those of the part that the rows are in, since no API
 * promises them in the order of the rows; rows, calls and lines come a hundred at a time, as they are asked for.
 */
export async function readResults(
  batchId: string,
  sources: Sources,
): Promise<Results & { readonly listId?: string; readonly rows?: number }> {
  const { api, campaigns, readCalls } = sources;
  const list = await listOfBatch(batchId, sources);
  if (!list) return { columns: [], lines: withoutList(walkTasks(batchId, api), readCalls) };
  const parts = (await campaigns.partsOf(batchId)) ?? [{ batchId, firstRow: 0 }];
  const { columns, header, blankPlaces } = list.shape;
  return {
    columns,
    ...(header && { header }),
    ...(blankPlaces && { blankPlaces }),
    lines: joinRows(parts, list, sources),
    listId: list.listId,
    rows: list.rows.input,
  };
}

/** A batch, or a part of linked ones, whose recipients stand in the list from that row on. */
type Part = { readonly batchId?: string; readonly firstRow: number };

async function readPart({ batchId }: Part, isOnly: boolean, sources: Sources): Promise<readonly Task[]> {
  if (batchId === undefined) return [];
  return collectTasks(batchId, sources).catch((error: unknown) => {
    if (!isOnly && error instanceof Problem && error.code === "not_found") return [];
    throw error;
  });
}

async function* walkTasks(batchId: string, api: Sources["api"]): AsyncGenerator<readonly Task[], void, undefined> {
  let request: PageRequest | undefined = { page: 0, limit: maxPageSize };
  while (request && request.page < mostTaskPages) {
    const found: Page<Task> = await api.listTasks(batchId, request);
    yield found.rows;
    const { hasMore, nextCursor, pageSize = request.limit } = found;
    const next: PageRequest = { page: request.page + 1, limit: pageSize, ...dropUndefined({ cursor: nextCursor }) };
    request = hasMore && found.rows.length > 0 ? next : undefined;
  }
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
  parts: readonly Part[],
  list: ContactList,
  sources: Sources,
): AsyncGenerator<readonly ResultLine[], void, undefined> {
  const { lists, readCalls } = sources;
  const byRow = new Map<number, Task[]>();
  const others: Task[] = [];
  let next = 0;
  const readUpTo = async (row: number): Promise<void> => {
    for (let part = parts[next]; part && part.firstRow <= row; part = parts[++next]) {
      for (const [place, tasks] of await groupByRow(await readPart(part, parts.length === 1, sources), list, lists)) {
        if (place === 0) others.push(...tasks);
        else {
          const before = byRow.get(place);
          byRow.set(place, before ? [...before, ...tasks] : tasks);
        }
      }
    }
  };
  for await (const rows of inHundreds(walkRowPages(list.listId, {}, lists))) {
    await readUpTo(rows.at(-1)?.row ?? 0);
    const joined = rows.flatMap((row): readonly JoinedRow[] => {
      const tasks = byRow.get(row.row) ?? [];
      byRow.delete(row.row);
      const [only] = tasks;
      if (tasks.length <= 1) return [only ? { row, task: only } : { row }];
      const own = tasks.filter((task) => !isFallbackOf(row, task));
      others.push(...tasks.filter((task) => !own.includes(task)));
      return own.length === 0 ? [{ row }] : own.map((task) => ({ row, task }));
    });
    const { calls, missing } = await readCalls(joined.flatMap(({ task }) => task ?? []));
    yield joined.map(({ row, task }): ResultLine => {
      const place = toCells(row);
      const wrongNumbers = wrongInRow(row, list);
      if (!task) return { ...place, result: toFateResult(row, list, wrongNumbers) };
      const zone = list.plan.timezone === undefined ? undefined : cellAt(row, list.plan.timezone);
      return {
        ...place,
        ...toTaskResult(task, calls.get(task.callId ?? ""), {
          row: row.row,
          zone,
          wrongNumbers,
          missing: missing.get(task.callId ?? ""),
        }),
      };
    });
  }
  await readUpTo(Number.POSITIVE_INFINITY);
  const left = [...others, ...[...byRow.values()].flat()];
  yield* withoutList(inHundreds([left]), readCalls);
}

/** A row that was given another number after a call has one recipient for each. */
type JoinedRow = { readonly row: ListRow; readonly task?: Task };

/** Somebody else may have been added under a number that a row only falls back to: the row is that of its own number. */
function isFallbackOf({ fate }: ListRow, { toNumber }: Task): boolean {
  return fate.kind === "accepted" && (fate.fallbackNumbers ?? []).some((number) => number === toNumber);
}

async function* inHundreds<T>(
  pages: AsyncIterable<readonly T[]> | readonly (readonly T[])[],
): AsyncGenerator<readonly T[], void, undefined> {
  for await (const page of pages)
    for (let at = 0; at < page.length; at += linesAtOnce) yield page.slice(at, at + linesAtOnce);
}

async function* withoutList(
  tasks: AsyncGenerator<readonly Task[], void, undefined>,
  readCalls: ReadCalls,
): AsyncGenerator<readonly ResultLine[], void, undefined> {
  for await (const some of tasks) {
    const { calls, missing } = await readCalls(some);
    yield some.map((task) => ({
      cells: [],
      ...toTaskResult(task, calls.get(task.callId ?? ""), {
        missing: missing.get(task.callId ?? ""),
      }),
    }));
  }
}

/** Which cells of a row are numbers that its list knows as wrong ones: whoever reads the file again has to know. */
function wrongInRow({ cells, changed }: ListRow, { plan, wrongNumbers }: ContactList): readonly string[] {
  if (!wrongNumbers) return [];
  const written = plan.phone.map((index) => (changed?.[index] ?? cells[index] ?? "").replace(/\D+|^0+/g, ""));
  return wrongNumbers.filter((number) => written.some((digits) => digits.length > 5 && number.endsWith(digits)));
}

/** The cells as they stood in the customer's own file, but for those that were set afterwards. */
function toCells(row: ListRow): Pick<ResultLine, "cells" | "unplaced"> {
  const { changed, fault } = row;
  const cells = untrimmed(row);
  if (fault !== undefined) return { cells: [], unplaced: cells };
  return { cells: changed === undefined ? cells : cells.map((cell, at) => changed[at] ?? cell) };
}

const toldEvery = 5000;

/** The same results, whose rows are counted while they are read; whoever listens hears of it, with how many there will be. Stops when the caller gave up waiting. */
export function countLines(
  { lines, ...results }: Results,
  { progress, signal }: Pick<ToolContext, "progress" | "signal">,
  total?: number,
): Results & { readonly count: () => number; readonly missing: () => number; readonly unreached: () => number } {
  let [count, told, missing, open] = [0, 0, 0, 0];
  async function* heard(): AsyncGenerator<readonly ResultLine[], void, undefined> {
    try {
      for await (const some of lines) {
        signal.throwIfAborted();
        yield some;
        count += some.length;
        missing += some.filter(({ result }) => result.missing !== undefined).length;
        open += some.filter(isUnreached).length;
        if (count - told < toldEvery) continue;
        told = count;
        const isOfAll = total !== undefined && count <= total;
        progress?.(count, `${counted(count, "row")} written`, isOfAll ? total : undefined);
      }
    } catch (error) {
      throw error instanceof Problem ? notWritten(error) : error;
    }
  }
  return { ...results, lines: heard(), count: () => count, missing: () => missing, unreached: () => open };
}

/** Whom a batch that is made of this one calls. */
function isUnreached({ result: { status, outcome } }: ResultLine): boolean {
  if (status !== "failed" && status !== "cancelled") return false;
  return outcome === undefined ? status === "failed" : unreached.some((one) => one === outcome);
}

function notWritten(cause: Problem): Problem {
  const message = `${cause.message} The results could not be read to their end, so no file was written. Try again.`;
  return new Problem(cause.code, message, { cause, issues: cause.issues });
}
