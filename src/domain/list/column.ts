import type { TableRow } from "./table.ts";

/** What the columns are told apart by. */
export type ColumnSamples = {
  /** Names of the columns, see `TableShape.columns`. */
  readonly columns: readonly string[];
  /** The first rows of people; some hundred are plenty. The cells of a row with a fault tell nothing. */
  readonly rows: readonly TableRow[];
};

/** A column and its cells in the sample rows, blank ones too. */
export type Column = {
  readonly index: number;
  readonly name: string;
  readonly cells: readonly string[];
};

export function toColumns({ columns, rows }: ColumnSamples): readonly Column[] {
  const whole = rows.filter(({ fault }) => fault === undefined);
  return columns.map((name, index) => ({ index, name, cells: whole.map(({ cells }) => cells[index] ?? "") }));
}
