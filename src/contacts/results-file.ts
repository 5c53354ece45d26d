import type { Answer } from "../domain/batch/answers.ts";
import type { Dial } from "../domain/batch/batch.ts";
import { nameColumns } from "../domain/list/find-header.ts";
import { answerColumns, type ResultKey, resultColumns, resultKeys } from "../domain/list/result-columns.ts";
import { formatCsv } from "./csv-text.ts";
import { writeWorkbook } from "./xlsx/write-workbook.ts";

/** What came of a row, by the names of the wire; what is not known is absent or undefined. */
export type Result = { readonly [K in ResultKey]?: string | number | undefined };

/** A row of the list that a batch was made of, or somebody whom that list does not have. */
export type ResultLine = {
  /** As many as the list has columns; none for somebody whom it does not have. */
  readonly cells: readonly string[];
  /** The cells of a row that belong to no column. They stand in none, where another reading would take them for somebody's number. */
  readonly unplaced?: readonly string[];
  readonly result: Result;
  /** All attempts, where the API tells them; JSON lines have them whole. */
  readonly dials?: readonly Dial[];
  /** What was found out in the last call. */
  readonly answers?: readonly Answer[];
  /** What was said in it. */
  readonly transcript?: string;
};

/** The columns of a list, and its rows with their results in the order of the list. */
export type Results = {
  readonly columns: readonly string[];
  /** What the list's own header says, where these are not the names. */
  readonly header?: readonly string[];
  /** Where its source has a column with neither a name nor a cell, from 0, ascending. */
  readonly blankPlaces?: readonly number[];
  /** Names of answers, each of which has a column. */
  readonly answerNames?: readonly string[];
  readonly lines: AsyncIterable<readonly ResultLine[]>;
};

/**
 * `spreadsheet`: opens safely and rightly in Excel. It begins with a byte order mark, and a cell that would be computed
 * gets a leading apostrophe, phone numbers too (`'+14155550123`), which the reading of lists takes off.
 * `machine`: the values as they are, RFC 4180 in UTF-8.
 */
export type CsvReader = "spreadsheet" | "machine";

/** The columns of the list in their order, then those of the results; one of the same name as one of the list gets a number. */
export async function* toCsv(
  { columns, header: stood, blankPlaces, answerNames, lines }: Results,
  safeFor: CsvReader,
): AsyncGenerator<string, void, undefined> {
  const guardFormulas = safeFor === "spreadsheet";
  const header = formatCsv([withBlankCells(resultsHeader(columns, answerNames, stood), blankPlaces)], {
    guardFormulas,
  });
  yield guardFormulas ? `\uFEFF${header}` : header;
  for await (const some of lines) {
    const records = some.map((line) =>
      withBlankCells(resultsRecord(line, columns.length, answerNames), blankPlaces).map(String),
    );
    if (records.length > 0) yield formatCsv(records, { guardFormulas });
  }
}

/** The same columns in an Excel workbook. Its texts are texts, so that no number loses its plus and nothing is computed. */
export function toXlsx({
  columns,
  header,
  blankPlaces,
  answerNames,
  lines,
}: Results): AsyncGenerator<Uint8Array, void, undefined> {
  async function* rows(): AsyncGenerator<readonly (readonly (string | number)[])[], void, undefined> {
    yield [withBlankCells(resultsHeader(columns, answerNames, header), blankPlaces)];
    for await (const some of lines)
      yield some.map((line) => withBlankCells(resultsRecord(line, columns.length, answerNames), blankPlaces));
  }
  return writeWorkbook("Results", rows());
}

/** The header of a file of results whose list had these columns, under the names that its own header has for them. */
export function resultsHeader(
  columns: readonly string[],
  answerNames: readonly string[] = [],
  header: readonly string[] = columns,
): readonly string[] {
  const names = [...columns, ...resultColumns, ...answerColumns(answerNames)];
  return nameColumns(names, names.length).map((name, index) => header[index] ?? name);
}

/** One cell for each of them. */
export function resultsRecord(
  line: ResultLine,
  width: number,
  answerNames: readonly string[] = [],
): readonly (string | number)[] {
  const { cells, unplaced, result, answers = [] } = withMissingAnswers(line, answerNames);
  const reason = unplaced && `${result.reason ?? ""} Its cells: ${formatCsv([unplaced], { guardFormulas: false })}`;
  const told: Result = reason === undefined ? result : { ...result, reason: reason.trim() };
  const record: (string | number)[] = [];
  for (let column = 0; column < width; column++) record.push(cells[column] ?? "");
  for (const key of resultKeys) record.push(told[key] ?? "");
  for (const wanted of answerNames) record.push(answers.find(({ name }) => name === wanted)?.value ?? "");
  return record;
}

/** The cells with an empty one wherever the file of the list has a blank column. */
function withBlankCells<T>(cells: readonly T[], blankPlaces: readonly number[] = []): readonly (T | "")[] {
  if (blankPlaces.length === 0) return cells;
  const all: (T | "")[] = [...cells];
  for (const place of blankPlaces) all.splice(place, 0, "");
  return all;
}

/** An answer that came while the file was written has no column, and is told as missing. */
function withMissingAnswers(line: ResultLine, answerNames: readonly string[]): ResultLine {
  if (!line.answers) return line;
  const others = othersOf(line, answerNames).map(({ name, value }) => `${name}: ${value}`);
  if (others.length === 0) return line;
  const missing = [line.result.missing, `answers without a column: ${others.join("; ")}`].filter(Boolean).join("; ");
  return { ...line, result: { ...line.result, missing } };
}

function othersOf({ answers = [] }: ResultLine, answerNames: readonly string[]): readonly Answer[] {
  return answers.filter(({ name }) => !answerNames.includes(name));
}

/** One JSON object a line; what is not known is absent. The cells of the list stand in `list`, by column, and the attempts one by one. */
export async function* toJsonLines(
  { columns, answerNames = [], lines }: Results,
  { transcripts = false }: { readonly transcripts?: boolean } = {},
): AsyncGenerator<string, void, undefined> {
  for await (const some of lines) {
    const shown = transcripts ? some : some.map(({ transcript: _, ...line }) => line);
    yield shown.map((line) => `${toJsonLine(line, columns, answerNames)}\n`).join("");
  }
}

/** Every line has all names of answers, and that of every row the columns of the list, so that the first ones tell them. */
function toJsonLine(line: ResultLine, columns: readonly string[], answerNames: readonly string[]): string {
  const { cells, unplaced, result, dials, transcript, answers = [] } = withMissingAnswers(line, answerNames);
  const told = { ...result, ...(dials && { each_attempt: dials.map(toAttempt) }) };
  const own: (readonly [string, unknown])[] = resultKeys.map((key) => [key, told[key]]);
  if (answerNames.length > 0) {
    const named = answerNames.map((wanted) => answers.find(({ name }) => name === wanted) ?? { name: wanted });
    own.push(["answers", named]);
  }
  const others = othersOf(line, answerNames);
  if (others.length > 0) own.push(["more_answers", others]);
  own.push(["transcript", transcript]);
  if (unplaced !== undefined) own.push(["cells", unplaced]);
  if (unplaced !== undefined || cells.length > 0)
    own.push(["list", Object.fromEntries(columns.map((name, at) => [name, cells[at] ?? ""]))]);
  return JSON.stringify(Object.fromEntries(own));
}

function toAttempt({ fromNumber, toNumber, outcome, startedAt, endedAt, callId }: Dial) {
  return {
    to_number: toNumber,
    from_number: fromNumber,
    outcome,
    started_utc: startedAt,
    ended_utc: endedAt,
    call_id: callId,
  };
}
