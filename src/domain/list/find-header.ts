import { plainText } from "../text.ts";
import { hasManyDigits, isFilled, isMostly, looksLikePhoneNumber } from "./cell-kinds.ts";
import { type HeaderEvidence, headerEvidence } from "./header-evidence.ts";
import { isResultsHeader } from "./result-columns.ts";
import type { TableRow } from "./table.ts";

type FirstRow = Pick<TableRow, "cells"> & Partial<Pick<TableRow, "row">>;

/** Indexes into the rows that were looked at. */
export type HeaderPlace = {
  /** Undefined when the table has none, so that its first row is a person. */
  readonly headerIndex: number | undefined;
  readonly firstDataIndex: number;
};

const searchedRows = 50;
const comparedRows = 100;

/**
 * Finds the header in the first rows of a table; blank rows may be among them or left out. A row is a header only when it
 * reads like one, and rows above it are passed over only when they are titles. Anything else is a person, who is counted:
 * a header that is taken for a person is refused and seen, a person who is taken for a header is never heard of again.
 */
export function findHeader(firstRows: readonly FirstRow[]): HeaderPlace {
  const none = { headerIndex: undefined, firstDataIndex: Math.max(0, firstRows.findIndex(isFilledRow)) };
  const index = firstRows.slice(0, searchedRows).findIndex((_, at) => isHeader(firstRows, at));
  if (index < 0) return none;
  const headerIndex = isBetterHeader(firstRows, index + 1, index) ? index + 1 : index;
  const areTitles = firstRows.slice(0, index).every((_, at) => isTitle(firstRows, at, index));
  return areTitles ? { headerIndex, firstDataIndex: headerIndex + 1 } : none;
}

function isHeader(rows: readonly FirstRow[], index: number): boolean {
  const cells = rows[index]?.cells ?? [];
  if (isResultsHeader(cells)) return true;
  const { strong, weak } = evidenceOf(rows, index);
  if (strong >= 2) return true;
  return (strong === 1 || weak >= 2) && !cells.some(hasManyDigits) && !holdsNumber(rows, index);
}

function evidenceOf(rows: readonly FirstRow[], index: number): HeaderEvidence {
  return headerEvidence(rows[index]?.cells ?? [], below(rows, index));
}

function below(rows: readonly FirstRow[], index: number): readonly FirstRow[] {
  return rows.slice(index + 1, index + 1 + comparedRows);
}

/** A number where numbers are below is a person's, however it is written. */
function holdsNumber(rows: readonly FirstRow[], index: number): boolean {
  return (rows[index]?.cells ?? []).some(
    (cell, column) =>
      /\p{Nd}{4}/u.test(cell) &&
      isMostly(
        below(rows, index).map(({ cells }) => cells[column] ?? ""),
        looksLikePhoneNumber,
      ),
  );
}

/** The second row of a header in two rows, whose first has the names of groups of columns. */
function isBetterHeader(rows: readonly FirstRow[], second: number, first: number): boolean {
  if (isResultsHeader(rows[first]?.cells ?? [])) return false;
  return isHeader(rows, second) && evidenceOf(rows, second).strong > evidenceOf(rows, first).strong;
}

/** Fewer cells than the header, or parted from it by a blank row, and no number of anybody. */
function isTitle(rows: readonly FirstRow[], index: number, header: number): boolean {
  const [cells, names] = [rows[index]?.cells ?? [], rows[header]?.cells ?? []];
  if (cells.some(looksLikePhoneNumber)) return false;
  const [filled, named] = [cells.filter(isFilled).length, names.filter(isFilled).length];
  return filled < named || (filled === 1 && named === 1) || isParted(rows.slice(index, header + 1));
}

function isParted(rows: readonly FirstRow[]): boolean {
  return rows.some((row, at) => {
    const next = rows[at + 1];
    return !isFilledRow(row) || (row.row !== undefined && next?.row !== undefined && next.row > row.row + 1);
  });
}

function isFilledRow({ cells }: FirstRow): boolean {
  return cells.some(isFilled);
}

const longestName = 100;

/**
 * Names of `width` columns, never blank and never the same twice: where the header has none `column_3` by its place, and
 * `name_2` for a name that stands there again. Pass `[]` for a table without a header.
 */
export function nameColumns(header: readonly string[], width: number): readonly string[] {
  const names = new Set<string>();
  for (let index = 0; index < width; index++) {
    const name = plainText(header[index] ?? "", longestName) || `column_${index + 1}`;
    let unique = name;
    for (let count = 2; names.has(unique); count++) unique = `${name}_${count}`;
    names.add(unique);
  }
  return [...names];
}
