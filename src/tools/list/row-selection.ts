import { z } from "zod";
import type { Issue } from "../../domain/problem.ts";

/** Rows of a list as callers name them: `3`, or `"10-20"` for all from 10 to 20. */
export const rowSelection = () => z.array(z.union([z.int().min(1), z.string()])).min(1);

const span = /^\s*(\d{1,7})(?:\s*-\s*(\d{1,7}))?\s*$/;

/** Rows from `first` to `last`, both included. */
export type RowSpan = { readonly first: number; readonly last: number };

/** The spans that are named, or one issue for each part that names none. */
export function parseRowSelection(parts: readonly (number | string)[], field: string): readonly (RowSpan | Issue)[] {
  return parts.map((part) => {
    const [, first, last = first] = span.exec(String(part)) ?? [];
    const found = { first: Number(first), last: Number(last) };
    if (first !== undefined && found.first >= 1 && found.first <= found.last) return found;
    const message = `"${String(part).slice(0, 40)}" is no row. Write a row such as 3, or "10-20" for those from 10 to 20.`;
    return { field, code: "no_row", message };
  });
}

/** The shortest way to name the rows, which are in their order: `3, 4, "7-20"`. */
export function toRowSelection(rows: readonly number[]): readonly (number | string)[] {
  const spans: { first: number; last: number }[] = [];
  for (const row of rows) {
    const open = spans.at(-1);
    if (open?.last === row - 1) open.last = row;
    else spans.push({ first: row, last: row });
  }
  return spans.flatMap(({ first, last }): (number | string)[] => {
    if (last - first < 2) return first === last ? [first] : [first, last];
    return [`${first}-${last}`];
  });
}
