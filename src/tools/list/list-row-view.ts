import type { Task } from "../../domain/batch/batch.ts";
import { looksLikePhoneNumber } from "../../domain/list/cell-kinds.ts";
import { maskCell } from "../../domain/list/column-problem.ts";
import type { ContactList, ListRow } from "../../domain/list/list.ts";
import type { RowFault } from "../../domain/list/table.ts";
import { maskDigits, maskNumber } from "../../domain/phone/mask.ts";
import { plainText } from "../../domain/text.ts";
import { dropUndefined } from "../arguments/shapes.ts";
import { toIssue } from "./list-issues.ts";

const longestCell = 200;

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
export type Tasks = { readonly batchId?: string; readonly byRow: ReadonlyMap<number, readonly Task[]> };

const withheldReason = "Its fallback number is not called: it is on the do-not-call list, or is from_number.";

export function toRowView(row: ListRow, list: ContactList, tasks: Tasks, showsNumbers: boolean): RowView {
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
