import type { ListRow, RowFate } from "../domain/list/list.ts";
import type { CellsAsGiven, RowFault } from "../domain/list/table.ts";
import type { E164, PhoneNumberType } from "../domain/phone/phone-number.ts";
import type { Issue } from "../domain/problem.ts";

/** What was changed about a row after it was read. */
export type RowEdits = {
  /** Cells by column index. */
  readonly changed?: Readonly<Record<number, string>>;
  /** Country of its numbers, ISO 3166-1 alpha-2. */
  readonly country?: string;
  readonly leftOut?: true;
  /** Why an earlier batch leaves nothing to call here, in a sentence. */
  readonly notAgain?: string;
};

export type StoredRow = {
  readonly row: number;
  readonly cells: readonly string[];
  readonly asGiven?: CellsAsGiven;
  readonly fault?: RowFault;
  readonly edits?: RowEdits;
};

/** Somebody who can be called as far as the row says; `withheld` are fallback numbers that must not be. */
export type Callable = {
  readonly toNumber: E164;
  readonly type: PhoneNumberType;
  readonly country?: string;
  readonly fallbackNumbers?: readonly E164[];
  readonly withheld?: readonly E164[];
};

/** A fate with what it takes to judge the row again when a do-not-call list or a caller id is another one. */
export type StoredFate =
  | ({ readonly kind: "accepted" | "suppressed" | "caller_id" } & Callable)
  | ({ readonly kind: "excluded"; readonly why: string } & Callable)
  | { readonly kind: "duplicate"; readonly toNumber: E164; readonly ofRow: number }
  | { readonly kind: "refused"; readonly issue: Issue };

/** The cells as they are now; `width` is that of the list, where another file's columns were added. */
export function cellsNow({ cells, edits, fault }: StoredRow, width: number): readonly string[] {
  if (fault !== undefined || (edits?.changed === undefined && cells.length >= width)) return cells;
  return Array.from({ length: width }, (_, index) => edits?.changed?.[index] ?? cells[index] ?? "");
}

export function toRowFate(fate: StoredFate, row: number, phoneField: string): RowFate {
  switch (fate.kind) {
    case "accepted": {
      const { toNumber, type, country, withheld, fallbackNumbers = [] } = fate;
      const told: RowFate =
        country === undefined ? { kind: "accepted", toNumber, type } : { kind: "accepted", toNumber, type, country };
      if (fallbackNumbers.length === 0) return told;
      const open = fallbackNumbers.filter((number) => !withheld?.includes(number));
      return { ...told, ...(open.length > 0 && { fallbackNumbers: open }), ...(withheld && { withheld }) };
    }
    case "suppressed":
      return { kind: "suppressed", toNumber: fate.toNumber };
    case "excluded":
      return { kind: "suppressed", toNumber: fate.toNumber, excluded: fate.why };
    case "caller_id":
      return { kind: "refused", issue: { row, ...callerIdIssue(phoneField) } };
    case "duplicate":
      return fate;
    case "refused":
      return { kind: "refused", issue: { row, ...fate.issue } };
  }
}

export const callerIdCode = "same_as_from_number";

function callerIdIssue(field: string): Issue {
  const message = "This is from_number itself, which cannot call itself; write the recipient's number.";
  return { field, code: callerIdCode, message };
}

export function toListRow(stored: StoredRow, fate: StoredFate, width: number, phoneField: string): ListRow {
  const { row, cells, asGiven, fault, edits } = stored;
  const isWhole = fault !== undefined || cells.length >= width;
  const changed = edits?.changed;
  const own = isWhole ? cells : cellsNow({ row, cells }, width);
  const listRow: ListRow = { row, cells: own, fate: toRowFate(fate, row, phoneField) };
  // Nearly all rows have none of them.
  if (fault === undefined && changed === undefined && asGiven === undefined) return listRow;
  return {
    ...listRow,
    ...(asGiven !== undefined && { asGiven }),
    ...(fault !== undefined && { fault }),
    ...(changed !== undefined && { changed }),
  };
}
