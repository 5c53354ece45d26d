import type { RowEdits, StoredRow } from "./stored-row.ts";
import { cellsNow } from "./stored-row.ts";

/** What one edit does to one row; rows that it does not concern come back as they are. */
export type RowOperation = (row: StoredRow, width: number) => StoredRow;

/** Which of some rows were met. What is asked for and never met is not in the list. */
export class WantedRows {
  readonly #open: Set<number>;
  readonly #wanted: ReadonlySet<number>;

  constructor(rows: readonly number[]) {
    this.#wanted = new Set(rows);
    this.#open = new Set(rows);
  }

  meet(row: number): boolean {
    this.#open.delete(row);
    return this.#wanted.has(row);
  }

  get missing(): readonly number[] {
    return [...this.#open].sort((a, b) => a - b);
  }
}

export function leaveOut(rows: WantedRows): RowOperation {
  return (row) => (rows.meet(row.row) ? edit(row, { leftOut: true }) : row);
}

export function putBack(rows: WantedRows): RowOperation {
  return (row) => {
    if (!rows.meet(row.row) || row.edits === undefined) return row;
    const { leftOut: _before, notAgain: _why, ...others } = row.edits;
    const { edits: _edits, ...bare } = row;
    return Object.keys(others).length === 0 ? bare : { ...bare, edits: others };
  };
}

/** What was said of a row before stays: an earlier batch had its reason. */
export function notAgain(rows: WantedRows, why: string): RowOperation {
  return (row) => (rows.meet(row.row) && row.edits?.notAgain === undefined ? edit(row, { notAgain: why }) : row);
}

/** Without values a row stays where its cell is not blank. Case and white space do not count. */
export function keepWhere(index: number, values: readonly string[] | undefined): RowOperation {
  const kept = values && new Set(values.map(toComparable));
  return (row, width) => {
    const cell = row.fault === undefined ? toComparable(cellsNow(row, width)[index] ?? "") : undefined;
    const stays = cell === undefined ? false : kept ? kept.has(cell) : cell !== "";
    return stays || row.fault !== undefined ? row : edit(row, { leftOut: true });
  };
}

export function setCell(rows: WantedRows, index: number, value: string): RowOperation {
  return (row) => (rows.meet(row.row) ? edit(row, { changed: { ...row.edits?.changed, [index]: value.trim() } }) : row);
}

/** For the rows alone. */
export function setCountry(rows: WantedRows, country: string): RowOperation {
  return (row) => (rows.meet(row.row) ? edit(row, { country }) : row);
}

function edit(row: StoredRow, edits: RowEdits): StoredRow {
  return { ...row, edits: { ...row.edits, ...edits } };
}

function toComparable(cell: string): string {
  return cell.normalize("NFKC").trim().replace(/\s+/g, " ").toLowerCase();
}
