import { z } from "zod";
import type { Task } from "../domain/batch/batch.ts";
import { looksLikePhoneNumber } from "../domain/list/cell-kinds.ts";
import { maskCell } from "../domain/list/column-problem.ts";
import type { ContactList, ListRow, RowFate } from "../domain/list/list.ts";
import type { RowFault } from "../domain/list/table.ts";
import { maskDigits, maskNumber } from "../domain/phone/mask.ts";
import { Problem } from "../domain/problem.ts";
import { plainText } from "../domain/text.ts";
import { lines } from "./shared/batch-view.ts";
import { toIssue } from "./shared/list-issues.ts";
import { countRows, toCountsText } from "./shared/list-report.ts";
import { withListRows } from "./shared/rows-of-tasks.ts";
import {
  collectPages,
  dropUndefined,
  listId,
  nextCursor,
  pageInput,
  toNextCursor,
  toPageRequest,
} from "./shared/shapes.ts";
import { defineTool, type ToolContext } from "./tool.ts";

const longestCell = 200;
const fates = ["accepted", "duplicate", "suppressed", "refused"] as const satisfies readonly RowFate["kind"][];

const listRow = () => z.looseObject({ row: z.number(), fate: z.string(), cells: z.record(z.string(), z.string()) });

export const getListTool = defineTool({
  name: "get_list",
  title: "Get the rows of a list",
  description: `Read any row of a list: its cells, whether it is called, why not, and what came of the call.
Use to see rows that an answer left out.
Not for the results of a batch (get_batch_results).
Returns a page of rows and the batches made of the list.`,
  effect: "reads",
  idempotent: true,
  input: z.strictObject({
    list_id: listId(),
    fate: z.enum(fates).optional().describe("suppressed: do-not-call or excluded."),
    code: z.string().min(1).optional().describe("Code of an issue, such as too_short."),
    show_numbers: z.boolean().optional().describe("Unmasked numbers, only if the user needs them."),
    ...pageInput(),
  }),
  output: z.object({
    list_id: z.string(),
    rows: z.looseObject({ input: z.number(), accepted: z.number() }),
    list_rows: z.array(listRow()),
    batch_ids: z.array(z.string()).optional(),
    total: z.number().optional(),
    next_cursor: nextCursor(),
  }),

  async run(input, context) {
    const request = toPageRequest(input);
    const list = await context.lists.get(input.list_id, context.principal);
    const filter = dropUndefined({ fate: input.fate, code: input.code });
    const found = await context.lists.rows(list.listId, filter, request);
    const batchIds = await context.lists.batchesOf(list.listId);
    const tasks = await readTasks(batchIds.at(-1), context);
    return {
      list_id: list.listId,
      rows: countRows(list),
      list_rows: found.rows.map((row) => toRowView(row, list, tasks, input.show_numbers ?? false)),
      ...(batchIds.length > 0 && { batch_ids: [...batchIds] }),
      ...dropUndefined({ total: found.totalCount }),
      ...toNextCursor(request, found),
    };
  },

  summarize: ({ list_id: listId, rows, list_rows: listRows, total, batch_ids: batches = [], next_cursor: next }) =>
    lines(
      toCountsText(listId, rows),
      batches.length > 0 && `Batches made of it: ${batches.join(", ")}`,
      `${listRows.length} of ${total ?? "an unknown number of"} rows`,
      ...listRows.map(toRowLine),
      next && `More: cursor ${next}`,
    ),
});

type RowView = {
  readonly row: number;
  readonly fate: string;
  readonly cells: Record<string, string>;
  readonly to_number?: string;
  readonly code?: string;
  readonly reason?: string;
  readonly batch_id?: string;
  readonly status?: string;
  readonly outcome?: string;
  readonly call_id?: string;
};

/** The tasks of the batch that was made of the list last, by row: also of those who are left out or not to be called since. */
type Tasks = { readonly batchId?: string; readonly byRow: ReadonlyMap<number, readonly Task[]> };

async function readTasks(batchId: string | undefined, { api, lists }: ToolContext): Promise<Tasks> {
  if (batchId === undefined) return { byRow: new Map() };
  const tasks = await collectPages((page) => api.listTasks(batchId, page)).catch(noneWhereDeleted);
  const byRow = new Map<number, Task[]>();
  for (const { task } of await withListRows(tasks, await lists.ofBatch(batchId), lists)) {
    if (task.row !== undefined) byRow.set(task.row, [...(byRow.get(task.row) ?? []), task]);
  }
  return { batchId, byRow };
}

/** The list outlives a batch that was deleted. */
function noneWhereDeleted(error: unknown): readonly Task[] {
  if (error instanceof Problem && error.code === "not_found") return [];
  throw error;
}

const withheldReason = "Its fallback number is not called: it is on the do-not-call list, or is from_number.";

function toRowView(row: ListRow, list: ContactList, tasks: Tasks, showsNumbers: boolean): RowView {
  const issue = toIssue(row, list);
  const number = row.fate.kind === "accepted" || row.fate.kind === "suppressed" ? row.fate.toNumber : undefined;
  const ofRow = tasks.byRow.get(row.row) ?? [];
  // A row that was given another number has a task for each.
  const task = ofRow.find(({ toNumber }) => toNumber === number) ?? ofRow.at(-1);
  return {
    row: row.row,
    fate: row.fate.kind,
    ...dropUndefined({ to_number: number && (showsNumbers ? number : maskNumber(number)) }),
    ...(row.fate.kind === "accepted" && row.fate.withheld && { reason: withheldReason }),
    ...(issue && { code: issue.code, reason: issue.message }),
    ...(task &&
      dropUndefined({ batch_id: tasks.batchId, status: task.status, outcome: task.outcome, call_id: task.callId })),
    cells: toCells(row, list, showsNumbers),
  };
}

/**
 * Cells by the name of their column, as they are now. Cells of a row with a fault have no columns: they are numbered. What looks like a
 * number is masked in every column: a relative's is nobody's business either.
 */
function toCells({ cells, changed = {}, fate }: ListRow, { shape, plan }: ContactList, showsNumbers: boolean) {
  const isBroken = fate.kind === "refused" && brokenRows.has(fate.issue.code);
  const shown = cells.map((cell, index): [string, string] => {
    const whole = plainText(changed[index] ?? cell, longestCell);
    // A quote that is never closed makes one cell of whole rows.
    const text = isBroken && !showsNumbers ? maskCell(whole) : whole;
    const isNumber = plan.phone.includes(index) || looksLikePhoneNumber(text);
    return [shape.columns[index] ?? `column_${index + 1}`, isNumber && !showsNumbers ? maskDigits(text) : text];
  });
  return Object.fromEntries(shown.filter(([, text]) => text !== ""));
}

const brokenRows: ReadonlySet<string> = new Set<RowFault>([
  "unclosed_quote",
  "stray_quote",
  "too_few_cells",
  "too_many_cells",
]);

function toRowLine(row: Record<string, unknown>): string {
  const { row: number, fate, cells, to_number, reason, status, outcome } = row;
  const parts = [to_number, fate, reason, status, outcome].filter((part) => typeof part === "string");
  return `- row ${String(number)}: ${parts.join(", ")} ${JSON.stringify(cells)}`;
}
