import { plainText } from "../text.ts";
import { looksLikePhoneNumber } from "./cell-kinds.ts";
import type { TableRow } from "./table.ts";

/** Indexes into the rows that were looked at. */
export type HeaderPlace = {
  /** Undefined when the table has none, so that its first row is a person. */
  readonly headerIndex: number | undefined;
  readonly firstDataIndex: number;
};

/** Finds the header in the first rows of a table, blank ones and titles included or not. */
export function findHeader(firstRows: readonly Pick<TableRow, "cells">[]): HeaderPlace {
  const isHeader = firstRows[0]?.cells.some(looksLikePhoneNumber) === false;
  return isHeader ? { headerIndex: 0, firstDataIndex: 1 } : { headerIndex: undefined, firstDataIndex: 0 };
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
