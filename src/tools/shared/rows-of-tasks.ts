import type { ListCells } from "../../contacts/results-file.ts";
import type { Task } from "../../domain/batch/batch.ts";
import type { ToolContext } from "../tool.ts";
import { walkRows } from "./list-rows.ts";

/**
 * The tasks of a batch with the rows of the list that it was made of. Without such a list a task keeps its place in the batch;
 * somebody whom the list does not have, because they were added later, has no row.
 */
export async function withListRows(
  batchId: string,
  tasks: readonly Task[],
  lists: ToolContext["lists"],
): Promise<readonly Task[]> {
  const list = await lists.ofBatch(batchId);
  if (!list) return tasks;
  const numbers = tasks.map(({ toNumber }) => toNumber);
  const rows = await lists.rowsOf(list.listId, numbers);
  return tasks.map(({ row: _place, ...task }) => {
    const row = rows.get(task.toNumber);
    return row === undefined ? task : { ...task, row };
  });
}

/**
 * The cells that the list of a batch has for these tasks, as they are now, whatever a do-not-call list says of their rows since; none
 * for recipients that were given one by one.
 */
export async function readListCells(
  batchId: string,
  tasks: readonly Task[],
  lists: ToolContext["lists"],
): Promise<ListCells> {
  const list = await lists.ofBatch(batchId);
  if (!list || list.shape.format === "tasks") return { columns: [], cellsOf: () => [] };
  const wanted = new Set(tasks.map(({ row }) => row));
  const cells = new Map<number, readonly string[]>();
  for await (const row of walkRows(list.listId, {}, lists)) {
    if (!wanted.has(row.row)) continue;
    const { changed = {} } = row;
    cells.set(
      row.row,
      row.cells.map((cell, index) => changed[index] ?? cell),
    );
  }
  return { columns: list.shape.columns, cellsOf: (row) => cells.get(row) ?? [] };
}
