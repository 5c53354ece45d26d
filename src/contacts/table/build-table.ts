import type { Table, TableRow, TableShape } from "../../domain/list/table.ts";
import { Problem } from "../../domain/problem.ts";
import { UnreadableFile } from "../csv.ts";
import { findHeader } from "./find-header.ts";
import { type Layout, layOut, needsSurvey, type RawRow, type Survey, surveyColumns } from "./layout.ts";

/** Rows as a format has them, before anybody knows which one is the header. */
export type RawTable = {
  readonly source: string;
  readonly facts: Pick<TableShape, "format" | "encoding" | "sheet">;
  readonly said: readonly string[];
  /** True where a separator ends each cell, so that another number of cells than the header has is a fault. */
  readonly isSeparated: boolean;
  /** From the first row, blank ones and titles too. Is called several times. */
  rows(): AsyncIterable<readonly RawRow[]>;
};

const headRows = 100;

/**
 * Finds the header and names the columns. Blank rows are passed over and keep their number; rows above the header are
 * titles. Columns without a name and without any content are left out. Throws `invalid_input`, as the walk over the rows does.
 */
export async function buildTable(raw: RawTable): Promise<Table> {
  return refusing(raw.source, async () => {
    const head = await readHead(raw.rows());
    const header = headerOf(head);
    const first = header ?? head[0];
    if (first === undefined) throw new UnreadableFile("is empty");
    const survey = await surveyOf(raw, first, header?.row ?? 0);
    const layout = layOut(first, { isHeader: header !== undefined, isSeparated: raw.isSeparated, survey });
    const found = header === undefined ? {} : { headerRow: header.row };
    const said = [...raw.said, ...hiddenWords(survey)];
    const shape: TableShape = { source: raw.source, ...raw.facts, ...found, columns: layout.columns };
    return { shape: said.length === 0 ? shape : { ...shape, said }, rows: readRows(raw, layout, header?.row ?? 0) };
  });
}

/** Somebody who filters a sheet may think of the rows that are left as the list. */
function hiddenWords(survey: Survey | undefined): readonly string[] {
  if (survey === undefined || survey.hiddenRows === 0) return [];
  const rows =
    survey.hiddenRows === 1
      ? "1 row is hidden in the sheet, and is"
      : `${survey.hiddenRows} rows are hidden in the sheet, and are`;
  return [`${rows} part of the list all the same.`];
}

/** Runs a step of the reading; what cannot be read becomes a `Problem` that names the source. */
export async function refusing<T>(source: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw error instanceof UnreadableFile ? toProblem(source, error) : error;
  }
}

function toProblem(source: string, cause: UnreadableFile): Problem {
  return new Problem("invalid_input", `${source} ${cause.message}. Nothing was created.`, { cause });
}

async function readHead(blocks: AsyncIterable<readonly TableRow[]>): Promise<readonly TableRow[]> {
  const head: TableRow[] = [];
  for await (const block of blocks) {
    for (const row of block) if (row.cells.some((cell) => cell.trim() !== "")) head.push(row);
    if (head.length >= headRows) break;
  }
  return head.slice(0, headRows);
}

/** Undefined where the first row is a person. */
function headerOf(head: readonly TableRow[]): TableRow | undefined {
  const index = findHeader(head.map(({ cells }) => cells));
  const header = index === undefined ? undefined : head[index];
  if (header?.fault !== undefined) throw new UnreadableFile("has a quote in its header that is never closed");
  if (header !== undefined && header === head.at(-1)) throw new UnreadableFile("has a header but no rows below it");
  return header;
}

async function surveyOf(raw: RawTable, first: TableRow, headerRow: number): Promise<Survey | undefined> {
  return needsSurvey(first, raw.isSeparated) ? surveyColumns(raw.rows(), headerRow) : undefined;
}

async function* readRows(
  raw: RawTable,
  layout: Layout,
  headerRow: number,
): AsyncGenerator<readonly TableRow[], void, undefined> {
  try {
    for await (const block of raw.rows()) {
      const rows: TableRow[] = [];
      for (const row of block) {
        const fitted = row.row > headerRow ? layout.fit(row) : undefined;
        if (fitted !== undefined) rows.push(fitted);
      }
      if (rows.length > 0) yield rows;
    }
  } catch (error) {
    throw error instanceof UnreadableFile ? toProblem(raw.source, error) : error;
  }
}
