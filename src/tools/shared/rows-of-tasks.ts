import type { Task } from "../../domain/batch/batch.ts";
import type { ToolContext } from "../tool.ts";

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
