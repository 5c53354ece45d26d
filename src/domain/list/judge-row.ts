import type { BareDigits, NumberReading } from "../phone/number-reading.ts";
import type { ParsedPhoneNumber } from "../phone/phone-number.ts";
import { type Issue, isIssue } from "../problem.ts";
import type { ColumnPlan } from "./column-plan.ts";
import { parseRowCountry, readNumbers, rowCountryIssue } from "./judge-number.ts";
import { maxRetriesIssue, readMaxRetries } from "./judge-retries.ts";
import type { RowFault } from "./table.ts";

/** What all rows of a list are judged by. */
export type JudgedBy = {
  readonly columns: readonly string[];
  readonly plan: ColumnPlan;
  /** Country of numbers without one, ISO 3166-1 alpha-2. */
  readonly defaultCountry?: string;
  /** What the whole column says, once that is known. */
  readonly bareDigits?: BareDigits;
};

/** A row with its cells as they are now. */
export type RowToJudge = {
  readonly row: number;
  readonly cells: readonly string[];
  readonly fault?: RowFault;
  /** Said of this row alone: wins over the list's country and the cell beside the number. */
  readonly country?: string;
  readonly leftOut?: boolean;
};

/** Bytes of a recipient's variables as UTF-8 JSON, the API's own limit. */
const maxVariableBytes = 5120;

/** The numbers of a row that can be called, the first one first, or why it cannot. `unread` hears of cells that refuse nobody. */
export function judgeRow(
  row: RowToJudge,
  by: JudgedBy,
  unread: (issue: Issue) => void,
): readonly ParsedPhoneNumber[] | Issue {
  if (row.leftOut) return leftOutIssue();
  if (row.fault !== undefined) return faultIssue(row.fault, row.cells, by.columns.length);
  const numbers = readRowNumbers(row, by, unread);
  return isIssue(numbers) ? numbers : (whyNotSent(row.cells, by) ?? numbers);
}

/** Values of a row's variables, by their names. A column named `__proto__` is nothing special. */
export function variablesOf(cells: readonly string[], { variables }: ColumnPlan): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from(variables, ([index, name]) => [name, cells[index] ?? ""]));
}

/** Blank cells are passed over; of the others the first that can be called is. When none can, the first says why. */
function readRowNumbers(row: RowToJudge, by: JudgedBy, unread: (issue: Issue) => void) {
  const reading = readingOf(row, by);
  if (isIssue(reading)) return reading;
  const numbers: ParsedPhoneNumber[] = [];
  const issues: Issue[] = [];
  for (const index of by.plan.phone) {
    const text = row.cells[index] ?? "";
    if (text === "" && index !== by.plan.phone.at(-1)) continue;
    if (text === "" && (numbers.length > 0 || issues.length > 0)) continue;
    const read = readNumbers(text, reading, by.columns[index] ?? "to_number");
    if (isIssue(read)) issues.push(read);
    else numbers.push(...read);
  }
  const [first] = issues;
  if (numbers.length === 0 && first !== undefined) return first;
  issues.forEach(unread);
  return numbers;
}

/** A blank cell beside the number says nothing; one that cannot be read could have said that the number is abroad. */
function readingOf(row: RowToJudge, { columns, plan, defaultCountry, bareDigits }: JudgedBy): NumberReading | Issue {
  const country = row.country ?? defaultCountry;
  const cell = plan.country === undefined || row.country !== undefined ? "" : (row.cells[plan.country] ?? "");
  const beside = cell.trim() === "" ? undefined : parseRowCountry(cell);
  if (cell.trim() !== "" && beside === undefined) return rowCountryIssue(cell, columns[plan.country ?? 0] ?? "country");
  return {
    ...(country !== undefined && { country }),
    ...(beside !== undefined && { beside }),
    ...(bareDigits !== undefined && { bareDigits }),
  };
}

function whyNotSent(cells: readonly string[], { columns, plan }: JudgedBy): Issue | undefined {
  const retries = plan.maxRetries;
  if (retries !== undefined && readMaxRetries(cells[retries] ?? "") === null) {
    return maxRetriesIssue(cells[retries] ?? "", columns[retries] ?? "max_retries");
  }
  if (mostBytes(cells, plan) <= maxVariableBytes) return undefined;
  const bytes = Buffer.byteLength(JSON.stringify(variablesOf(cells, plan)));
  return bytes > maxVariableBytes ? variablesTooLargeIssue(bytes) : undefined;
}

/** No unit of text takes more than the six bytes of an escape: variables of usual rows need not be written out. */
function mostBytes(cells: readonly string[], { variables }: ColumnPlan): number {
  let units = 1;
  for (const [index, name] of variables) units += (cells[index]?.length ?? 0) + name.length + 1;
  return units * 6;
}

function leftOutIssue(): Issue {
  const message = "Was left out of the list on purpose; put_back of change_list calls it again.";
  return { field: "row", code: "left_out", message };
}

function variablesTooLargeIssue(bytes: number): Issue {
  const message = `The variables take ${bytes} bytes as JSON; at most ${maxVariableBytes} are accepted.`;
  return { field: "dynamic_variables", code: "variables_too_large", message };
}

/** A row with other cells than the header is not guessed at: its name might belong to somebody else's number. */
function faultIssue(fault: RowFault, cells: readonly string[], width: number): Issue {
  const found = `Cells: ${width} expected, ${cells.length} found;`;
  switch (fault) {
    case "unclosed_quote":
      return rowIssue(
        fault,
        `A quote is opened and never closed, so ${linesOf(cells)}, to the end of the file, became this row; close the quote.`,
      );
    case "stray_quote":
      return rowIssue(
        fault,
        `A quote stands inside a quoted cell, so ${linesOf(cells)} of the file became this row; double that quote.`,
      );
    case "too_few_cells":
      return rowIssue(fault, `${found} add the missing ones, which may be empty.`);
    case "too_many_cells":
      return rowIssue(fault, `${found} put quotes around a cell that contains the separator.`);
  }
}

function rowIssue(code: RowFault, message: string): Issue {
  return { field: "row", code, message };
}

function linesOf(cells: readonly string[]): string {
  const lines = cells.join("").trimEnd().split("\n").length;
  return lines === 1 ? "1 line" : `${lines} lines`;
}
