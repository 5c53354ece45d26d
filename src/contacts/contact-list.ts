import { maxRecipients, type RecipientRow, requireListSize } from "../domain/batch/recipients.ts";
import { type Issue, Problem } from "../domain/problem.ts";
import { plainText } from "../domain/text.ts";
import { parseCsv, type QuoteFault } from "./csv.ts";
import { type Column, findPhoneColumn, looksLikePhoneNumber } from "./phone-column.ts";

/** A list as it stands in a file; its numbers are not checked yet. */
export type ContactList = {
  readonly rows: readonly RecipientRow[];
  /** Name of the column that the numbers were taken from. */
  readonly phoneColumn: string;
  /** Names of the other columns, which are the names of the variables. */
  readonly columns: readonly string[];
  /** One for each row that is not in `rows`, because its cells cannot be told apart. */
  readonly issues: readonly Issue[];
};

export type ContactListOptions = {
  /** Names the list in errors: `"june.csv" in /home/ann/Documents/Batch Calls`. */
  readonly source?: string;
  readonly maxRows?: number;
};

type CsvRow = { readonly row: number; readonly cells: readonly string[]; readonly fault?: QuoteFault | undefined };

/**
 * Reads a delimited list. Blank rows are passed over but keep their number, so that a row is where a spreadsheet shows
 * it. A first row with a phone number in it is not a header; its columns are then `column_1`, `column_2` and so on.
 * The same goes for a header cell that is blank; a name that stands there twice becomes `name_2`. Every variable is
 * present in every row, trimmed, and empty where its cell is. Throws `invalid_input`.
 */
export function readContactList(csvText: string, options: ContactListOptions = {}): ContactList {
  const source = options.source ?? "The list";
  const { header, data } = splitHeader(readRows(csvText), source);
  requireListSize(data.length, options.maxRows ?? maxRecipients);

  const columns = nameColumns(header, data);
  const phone = findPhoneColumn(columns, source);
  const others = columns.filter((column) => column !== phone);
  const rows: RecipientRow[] = [];
  const issues: Issue[] = [];
  for (const line of data) {
    const issue = shapeIssue(line, columns.length);
    if (issue === undefined) rows.push(toRecipientRow(line, phone, others));
    else issues.push(issue);
  }
  return { rows, phoneColumn: phone.name, columns: others.map(({ name }) => name), issues };
}

function readRows(csvText: string): CsvRow[] {
  const { records, faults } = parseCsv(csvText);
  return records
    .map((cells, index) => ({ row: index + 1, cells, fault: faults.get(index) }))
    .filter(({ cells }) => cells.some(isFilled));
}

function splitHeader(rows: readonly CsvRow[], source: string): { header: readonly string[]; data: readonly CsvRow[] } {
  const [first, ...rest] = rows;
  if (first === undefined) throw new Problem("invalid_input", `${source} is empty. Nothing was created.`);
  const hasHeader = !first.cells.some(looksLikePhoneNumber);
  if (!hasHeader) return { header: first.cells.map(() => ""), data: rows };
  if (rest.length > 0 && first.fault === undefined) return { header: first.cells, data: rest };
  const reason =
    first.fault === undefined ? "has a header but no rows below it" : "has a quote in its header that is never closed";
  throw new Problem("invalid_input", `${source} ${reason}. Nothing was created.`);
}

/** Columns without a name and without content are left out where they end the row: spreadsheets write many of them. */
function nameColumns(header: readonly string[], data: readonly CsvRow[]): Column[] {
  const used = new Set<string>();
  const columns = header.map((text, index): Column => {
    const name = uniqueName(plainText(text, 100) || `column_${index + 1}`, used);
    used.add(name);
    return { index, header: text, name, cells: data.map(({ cells }) => cells[index] ?? "") };
  });
  const last = columns.findLastIndex((column) => isFilled(column.header) || column.cells.some(isFilled));
  return columns.slice(0, last + 1);
}

function uniqueName(name: string, used: ReadonlySet<string>): string {
  let unique = name;
  for (let count = 2; used.has(unique); count++) unique = `${name}_${count}`;
  return unique;
}

function toRecipientRow({ row, cells }: CsvRow, phone: Column, others: readonly Column[]): RecipientRow {
  const cellOf = (column: Column): string => (cells[column.index] ?? "").trim();
  // fromEntries defines own properties, so a column named "__proto__" is nothing special.
  return {
    row,
    phone: cellOf(phone),
    variables: Object.fromEntries(others.map((column) => [column.name, cellOf(column)])),
  };
}

/** A row with other cells than the header is not guessed at: its name might belong to somebody else's number. */
function shapeIssue({ row, cells, fault }: CsvRow, width: number): Issue | undefined {
  if (fault !== undefined) return { row, field: "row", code: fault, message: describeFault(fault, cells) };
  if (cells.length >= width && !cells.slice(width).some(isFilled)) return undefined;
  const [code, remedy] =
    cells.length < width
      ? ["too_few_cells", "add the missing ones, which may be empty"]
      : ["too_many_cells", "put quotes around a cell that contains the separator"];
  return { row, field: "row", code, message: `Cells: ${width} expected, ${cells.length} found; ${remedy}.` };
}

function describeFault(fault: QuoteFault, cells: readonly string[]): string {
  const lines = cells.join("").trimEnd().split("\n").length;
  const swallowed = lines === 1 ? "1 line" : `${lines} lines`;
  switch (fault) {
    case "unclosed_quote":
      return `A quote is opened and never closed, so ${swallowed}, to the end of the file, became this row; close the quote.`;
    case "stray_quote":
      return `A quote stands inside a quoted cell, so ${swallowed} of the file became this row; double that quote.`;
  }
}

function isFilled(cell: string): boolean {
  return cell.trim() !== "";
}
