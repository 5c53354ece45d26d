import { hasManyDigits, isFilled } from "./cell-kinds.ts";
import type { Column } from "./column.ts";
import { firstNames, lastNames, personNames } from "./column-words.ts";
import { compactName } from "./header-text.ts";

/** Columns that name the person: a whole name, else a first and a last one, as far as they are there. */
export function findLabel(columns: readonly Column[]): readonly number[] {
  const named = columns.filter(({ cells }) => cells.some(isFilled) && !cells.some(hasManyDigits));
  const find = (names: ReadonlySet<string>): Column | undefined =>
    named.find(({ name }) => names.has(compactName(name)));
  const last = find(lastNames);
  // In some languages one word is a first name beside a last one, and else the whole name.
  const first = find(firstNames);
  const whole = named.find(
    (column) => column !== first && column !== last && personNames.has(compactName(column.name)),
  );
  if (first !== undefined && last !== undefined) return [first.index, last.index];
  return [whole ?? first ?? last].flatMap((column) => (column === undefined ? [] : [column.index]));
}
