import type { Task } from "../domain/batch/batch.ts";
import { formatCsv } from "./csv.ts";

/** The outcome of one recipient, as far as a results file tells it. */
export type ResultRow = Pick<Task, "row" | "toNumber" | "status" | "outcome" | "attempts" | "reason" | "callId">;

/**
 * `spreadsheet`: opens safely and rightly in Excel. It begins with a byte order mark, and a cell that would be computed
 * gets a leading apostrophe, phone numbers too (`'+14155550123`); lists with such numbers can be read in again.
 * `machine`: the values as they are, RFC 4180 in UTF-8.
 */
export type CsvReader = "spreadsheet" | "machine";

const columns = {
  row: "row",
  to_number: "toNumber",
  status: "status",
  outcome: "outcome",
  attempts: "attempts",
  reason: "reason",
  call_id: "callId",
} as const satisfies Record<string, keyof ResultRow>;

export function toCsv(results: readonly ResultRow[], { safeFor }: { readonly safeFor: CsvReader }): string {
  const forSpreadsheet = safeFor === "spreadsheet";
  const records = results.map((result) => Object.values(columns).map((key) => String(result[key] ?? "")));
  const text = formatCsv([Object.keys(columns), ...records], { guardFormulas: forSpreadsheet });
  return forSpreadsheet ? `\uFEFF${text}` : text;
}

/** One JSON object a line; what is not known is absent. */
export function toJsonLines(results: readonly ResultRow[]): string {
  const line = (result: ResultRow): string =>
    JSON.stringify(Object.fromEntries(Object.entries(columns).map(([name, key]) => [name, result[key]])));
  return results.map((result) => `${line(result)}\n`).join("");
}
