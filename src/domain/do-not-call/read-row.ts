import { withoutGuard } from "../formula-guard.ts";
import { faultIssue, readingOf } from "../list/judge-row.ts";
import type { TableRow } from "../list/table.ts";
import type { NumberReading } from "../phone/number-reading.ts";
import { phoneIssue } from "../phone/phone-issue.ts";
import { type E164, readEveryNumber } from "../phone/phone-number.ts";
import { type Issue, isIssue } from "../problem.ts";
import { plainText } from "../text.ts";
import { type DoNotCallFacts, factNames, longestFacts } from "./entry.ts";
import type { DoNotCallPlan } from "./plan-columns.ts";

/** What all rows of a do-not-call file are read by. */
export type ReadBy = {
  readonly columns: readonly string[];
  readonly plan: DoNotCallPlan;
  /** Country of numbers without one, ISO 3166-1 alpha-2. */
  readonly defaultCountry?: string;
  /** Of the phone columns in the order of the plan: whether digits without a plus may carry a country code of their own. */
  readonly carryCodes: readonly boolean[];
};

/** The numbers of one row, what is said of them, and each cell that gave none. */
export type DoNotCallRow = {
  readonly numbers: readonly E164[];
  readonly facts: DoNotCallFacts;
  readonly issues: readonly Issue[];
};

/** All numbers that a row can mean: a second one on the list harms nobody, a missing one is somebody who asked. */
export function readDoNotCallRow(row: TableRow, by: ReadBy): DoNotCallRow {
  const facts = readFacts(row.cells, by.plan);
  if (row.fault !== undefined)
    return { numbers: [], facts, issues: [faultIssue(row.fault, row.cells, by.columns.length)] };
  const filled = [...by.plan.phone.entries()].filter(([, index]) => row.cells[index]?.trim());
  const [first = 0] = by.plan.phone;
  if (filled.length === 0) return { numbers: [], facts, issues: [phoneIssue("empty", "", by.columns[first] ?? "")] };
  const reading = readingOf(row, by);
  const read = filled.map(([place, index]) => readCell(row.cells[index] ?? "", reading, place, index, by));
  const numbers = read.flatMap((cell) => cell.numbers);
  return { numbers: [...new Set(numbers)], facts, issues: read.flatMap((cell) => cell.issues) };
}

function readCell(
  cell: string,
  reading: NumberReading | Issue,
  place: number,
  index: number,
  { columns, carryCodes, defaultCountry }: ReadBy,
): Pick<DoNotCallRow, "numbers" | "issues"> {
  const field = columns[index] ?? "to_number";
  // A country that cannot be read says nothing against a number with a plus; whose the others are nobody knows.
  const given = isIssue(reading) ? {} : { ...reading, ...(carryCodes[place] && { bareDigits: "mixed" as const }) };
  const read = readEveryNumber(cell, given, field);
  if (read.numbers.length > 0) return read;
  if (isIssue(reading)) return { numbers: [], issues: [reading] };
  const isContradicted = read.issues.some(({ code }) => code === "country_contradiction");
  return isContradicted ? readEveryNumber(cell, defaultCountry, field) : read;
}

function readFacts(cells: readonly string[], { facts, addedUtc }: DoNotCallPlan): DoNotCallFacts {
  const read = factNames.map((fact) => {
    const index = facts[fact];
    return [fact, index === undefined ? "" : plainText(withoutGuard(cells[index] ?? ""), longestFacts[fact])];
  });
  const said: DoNotCallFacts = Object.fromEntries(read.filter(([, text]) => text !== ""));
  const since = addedUtc === undefined ? "" : plainText(cells[addedUtc] ?? "", 40);
  // When somebody came onto another list is the best that is known of when they asked.
  return said.requestedAt !== undefined || since === "" ? said : { ...said, requestedAt: `listed since ${since}` };
}
