import { withoutGuard } from "../../domain/formula-guard.ts";
import { findHeader } from "../../domain/list/find-header.ts";
import { heldBefore } from "../../domain/list/judge-row.ts";
import { isResultsHeader } from "../../domain/list/result-columns.ts";
import { readerOfResults, type SaidInRow } from "../../domain/list/said-in-results.ts";
import type { HeldNumbers, Table, TableRow, TableShape } from "../../domain/list/table.ts";
import { Problem } from "../../domain/problem.ts";
import { counted } from "../../domain/text.ts";
import { UnreadableFile } from "../unreadable-file.ts";
import { type Layout, layOut, needsSurvey, type RawRow, type Survey, surveyColumns } from "./layout.ts";

/** Rows as a format has them, before anybody knows which one is the header. */
export type RawTable = {
  readonly source: string;
  readonly facts: Pick<TableShape, "format" | "encoding" | "sheet">;
  readonly said: readonly string[];
  /** True where a separator ends each cell, so that another number of cells than the header has is a fault. */
  readonly isSeparated: boolean;
  /** True for text with a byte order mark before it, as a file of results for spreadsheets has one. */
  readonly hasMark?: boolean;
  /** From the first row, blank ones and titles too. Is called several times. */
  rows(): AsyncIterable<readonly RawRow[]>;
};

const headRows = 100;

/**
 * Finds the header and names the columns. Blank rows are passed over and keep their number; rows above the header are
 * titles. Columns without a name and without any content are none of the list's. Throws `invalid_input`, as the walk over the rows does.
 */
export async function buildTable(found: RawTable): Promise<Table> {
  return refusing(found.source, async () => {
    const raw = await asResults(found);
    const { header, firstRow } = findPlaces(await readHead(raw.rows()));
    const first = header ?? firstRow;
    const survey = needsSurvey(first, raw.isSeparated) ? await surveyColumns(raw.rows(), firstRow.row) : undefined;
    const layout = layOut(first, { isHeader: header !== undefined, isSeparated: raw.isSeparated, survey });
    const place = {
      ...(header && { headerRow: header.row }),
      columns: layout.columns,
      ...(layout.header && { header: layout.header }),
      ...(layout.blankPlaces && { blankPlaces: layout.blankPlaces }),
    };
    const said = [...raw.said, ...hiddenWords(survey)];
    const shape: TableShape = { source: raw.source, ...raw.facts, ...place };
    const rows = () => readRows(raw, layout, firstRow.row);
    const read = readerOfResults(layout.columns);
    const table = { shape: said.length === 0 ? shape : { ...shape, said } };
    if (!read) return { ...table, rows: rows() };
    return { ...table, rows: withReasons(rows(), read), held: await findHeld(rows(), read) };
  });
}

const resultsWords =
  "It holds the results of an earlier batch (columns result_…). By themselves they leave out wrong numbers and who asked not to be called again, and nobody else: change_list with keep_where on result_outcome keeps those with some outcomes.";

/** A file of results as the list that it was made from: what its writer put before formulas is taken off. */
async function asResults(raw: RawTable): Promise<RawTable> {
  const head = await readHead(raw.rows());
  if (!head.some(({ cells }) => isResultsHeader(cells))) return raw;
  const said = [...raw.said, resultsWords];
  return raw.hasMark ? { ...raw, said, rows: () => unguarded(raw.rows()) } : { ...raw, said };
}

type ReadRow = (cells: readonly string[]) => SaidInRow;

/** What is not called again may stand below a row that has the same number, so all rows are walked before any is judged. */
async function findHeld(blocks: AsyncIterable<readonly TableRow[]>, read: ReadRow): Promise<HeldNumbers> {
  const wrong = new Set<string>();
  const optedOut = new Set<string>();
  for await (const block of blocks) {
    for (const { cells, fault } of block) {
      if (fault !== undefined) continue;
      const said = read(cells);
      for (const number of said.wrongNumbers) wrong.add(number);
      for (const number of said.optedOut) optedOut.add(number);
    }
  }
  return { wrongNumbers: [...wrong], optedOut: [...optedOut] };
}

async function* withReasons(
  blocks: AsyncIterable<readonly TableRow[]>,
  read: ReadRow,
): AsyncGenerator<readonly TableRow[], void, undefined> {
  for await (const block of blocks)
    yield block.map((row) =>
      row.fault === undefined && read(row.cells).isHeld ? { ...row, notAgain: heldBefore } : row,
    );
}

async function* unguarded(
  blocks: AsyncIterable<readonly RawRow[]>,
): AsyncGenerator<readonly RawRow[], void, undefined> {
  for await (const block of blocks) yield block.map((row) => ({ ...row, cells: row.cells.map(withoutGuard) }));
}

/** Somebody who filters a sheet may think of the rows that are left as the list. */
function hiddenWords(survey: Survey | undefined): readonly string[] {
  if (survey === undefined || survey.hiddenRows === 0) return [];
  const rows = counted(
    survey.hiddenRows,
    "row is hidden in the sheet, and is",
    "rows are hidden in the sheet, and are",
  );
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

type Places = { readonly header: TableRow | undefined /** The first row of a person. */; readonly firstRow: TableRow };

function findPlaces(head: readonly TableRow[]): Places {
  const { headerIndex, firstDataIndex } = findHeader(head);
  const header = headerIndex === undefined ? undefined : head[headerIndex];
  const firstRow = head[firstDataIndex];
  if (firstRow === undefined) throw new UnreadableFile("is empty; give a list with at least one person");
  if (header?.fault !== undefined) throw new UnreadableFile("has a wrong quote in its header; close it or double it");
  // What it hides would have told that the row above it is a header.
  const opened = hasDigit(firstRow) ? firstRow : [firstRow, head[firstDataIndex + 1]].find(isUnclosed);
  if (opened !== undefined && isUnclosed(opened)) {
    throw new UnreadableFile(`has a quote in row ${opened.row} that is never closed, so that nobody is left; close it`);
  }
  if (head.length === 1 && !hasDigit(firstRow)) {
    throw new UnreadableFile("has one row and no number in it; below a header there have to be rows of people");
  }
  return { header, firstRow };
}

function hasDigit({ cells }: TableRow): boolean {
  return /\p{Nd}/u.test(cells.join(""));
}

function isUnclosed(row: TableRow | undefined): boolean {
  return row?.fault === "unclosed_quote";
}

async function* readRows(
  raw: RawTable,
  layout: Layout,
  firstRow: number,
): AsyncGenerator<readonly TableRow[], void, undefined> {
  try {
    for await (const block of raw.rows()) {
      const rows: TableRow[] = [];
      for (const row of block) {
        const fitted = row.row >= firstRow ? layout.fit(row) : undefined;
        if (fitted !== undefined) rows.push(fitted);
      }
      if (rows.length > 0) yield rows;
    }
  } catch (error) {
    throw error instanceof UnreadableFile ? toProblem(raw.source, error) : error;
  }
}
