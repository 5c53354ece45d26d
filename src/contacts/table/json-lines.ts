import { type ResultKey, resultKeys } from "../../domain/list/result-columns.ts";
import type { TableRow } from "../../domain/list/table.ts";
import { resultsHeader, resultsRecord } from "../results-file.ts";
import { UnreadableFile } from "../unreadable-file.ts";
import type { RawTable } from "./build-table.ts";

/** UTF-16 units of a line, with what was said in a call. */
const maxLineLength = 1_000_000;
const rowsAtOnce = 500;

/** Whether text begins as results in JSON lines do: with the row, the number or the status, and a status in its first line. */
export function isJsonLines(head: string): boolean {
  const [line = ""] = head.trimStart().split("\n", 1);
  return /^\{\s*"(?:row|to_number|status)"\s*:/.test(line) && /"status"\s*:\s*"/.test(line);
}

/**
 * Results in JSON lines as the table that a CSV of the same results is. No line has the names of the columns alone, so that
 * line 1 is row 1 and the header row 0. Throws `UnreadableFile` for a line that is none of them, in the walk too: a part of a file is not the whole list.
 */
export async function openJsonLines(
  texts: () => AsyncIterable<string>,
  facts: Pick<RawTable, "source" | "facts" | "said">,
): Promise<RawTable> {
  const shape = await findShape(texts());
  return { ...facts, isSeparated: true, rows: () => readRows(texts(), shape) };
}

type Shape = { readonly columns: readonly string[]; readonly answerNames: readonly string[] };

async function findShape(texts: AsyncIterable<string>): Promise<Shape> {
  let answerNames: readonly string[] = [];
  for await (const { line, text } of readLines(texts)) {
    const { fields, list } = parseLine(text, line);
    answerNames = [...answersIn(fields).keys()];
    if (list !== undefined) return { columns: Object.keys(list), answerNames };
  }
  return { columns: [], answerNames };
}

/** Values by the names of the answers, in their order; an answer that was not given is blank. */
function answersIn({ answers }: Fields): ReadonlyMap<string, string> {
  const given = Array.isArray(answers) ? answers.filter(isFields) : [];
  return new Map(given.flatMap(({ name, value }) => (typeof name === "string" ? [[name, toText(value)]] : [])));
}

async function* readRows(
  texts: AsyncIterable<string>,
  shape: Shape,
): AsyncGenerator<readonly TableRow[], void, undefined> {
  let rows: TableRow[] = [{ row: 0, cells: resultsHeader(shape.columns, shape.answerNames) }];
  for await (const { line, text } of readLines(texts)) {
    rows.push({ row: line, cells: cellsOf(parseLine(text, line), shape, line) });
    if (rows.length < rowsAtOnce) continue;
    yield rows;
    rows = [];
  }
  yield rows;
}

type Line = { readonly line: number; readonly text: string };

/** Blank lines are passed over and counted. */
async function* readLines(texts: AsyncIterable<string>): AsyncGenerator<Line, void, undefined> {
  let rest = "";
  let line = 0;
  for await (const text of texts) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > maxLineLength) throw notRead(line + lines.length + 1, "has more than 1,000,000 characters");
    for (const whole of lines) {
      line += 1;
      if (whole.trim() !== "") yield { line, text: whole };
    }
  }
  if (rest.trim() !== "") yield { line: line + 1, text: rest };
}

type Fields = Readonly<Record<string, unknown>>;
type ParsedLine = { readonly fields: Fields; readonly list: Fields | undefined };

function parseLine(text: string, line: number): ParsedLine {
  const fields = parseJson(text);
  if (!isFields(fields) || typeof fields["status"] !== "string") throw notRead(line, "is not a row of results in JSON");
  const { list } = fields;
  if (list !== undefined && !isFields(list)) throw notRead(line, "has a list that is not an object");
  return { fields, list };
}

function cellsOf({ fields, list = {} }: ParsedLine, { columns, answerNames }: Shape, line: number): readonly string[] {
  const stranger = Object.keys(list).find((name) => !columns.includes(name));
  if (stranger !== undefined) throw notRead(line, "has a column that the lines before it do not have");
  const unplaced = Array.isArray(fields["cells"]) ? fields["cells"].map(toText) : undefined;
  const result: Partial<Record<ResultKey, string>> = {};
  for (const key of resultKeys) if (fields[key] !== undefined) result[key] = toResultText(key, fields[key]);
  const cells = columns.map((name) => (Object.hasOwn(list, name) ? toText(list[name]) : ""));
  const answers = Array.from(answersIn(fields), ([name, value]) => ({ name, value }));
  const known = answers.filter(({ name }) => answerNames.includes(name));
  const read = { cells, ...(unplaced && { unplaced }), result, answers: known };
  return resultsRecord(read, columns.length, answerNames).map(String);
}

function toResultText(key: ResultKey, value: unknown): string {
  if (key !== "each_attempt" || !Array.isArray(value)) return toText(value);
  return value.map((attempt, at) => `${at + 1} ${isFields(attempt) ? attemptText(attempt) : ""}`.trim()).join("; ");
}

function attemptText({ to_number: to, from_number: from, outcome = "open", started_utc: at = "" }: Fields): string {
  const began = `${toText(to)} ${toText(outcome)} ${toText(at).replace(/\.\d+Z$/, "Z")}`;
  return from === undefined ? began : `${began} from ${toText(from)}`;
}

function toText(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function notRead(line: number, what: string): UnreadableFile {
  return new UnreadableFile(`begins as results in JSON lines, and line ${line} ${what}; export the results again`);
}
