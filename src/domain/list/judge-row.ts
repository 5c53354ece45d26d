import type { BareDigits, NumberReading } from "../phone/number-reading.ts";
import { type ParsedPhoneNumber, parsePhoneNumber, toTodaysNumber } from "../phone/phone-number.ts";
import { parseRowCountry } from "../phone/row-country.ts";
import { type Issue, isIssue } from "../problem.ts";
import { counted, plainText } from "../text.ts";
import type { ColumnPlan } from "./column-plan.ts";
import { maxRetriesIssue, readMaxRetries } from "./judge-retries.ts";
import { isNotBefore, notBeforeIssue, timezoneIssue } from "./judge-time.ts";
import type { RowFault } from "./table.ts";

/** What all rows of a list are judged by. */
export type JudgedBy = {
  readonly columns: readonly string[];
  readonly plan: ColumnPlan;
  /** Country of numbers without one, ISO 3166-1 alpha-2. */
  readonly defaultCountry?: string;
  /** What each whole phone column says, in the order of the plan, once that is known. */
  readonly bareDigits?: readonly (BareDigits | undefined)[];
  /** Numbers in today's form that are nobody's of the list, as somebody said who answered there. */
  readonly wrongNumbers?: ReadonlySet<string>;
};

/** A row with its cells as they are now. */
export type RowToJudge = {
  readonly row: number;
  readonly cells: readonly string[];
  readonly fault?: RowFault;
  /** Said of this row alone: wins over the list's country and the cell beside the number. */
  readonly country?: string;
  readonly leftOut?: boolean;
  /** Why it is not called again though it could be, in a sentence. */
  readonly notAgain?: string;
};

/** Code of cells that would be zones in a column that is not used. */
export const unusedZone = "unused_zone";

/** Bytes of a recipient's variables as UTF-8 JSON, the API's own limit. */
const maxVariableBytes = 5120;

/** The numbers of a row that can be called, the first one first. `isPromoted`: that is not the one of the first phone column. */
export type RowNumbers = { readonly numbers: readonly ParsedPhoneNumber[]; readonly isPromoted: boolean };

/** The numbers of a row, or why it cannot be called. `unread` hears of cells that refuse nobody. */
export function judgeRow(row: RowToJudge, by: JudgedBy, unread: (issue: Issue) => void): RowNumbers | Issue {
  if (row.leftOut) return leftOutIssue();
  if (row.fault !== undefined) return faultIssue(row.fault, row.cells, by.columns.length);
  const numbers = readRowNumbers(row, by, unread);
  const why = isIssue(numbers) ? numbers : whyNotSent(row.cells, by);
  if (why) return why;
  const { unusedTimezone: unused } = by.plan;
  if (unused !== undefined && row.cells[unused]?.trim())
    unread({ field: by.columns[unused] ?? "timezone", code: unusedZone, message: "" });
  return numbers;
}

/** Values of a row's variables, by their names. A column named `__proto__` is nothing special. */
export function variablesOf(cells: readonly string[], { variables }: ColumnPlan): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const [index, name] of variables) {
    const value = cells[index] ?? "";
    if (name === "__proto__")
      Object.defineProperty(values, name, { value, enumerable: true, writable: true, configurable: true });
    else values[name] = value;
  }
  return values;
}

/** Blank cells are passed over; of the others the first that can be called is. When none can, the first says why. */
function readRowNumbers(row: RowToJudge, by: JudgedBy, unread: (issue: Issue) => void): RowNumbers | Issue {
  const reading = readingOf(row, by);
  if (isIssue(reading)) return reading;
  const { phone } = by.plan;
  const filled = phone.filter((index) => row.cells[index]?.trim());
  const numbers: ParsedPhoneNumber[] = [];
  const issues: Issue[] = [];
  let isPromoted = false;
  for (const index of filled.length > 0 ? filled : phone.slice(0, 1)) {
    const bareDigits = by.bareDigits?.[phone.indexOf(index)];
    const decided = bareDigits === undefined ? reading : { ...reading, bareDigits };
    const read = parsePhoneNumber(row.cells[index] ?? "", decided, by.columns[index] ?? "to_number");
    if (isIssue(read)) issues.push(read);
    else if (by.wrongNumbers?.has(toTodaysNumber(read.e164))) issues.push(wrongNumberIssue());
    else {
      if (numbers.length === 0) isPromoted = index !== phone[0];
      numbers.push(read);
    }
  }
  const [why] = issues;
  if (numbers.length === 0 && why !== undefined) return why;
  issues.filter(({ code }) => code !== notAgainCode).forEach(unread);
  return { numbers, isPromoted };
}

type Cells = Pick<RowToJudge, "cells" | "country">;
type CountryBy = Pick<JudgedBy, "columns" | "defaultCountry"> & { readonly plan: Pick<ColumnPlan, "country"> };

/**
 * What a row's numbers are read by. A blank cell beside the number says nothing; one that cannot be read could have said
 * that the number is abroad, and refuses the row.
 */
export function readingOf({ country: own, cells }: Cells, by: CountryBy): NumberReading | Issue {
  const { columns, plan, defaultCountry } = by;
  const country = own ?? defaultCountry;
  const cell = plan.country === undefined || own !== undefined ? "" : (cells[plan.country] ?? "").trim();
  const beside = cell === "" ? undefined : parseRowCountry(cell);
  if (cell !== "" && beside === undefined) return rowCountryIssue(cell, columns[plan.country ?? 0] ?? "country");
  if (beside === undefined) return country === undefined ? {} : { country };
  return country === undefined ? { beside } : { country, beside };
}

function rowCountryIssue(cell: string, field: string): Issue {
  const message = `"${plainText(cell, 40)}" is no country or calling code; write two letters, such as GB, or a code such as +44.`;
  return { field, code: "unknown_country", message };
}

function whyNotSent(cells: readonly string[], { columns, plan }: JudgedBy): Issue | undefined {
  const retries = plan.maxRetries;
  if (retries !== undefined && readMaxRetries(cells[retries] ?? "") === null) {
    return maxRetriesIssue(cells[retries] ?? "", columns[retries] ?? "max_retries");
  }
  const zone = plan.timezone === undefined ? "" : (cells[plan.timezone] ?? "").trim();
  const unknownZone = zone === "" ? undefined : timezoneIssue(zone, columns[plan.timezone ?? 0] ?? "timezone");
  if (unknownZone) return unknownZone;
  const time = plan.notBefore === undefined ? "" : (cells[plan.notBefore] ?? "").trim();
  if (time !== "" && !isNotBefore(time)) return notBeforeIssue(time, columns[plan.notBefore ?? 0] ?? "not_before");
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

/** Code of rows that a batch was to call again and that it does not. */
export const notAgainCode = "not_again";

function wrongNumberIssue(): Issue {
  const message = "Is not called again: who answered there said that it is a wrong number.";
  return { field: "row", code: notAgainCode, message };
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
export function faultIssue(fault: RowFault, cells: readonly string[], width: number): Issue {
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
  return counted(lines, "line");
}
