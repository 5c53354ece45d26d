/** A table as people give one: a file, an upload, text, or the recipients of a call. Nothing in it was judged yet. */

/** Why a row's cells cannot be told apart: quotes that are wrong, or another number of cells than the header has. */
export type RowFault = "unclosed_quote" | "stray_quote" | "too_few_cells" | "too_many_cells";

export type TableRow = {
  /**
   * The row as its source shows it, from 1: in a file the line of the spreadsheet, title rows, header and blank rows
   * counted; in `tasks` the place in the list.
   */
  readonly row: number;
  /** One cell a column, trimmed; as many as there are columns, unless there is a fault. */
  readonly cells: readonly string[];
  readonly asGiven?: CellsAsGiven;
  readonly fault?: RowFault;
  /** In a file of results: why it is not called again, in a sentence. */
  readonly notAgain?: string;
};

/** Cells that had white space around them, as they stood, by their index: what gives the file back has them, and nothing else. */
export type CellsAsGiven = Readonly<Record<number, string>>;

/** Cells as they are meant, and beside them those that stood otherwise. */
export function trimCells(given: readonly string[]): Pick<TableRow, "cells" | "asGiven"> {
  let asGiven: Record<number, string> | undefined;
  const cells = given.map((cell, index) => {
    const meant = cell.trim();
    if (meant.length === cell.length) return cell;
    asGiven ??= {};
    asGiven[index] = cell;
    return meant;
  });
  return asGiven === undefined ? { cells } : { cells, asGiven };
}

/** The cells as they stood. */
export function untrimmed({ cells, asGiven }: Pick<TableRow, "cells" | "asGiven">): readonly string[] {
  return asGiven === undefined ? cells : cells.map((cell, index) => asGiven[index] ?? cell);
}

/** What was found out about a table before its rows are read. */
export type TableShape = {
  /** Names the source in errors: `"june.xlsx" in /home/ann/Documents/Batch Calls`. */
  readonly source: string;
  readonly format: "csv" | "xlsx" | "tasks";
  /** How the bytes of text were read; absent for a workbook and for text that came as text. */
  readonly encoding?: "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";
  /** Name of the sheet of a workbook. */
  readonly sheet?: string;
  /** Row of the header, 0 where each row names its cells; absent when the table has none, and its columns are `column_1`, `column_2` … */
  readonly headerRow?: number;
  /** Names of the columns, never blank and never the same twice. */
  readonly columns: readonly string[];
  /** The cells of the header as they stood, one a column; absent where they are the names themselves. */
  readonly header?: readonly string[];
  /** Where the table has a column with neither a name nor a cell, from 0, ascending: none of `columns`; what gives the file back has it. */
  readonly blankPlaces?: readonly number[];
  /** What people should know about the reading, in sentences: which of several sheets, an encoding that was worked out. */
  readonly said?: readonly string[];
};

/** Numbers in today's form that a file of results tells not to call again, by what was said on them. */
export type HeldNumbers = {
  /** Nobody of the list is called under one of these; who has another number is called under that. */
  readonly wrongNumbers: readonly string[];
  /** Who has one of these asked not to be called again, and is called under none. */
  readonly optedOut: readonly string[];
};

/** A table that is being read. `rows` can be walked once, in blocks, so that a long one does not hold the program up. */
export type Table = {
  readonly shape: TableShape;
  readonly rows: AsyncIterable<readonly TableRow[]>;
  /** Of a file of results. */
  readonly held?: HeldNumbers;
};
