import Papa from "papaparse";
import type { Task } from "../domain/batch/batch.ts";
import { nameColumns } from "../domain/list/find-header.ts";

/** The outcome of one recipient, as far as a results file tells it. */
export type ResultRow = Pick<
  Task,
  "row" | "toNumber" | "status" | "outcome" | "attempts" | "reason" | "callId" | "fallbackNumber" | "fallbackAttempts"
>;

/** The columns of the list that a batch was made of, and their cells for a row of it. */
export type ListCells = {
  readonly columns: readonly string[];
  readonly cellsOf: (row: number) => readonly string[];
};

const noList: ListCells = { columns: [], cellsOf: () => [] };

/**
 * `spreadsheet`: opens safely and rightly in Excel. It begins with a byte order mark, and a cell that would be computed
 * gets a leading apostrophe, phone numbers too (`'+14155550123`); lists with such numbers can be read in again.
 * `machine`: the values as they are, RFC 4180 in UTF-8.
 */
export type CsvReader = "spreadsheet" | "machine";

const ownColumns = {
  row: "row",
  to_number: "toNumber",
  status: "status",
  outcome: "outcome",
  attempts: "attempts",
  reason: "reason",
  call_id: "callId",
} as const satisfies Columns;

const fallbackColumns = {
  fallback_number: "fallbackNumber",
  fallback_attempts: "fallbackAttempts",
} as const satisfies Columns;

type Columns = Readonly<Record<string, keyof ResultRow>>;

/** Those of fallback numbers only where somebody has one. */
function columnsOf(results: readonly ResultRow[]): Columns {
  const hasFallbacks = results.some(({ fallbackNumber }) => fallbackNumber !== undefined);
  return hasFallbacks ? { ...ownColumns, ...fallbackColumns } : ownColumns;
}

/** Columns of the list follow ours; one of the same name as ours becomes `status_2`. */
export function toCsv(
  results: readonly ResultRow[],
  { safeFor, list = noList }: { readonly safeFor: CsvReader; readonly list?: ListCells },
): string {
  const forSpreadsheet = safeFor === "spreadsheet";
  const columns = columnsOf(results);
  const own = Object.keys(columns);
  const header = nameColumns([...own, ...list.columns], own.length + list.columns.length);
  const records = results.map((result) => [
    ...Object.values(columns).map((key) => String(result[key] ?? "")),
    ...list.columns.map((_name, index) => cellsOf(result, list)[index] ?? ""),
  ]);
  const text = formatCsv([header, ...records], { guardFormulas: forSpreadsheet });
  return forSpreadsheet ? `\uFEFF${text}` : text;
}

/** One JSON object a line; what is not known is absent. The cells of the list stand in `list`, by column. */
export function toJsonLines(results: readonly ResultRow[], list: ListCells = noList): string {
  const columns = columnsOf(results);
  const line = (result: ResultRow): string => {
    const own = Object.entries(columns).map(([name, key]) => [name, result[key]]);
    const cells = cellsOf(result, list);
    const others = list.columns.map((name, index) => [name, cells[index]]);
    return JSON.stringify(Object.fromEntries(cells.length > 0 ? [...own, ["list", Object.fromEntries(others)]] : own));
  };
  return results.map((result) => `${line(result)}\n`).join("");
}

function cellsOf({ row }: ResultRow, list: ListCells): readonly string[] {
  return row === undefined ? [] : list.cellsOf(row);
}

// OWASP's list of characters that begin a formula, the full-width forms that East Asian spreadsheets take included.
const formulaStart = /^[=+\-@\t\r\n＝＋－＠]/;

/** Writes RFC 4180 text. With `guardFormulas`, a cell that a spreadsheet would compute gets a leading apostrophe. */
function formatCsv(records: readonly (readonly string[])[], options: { readonly guardFormulas: boolean }): string {
  const escapeFormulae = options.guardFormulas ? formulaStart : false;
  return `${Papa.unparse([...records], { newline: "\r\n", escapeFormulae })}\r\n`;
}
