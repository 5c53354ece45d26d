import { quote, quoteAll } from "../domain/list/column-problem.ts";
import { columnsLike } from "../domain/list/find-column.ts";
import { nearest } from "../domain/nearest.ts";
import type { Issue } from "../domain/problem.ts";

/** Place of the column with that name, or of the only one that is much like it. */
export function findPlace(columns: readonly string[], name: string): number | undefined {
  const [place, ...others] = columnsLike(columns, name);
  return others.length === 0 ? place : undefined;
}

/** `answers`: names of answers that may be asked for in the same place. */
export function noColumnIssue(
  columns: readonly string[],
  name: string,
  field: string,
  answers: readonly string[] = [],
): Issue {
  const similar = nearest(name, [...columns, ...answers]);
  const hint = similar === undefined ? "" : ` Is it ${quote(similar)}?`;
  const message = `The list has no column ${quote(name)}, or several like it.${hint} Its columns: ${quoteAll(columns)}.${answersText(answers)}`;
  return { field, code: "no_column", message };
}

/** ` Answers of the batch: "appointment".`; empty where there are none. */
export function answersText(names: readonly string[]): string {
  return names.length === 0 ? "" : ` Answers of the batch: ${quoteAll(names)}.`;
}
