import { nameColumns } from "../../domain/list/find-header.ts";
import { type TableRow, trimCells } from "../../domain/list/table.ts";
import { counted } from "../../domain/text.ts";
import { UnreadableFile } from "../unreadable-file.ts";

const maxColumns = 1000;

/** A row as a format has it; in a sheet it may be hidden, by a filter or by hand. */
export type RawRow = TableRow & { readonly isHidden?: boolean };

/** Where the columns of a table are, and how a row fits them. */
export type Layout = {
  readonly columns: readonly string[];
  /** As `TableShape` has it. */
  readonly header?: readonly string[];
  /** As `TableShape` has it. */
  readonly blankPlaces?: readonly number[];
  /** The row with one trimmed cell a column, or with its fault; undefined for a blank one. */
  fit(row: TableRow): TableRow | undefined;
};

/** What was seen in a walk over all rows of people. */
export type Survey = { readonly filled: ReadonlySet<number>; readonly hiddenRows: number };

/** A look at the whole table is needed where a column may be without a name: it counts only if something stands in it. */
export function needsSurvey(first: TableRow, isSeparated: boolean): boolean {
  return !isSeparated || first.cells.some((cell) => cell.trim() === "");
}

export async function surveyColumns(blocks: AsyncIterable<readonly RawRow[]>, firstRow: number): Promise<Survey> {
  const filled = new Set<number>();
  let hiddenRows = 0;
  for await (const block of blocks) {
    for (const { row, cells, isHidden } of block) {
      if (row < firstRow) continue;
      if (isHidden) hiddenRows += 1;
      for (let index = 0; index < cells.length; index++) {
        if (!filled.has(index) && cells[index]?.trim() !== "") filled.add(index);
      }
    }
  }
  return { filled, hiddenRows };
}

type Facts = { readonly isHeader: boolean; readonly isSeparated: boolean; readonly survey: Survey | undefined };

/** `first` is the header, or the first row where there is none. Throws `UnreadableFile` for too many columns. */
export function layOut(first: TableRow, { isHeader, isSeparated, survey }: Facts): Layout {
  const header = isHeader ? first.cells : [];
  const width = isSeparated
    ? first.cells.length
    : Math.max(header.length, ...[...(survey?.filled ?? [])].map((at) => at + 1));
  const all = Array.from({ length: width }, (_, index) => index);
  const isBlank = (index: number) =>
    survey !== undefined && !survey.filled.has(index) && (header[index] ?? "").trim() === "";
  const places = all.filter((index) => !isBlank(index));
  // A sheet that was saved with thousands of them is not meant to have them.
  const blankPlaces = width <= maxColumns ? all.filter(isBlank) : [];
  if (places.length > maxColumns)
    throw new UnreadableFile(
      `has ${counted(places.length, "column")}; leave at most ${maxColumns.toLocaleString("en-US")}`,
    );
  const names = nameColumns(header, width);
  const columns = places.flatMap((place) => names[place] ?? []);
  const stood = places.map((place) => header[place] ?? "");
  return {
    columns,
    ...(isHeader && stood.some((cell, index) => cell !== columns[index]) && { header: stood }),
    ...(blankPlaces.length > 0 && { blankPlaces }),
    fit: (row) => fitRow(row, places, isSeparated ? width : Number.POSITIVE_INFINITY),
  };
}

/** A row with other cells than the header is not guessed at: its name might belong to somebody else's number. */
function fitRow(row: TableRow, places: readonly number[], width: number): TableRow | undefined {
  const fitted = trimCells(places.map((place) => row.cells[place] ?? ""));
  const isBlank = fitted.cells.every((cell) => cell === "");
  const tooMany = row.cells.length > width && row.cells.slice(width).some((cell) => cell.trim() !== "");
  if (row.fault === undefined && isBlank && !tooMany) return undefined;
  const isShort = width !== Number.POSITIVE_INFINITY && row.cells.length <= (places.at(-1) ?? 0);
  const fault = row.fault ?? (tooMany ? "too_many_cells" : isShort ? "too_few_cells" : undefined);
  if (fault === undefined) return { row: row.row, ...fitted };
  return { row: row.row, ...trimCells(row.cells), fault };
}
