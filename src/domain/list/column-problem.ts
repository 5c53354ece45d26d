import { maskNumber } from "../phone/mask.ts";
import { Problem } from "../problem.ts";
import { plainText } from "../text.ts";
import type { ColumnSamples } from "./column.ts";

const namedAtMost = 20;
const sampleRows = 3;
const cellsAtMost = 12;
const cellLength = 24;
// Looking for mail addresses in a cell takes the square of its length.
const maskedLength = 200;

/** Refuses a table whose columns nobody can tell apart. `what` follows the name of the table, `remedy` says how to name them. */
export function columnProblem(samples: ColumnSamples, source: string, what: string, remedy: string): Problem {
  const rows = samples.rows.slice(0, sampleRows).map(({ row, cells }) => `row ${row}: ${maskCells(cells)}`);
  const shown = rows.length === 0 ? "" : ` The first rows: ${rows.join("; ")}.`;
  return new Problem(
    "invalid_input",
    `${source} ${what} Its columns are ${quoteAll(samples.columns)}.${shown} Nothing was created. ${remedy}`,
  );
}

/** `"Mobile", "Phone" and 3 more` */
export function quoteAll(names: readonly string[]): string {
  const more = names.length > namedAtMost ? ` and ${names.length - namedAtMost} more` : "";
  return `${names.slice(0, namedAtMost).map(quote).join(", ")}${more}`;
}

export function quote(name: string): string {
  return JSON.stringify(plainText(name, 100));
}

function maskCells(cells: readonly string[]): string {
  const shown = cells.slice(0, cellsAtMost).map((cell) => plainText(maskCell(cell.slice(0, maskedLength)), cellLength));
  return [...shown, ...(cells.length > cellsAtMost ? ["…"] : [])].join(" | ");
}

const date = /^\d{4}-\d{2}-\d{2}(?!\d)|^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$/;

/** Long runs of digits and the names in mail addresses are hidden, whatever column they stand in. */
export function maskCell(cell: string): string {
  const text = cell.replace(/[^\s@]+@/g, "***@");
  return date.test(text) ? text : text.replace(/\+?\p{Nd}[\p{Nd}\s()./–-]{3,}\p{Nd}/gu, maskNumber);
}
