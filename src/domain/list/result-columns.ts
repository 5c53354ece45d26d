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

/** Where a file of results says why a row was not called again. Undefined for any other table. */
export type ResultPlaces = { readonly reason: readonly number[]; readonly attempts: readonly number[] };

export function placesOfReasons(names: readonly string[]): ResultPlaces | undefined {
  if (!isResultsHeader(names)) return undefined;
  const placesOf = (key: ResultKey) =>
    names.flatMap((name, index) => (name.trim().replace(/_\d+$/, "") === `result_${key}` ? [index] : []));
  return { reason: placesOf("reason"), attempts: placesOf("each_attempt") };
}

/** What an attempt of `result_each_attempt` ends with where somebody said in it that the number is not theirs. */
export const wrongNumberMark = "(wrong number)";

const optedOut = /\basked (?:on the phone )?not to be called again\b/i;
const wrongNumber = /\ba wrong number\b/i;

/** Why somebody whom an earlier batch was not to call again is not called by a list that its results became, in a sentence. */
export function whyNotAgain(cells: readonly string[], { reason, attempts }: ResultPlaces): string | undefined {
  const says = (places: readonly number[], test: (cell: string) => boolean) =>
    places.some((place) => test(cells[place] ?? ""));
  const isWrong =
    says(reason, (cell) => wrongNumber.test(cell)) || says(attempts, (cell) => cell.includes(wrongNumberMark));
  const why = says(reason, (cell) => optedOut.test(cell))
    ? "they asked for that on the phone"
    : isWrong && "who answered there said that it is a wrong number";
  return why
    ? `Is not called again: ${why}, as its results say. put_back of change_list calls it all the same.`
    : undefined;
}

/** The same of a row that has the number of such a one. */
export function sameAsNotAgain(row: number | undefined): string | undefined {
  if (row === undefined) return undefined;
  return `Is not called again: it has the number of row ${row}, whose results say so. put_back of change_list calls it all the same.`;
}

/** Whether a table is a file of results alone, without any column of the list: that list was deleted. */
export function isResultsAlone(names: readonly string[]): boolean {
  const places = resultPlaces(names);
  return places.length > 0 && places.length === names.length;
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
