import { quote, quoteAll } from "../domain/list/column-problem.ts";
import { type TableRow, type TableShape, trimCells, untrimmed } from "../domain/list/table.ts";
import type { Issue } from "../domain/problem.ts";
import { counted } from "../domain/text.ts";
import { findPlace } from "./column-names.ts";
import type { Head } from "./head-store.ts";
import { type StoredRow, toStoredRow } from "./stored-row.ts";

/** How the columns of an added table become those of the list. */
export type AddedColumns = {
  /** Names of the list's columns afterwards. */
  readonly columns: readonly string[];
  /** For each column of the added table the list's. */
  readonly places: readonly number[];
};

/** Columns are matched by their names; without names, by their places. What the list has no column for becomes one of it. */
export function matchColumns({ shape, plan }: Head, added: TableShape): AddedColumns | Issue {
  const isNamed = shape.headerRow !== undefined || shape.format === "tasks";
  if (!isNamed && added.headerRow === undefined) return byPlace(shape.columns, added);
  const columns = [...shape.columns];
  const places = added.columns.map((name) => {
    const known = findPlace(shape.columns, name);
    return known ?? columns.push(name) - 1;
  });
  if (new Set(places).size < places.length)
    return unmatchedIssue(shape.columns, added, "has two columns for one of them");
  const [phone = 0] = plan.phone;
  if (places.includes(phone)) return { columns, places };
  return unmatchedIssue(shape.columns, added, `has no column ${quote(shape.columns[phone] ?? "")}`);
}

function byPlace(columns: readonly string[], added: TableShape): AddedColumns | Issue {
  const places = added.columns.map((_, index) => index);
  return columns.length === added.columns.length
    ? { columns, places }
    : unmatchedIssue(columns, added, `has ${counted(added.columns.length, "column")} and no header`);
}

function unmatchedIssue(columns: readonly string[], added: TableShape, why: string): Issue {
  const message = `${added.source} ${why}. The list's columns: ${quoteAll(columns)}. Those of the added one: ${quoteAll(added.columns)}. Give the added one the same names.`;
  return { field: "add", code: "columns_differ", message };
}

/** The row as one of the list, whose rows before it end with `offset`. A row with a fault keeps its cells: nobody can tell them apart. */
export function toAddedRow(added: TableRow, { columns, places }: AddedColumns, offset: number): StoredRow {
  const row = offset + added.row;
  if (added.fault !== undefined) return { ...toStoredRow(added), row };
  const given = untrimmed(added);
  const moved = Array.from(columns, () => "");
  for (const [index, place] of places.entries()) moved[place] = given[index] ?? "";
  const { notAgain } = added;
  return toStoredRow({ row, ...trimCells(moved), ...(notAgain !== undefined && { notAgain }) });
}
