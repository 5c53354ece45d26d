import Papa from "papaparse";
import type { RowFault, TableRow } from "../../domain/list/table.ts";
import { UnreadableFile } from "../unreadable-file.ts";

/** UTF-16 units. A quote that is never closed would otherwise read the rest of a long file into one cell. */
const maxRowLength = 1_000_000;

/** Rows of delimited text as they stand, blank ones too; line breaks inside cells come as `\n`. Throws `UnreadableFile`. */
export async function* readCsvRows(
  texts: AsyncIterable<string>,
  delimiter: string,
): AsyncGenerator<readonly TableRow[]> {
  let rest = "";
  let rows = 0;
  for await (const text of unifyLineBreaks(texts)) {
    const parsed = parseBlock(rest + text, delimiter, { isLast: false, rowsBefore: rows });
    rest = parsed.rest;
    rows += parsed.rows.length;
    if (rest.length > maxRowLength) throw tooLong(rows + 1, rest);
    yield parsed.rows;
  }
  if (rest !== "") yield parseBlock(rest, delimiter, { isLast: true, rowsBefore: rows }).rows;
}

/** `\n` for every line break; a `\r` at the end of a block waits for what comes after it. */
async function* unifyLineBreaks(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let held = "";
  for await (const text of texts) {
    const all = held + text;
    held = all.endsWith("\r") ? "\r" : "";
    const whole = held === "" ? all : all.slice(0, -1);
    yield whole.includes("\r") ? whole.replaceAll("\r\n", "\n").replaceAll("\r", "\n") : whole;
  }
  if (held !== "") yield "\n";
}

type Parsed = { readonly rows: readonly TableRow[]; readonly rest: string };

function parseBlock(text: string, delimiter: string, at: { isLast: boolean; rowsBefore: number }): Parsed {
  const { data, errors, meta } = parseWith(text, delimiter, !at.isLast);
  const faults = new Map<number, RowFault>();
  for (const { code, row } of errors) {
    if (row === undefined || faults.has(row)) continue;
    if (code === "MissingQuotes") faults.set(row, "unclosed_quote");
    if (code === "InvalidQuotes") faults.set(row, "stray_quote");
  }
  const rows = data.map((cells, index): TableRow => {
    const fault = faults.get(index);
    const row = at.rowsBefore + index + 1;
    return fault === undefined ? { row, cells } : { row, cells, fault };
  });
  return { rows, rest: at.isLast ? "" : text.slice(meta.cursor) };
}

/** The library's parser of one block, which leaves a row that does not end in it to the next. Its types say nothing of the result. */
function parseWith(text: string, delimiter: string, leaveLastRow: boolean): Papa.ParseResult<string[]> {
  return new Papa.Parser({ delimiter, newline: "\n" }).parse(text, 0, leaveLastRow);
}

function tooLong(row: number, text: string): UnreadableFile {
  const cause = text.includes('"')
    ? "a quote in it is opened and never closed; close that quote"
    : "it is no list with one person a line; save the list as CSV, one person a line";
  return new UnreadableFile(`has a row ${row} of more than 1,000,000 characters: ${cause}`);
}
