import { nearest } from "../nearest.ts";
import type { ColumnSamples } from "./column.ts";
import { columnProblem, quote, quoteAll } from "./column-problem.ts";
import { compactName } from "./header-text.ts";

/**
 * Index of the column that somebody named: exactly, or without regard to case, spaces, accents and punctuation. Letters as
 * a spreadsheet counts columns are not taken: blank columns are left out of a table, so that they would name another one.
 * `asked` is the key of the choice. Throws `invalid_input` when no column has the name, or more than one.
 */
export function findColumn(samples: ColumnSamples, wanted: string, asked: string, source: string): number {
  const [first, ...others] = columnsLike(samples.columns, wanted);
  if (first !== undefined && others.length === 0) return first;
  if (first !== undefined) {
    const names = [first, ...others].map((index) => samples.columns[index] ?? "");
    const what = `has more than one column like ${quote(wanted)}, which columns.${asked} names: ${quoteAll(names)}.`;
    throw columnProblem(samples, source, what, "Write the name exactly as it stands there.");
  }
  const near = nearest(wanted, samples.columns);
  const advice = near === undefined ? "Write one of these names." : `Did you mean ${quote(near)}?`;
  throw columnProblem(samples, source, `has no column ${quote(wanted)}, which columns.${asked} names.`, advice);
}

/** The columns with that very name; else those that differ in case only; else those with the same letters and digits. */
export function columnsLike(names: readonly string[], wanted: string): readonly number[] {
  const withName = (toKey: (name: string) => string): readonly number[] => {
    const key = toKey(wanted);
    return key === "" ? [] : names.flatMap((name, index) => (toKey(name) === key ? [index] : []));
  };
  const exact = withName((name) => name);
  if (exact.length > 0) return exact;
  const sameLetters = withName((name) => name.trim().toLowerCase());
  return sameLetters.length > 0 ? sameLetters : withName(compactName);
}
