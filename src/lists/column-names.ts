import { nearest } from "../domain/nearest.ts";
import type { Issue } from "../domain/problem.ts";

/** A name as it is compared where people write it again: letters and digits in one case. */
export function compactName(name: string): string {
  return name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/** Place of the column with that name: as it is written, else the only one that differs in case and signs alone. */
export function findColumn(columns: readonly string[], name: string): number | undefined {
  const exact = columns.indexOf(name.trim());
  if (exact >= 0) return exact;
  const wanted = compactName(name);
  const alike = columns.flatMap((column, index) => (wanted !== "" && compactName(column) === wanted ? [index] : []));
  return alike.length === 1 ? alike[0] : undefined;
}

export function noColumnIssue(columns: readonly string[], name: string, field: string): Issue {
  const similar = nearest(name, columns);
  const hint = similar === undefined ? "" : ` Is it ${JSON.stringify(similar)}?`;
  const named = columns.slice(0, 30).map((column) => JSON.stringify(column));
  const message = `The list has no column ${JSON.stringify(name.slice(0, 60))}.${hint} Its columns: ${named.join(", ")}${columns.length > 30 ? " …" : ""}.`;
  return { field, code: "no_column", message };
}
