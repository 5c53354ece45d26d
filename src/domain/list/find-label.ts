import { hasManyDigits, isFilled } from "./cell-kinds.ts";
import type { Column } from "./column.ts";
import { firstNames, lastNames, personNames } from "./column-words.ts";
import { compactName } from "./header-text.ts";

/** Columns that name the person: a whole name, else a first and a last one, as far as they are there. */
export function findLabel(columns: readonly Column[]): readonly number[] {
  // By the name first: the cells are many.
  const find = (names: ReadonlySet<string>, others: readonly (Column | undefined)[] = []): Column | undefined =>
    columns.find((column) => !others.includes(column) && names.has(compactName(column.name)) && mayName(column));
  const last = find(lastNames);
  // In some languages one word is a first name beside a last one, and else the whole name.
  const first = find(firstNames);
  const whole = find(personNames, [first, last]);
  if (first !== undefined && last !== undefined) return [first.index, last.index];
  return [whole ?? first ?? last].flatMap((column) => (column === undefined ? [] : [column.index]));
}

function mayName({ cells }: Column): boolean {
  return cells.some(isFilled) && !cells.some(hasManyDigits);
}
