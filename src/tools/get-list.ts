import { z } from "zod";
import type { Task } from "../domain/batch/batch.ts";
import type { ListRow, RowFate } from "../domain/list/list.ts";
import { Problem } from "../domain/problem.ts";
import {
  dropUndefined,
  listId,
  pageEnd,
  pageInput,
  toPageEnd,
  toPageEndLines,
  toPageRequest,
} from "./arguments/shapes.ts";
import { lines } from "./batch/batch-view.ts";
import { collectTasks } from "./calls/collect-tasks.ts";
import { withListRows } from "./calls/rows-of-tasks.ts";
import { compareLists, toComparisonText } from "./list/list-comparison.ts";
import { countRows, toCountsText } from "./list/list-report.ts";
import { type Tasks, toRowView } from "./list/list-row-view.ts";
import { defineTool, type ToolContext } from "./tool.ts";

const fates = ["accepted", "duplicate", "suppressed", "refused"] as const satisfies readonly RowFate["kind"][];

const listRow = () => z.looseObject({ row: z.number(), fate: z.string(), cells: z.record(z.string(), z.string()) });

export const getListTool = defineTool({
  name: "get_list",
  title: "Get the rows of a list",
  description: `Read any row of a recipient list, called or not: its cells, why it is left out, what came of its call.
Use for rows beyond those that an answer showed, or with compare_with for what is new, changed or gone.
Not for a batch's answers (get_batch_results) or repairs (change_list). Numbers are masked; a list is kept 30 days.
Returns a page and the list's batches.`,
  toolset: "lists",
  effect: "reads",
  idempotent: true,
  input: z.strictObject({
    list_id: listId(),
    fate: z.enum(fates).optional().describe("suppressed: do-not-call or excluded."),
    code: z.string().min(1).optional().describe("Of an issue, such as too_short."),
    compare_with: z.string().min(1).optional().describe("An earlier list_id; code is then new, changed or gone."),
    show_numbers: z.boolean().optional().describe("Only if the user needs them."),
    ...pageInput(),
  }),
  output: z.object({
    list_id: z.string(),
    rows: z.looseObject({ input: z.number(), accepted: z.number() }),
    list_rows: z.array(listRow()),
    batch_ids: z.array(z.string()).optional(),
    comparison: z.looseObject({}).optional(),
    total: z.number().optional(),
    ...pageEnd(),
  }),

  async run(input, context) {
    const request = toPageRequest(input);
    const list = await context.lists.get(input.list_id, context.owner);
    if (input.compare_with !== undefined) return compareLists(list, input.compare_with, input, context);
    const filter = dropUndefined({ fate: input.fate, code: input.code });
    const found = await context.lists.rows(list.listId, filter, request);
    const batchIds = await context.lists.batchesOf(list.listId);
    const tasks = await readTasks(batchIds.at(-1), found.rows, context);
    return {
      list_id: list.listId,
      rows: countRows(list),
      list_rows: found.rows.map((row) => toRowView(row, list, tasks, input.show_numbers ?? false)),
      ...(batchIds.length > 0 && { batch_ids: [...batchIds] }),
      ...dropUndefined({ total: found.totalCount }),
      ...toPageEnd(input, request, found),
    };
  },

  summarize: ({
    list_id: listId,
    rows,
    list_rows: listRows,
    total,
    batch_ids: batches = [],
    comparison: compared,
    ...end
  }) =>
    lines(
      toCountsText(listId, rows),
      compared && toComparisonText(compared),
      batches.length > 0 && `Batches made of it: ${batches.join(", ")}`,
      `${listRows.length} of ${total ?? "an unknown number of"} rows`,
      ...listRows.map(toRowLine),
      ...toPageEndLines(end),
    ),
});

async function readTasks(batchId: string | undefined, rows: readonly ListRow[], context: ToolContext): Promise<Tasks> {
  const { lists, campaigns } = context;
  if (batchId === undefined) return { byRow: new Map() };
  const ids = partsWith(rows, (await campaigns.partsOf(batchId)) ?? [{ batchId }]);
  const read = (id: string) => collectTasks(id, context).catch(noneWhereDeleted);
  const tasks = (await Promise.all(ids.map(read))).flat();
  const byRow = new Map<number, Task[]>();
  for (const { task } of await withListRows(tasks, await lists.ofBatch(batchId), lists)) {
    if (task.row !== undefined) byRow.set(task.row, [...(byRow.get(task.row) ?? []), task]);
  }
  return { batchId, byRow };
}

type RowSpan = { readonly batchId?: string; readonly firstRow?: number; readonly lastRow?: number };

/** The batches in which people of those rows can be: of linked ones only some. */
function partsWith(rows: readonly ListRow[], parts: readonly RowSpan[]): readonly string[] {
  const [first, last] = [rows.at(0)?.row ?? 0, rows.at(-1)?.row ?? 0];
  return parts.flatMap(({ batchId, firstRow = first, lastRow = last }) =>
    batchId !== undefined && firstRow <= last && lastRow >= first ? [batchId] : [],
  );
}

/** The list outlives a batch that was deleted. */
function noneWhereDeleted(error: unknown): readonly Task[] {
  if (error instanceof Problem && error.code === "not_found") return [];
  throw error;
}

function toRowLine(row: Record<string, unknown>): string {
  const { row: number, fate, cells, to_number, reason, status, outcome, change, changed } = row;
  const what = Array.isArray(changed) ? `changed in ${changed.join(", ")}` : change;
  const parts = [what, to_number, fate, reason, status, outcome].filter((part) => typeof part === "string");
  return `- row ${String(number)}: ${parts.join(", ")} ${JSON.stringify(cells)}`;
}
