import type { ColumnSamples } from "./column.ts";

/** What a file of results says of each row, in this order; as columns behind those of the list, each with `result_` before its name. */
export const resultKeys = [
  "row",
  "to_number",
  "status",
  "outcome",
  "reason",
  "attempts",
  "started_utc",
  "started_local",
  "ended_utc",
  "ended_local",
  "timezone",
  "duration_seconds",
  "each_attempt",
  "fallback_number",
  "fallback_attempts",
  "summary",
  "recording_url",
  "message_left",
  "cost",
  "cost_unit",
  "call_id",
  "missing",
] as const;
export type ResultKey = (typeof resultKeys)[number];

export const resultColumns: readonly string[] = resultKeys.map((key) => `result_${key}`);

/** Behind these, one column for each name of an answer. */
const answerPrefix = "result_answer_";

export function answerColumns(names: readonly string[]): readonly string[] {
  return names.map((name) => `${answerPrefix}${name}`);
}

/** By these, which no other list has by chance, a file of results is known again: they stand in every version of it, side by side. */
export const signature: readonly string[] = ["result_row", "result_to_number", "result_status", "result_outcome"];

const known = new Set(resultColumns);

export function isResultsHeader(names: readonly string[]): boolean {
  const found = new Set(names.map((name) => name.trim()));
  return signature.every((name) => found.has(name));
}

function isResult(name: string): boolean {
  return known.has(name.replace(/_\d+$/, "")) || name.startsWith(answerPrefix);
}

/** The columns of a file of results that its list did not have; `result_row_2` was added by a second export. None for any other table. */
export function resultPlaces(names: readonly string[]): readonly number[] {
  if (!isResultsHeader(names)) return [];
  return names.flatMap((name, index) => (isResult(name.trim()) ? [index] : []));
}

/** The samples without anything in the columns of results: a number that was called is not the list's column of numbers. */
export function hideResults(samples: ColumnSamples): ColumnSamples {
  const hidden = new Set(resultPlaces(samples.columns));
  if (hidden.size === 0) return samples;
  const rows = samples.rows.map((row) => ({
    ...row,
    cells: row.cells.map((cell, index) => (hidden.has(index) ? "" : cell)),
  }));
  return { ...samples, rows };
}
