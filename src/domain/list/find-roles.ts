import { isFilled, isMostly } from "./cell-kinds.ts";
import type { Column } from "./column.ts";
import { compactName } from "./header-text.ts";
import { isNotBefore, readTimezone } from "./judge-time.ts";
import { fallbackNumberNames, maxRetriesNames, notBeforeNames, timezoneNames } from "./role-words.ts";

/**
 * The column that tells the zones, by its name and its cells. One cell that names a region and a city shows what the others are
 * meant to be; whoever's cannot be read is refused.
 */
export function findTimezone(columns: readonly Column[]): Column | undefined {
  return findOne(columns, (column) => isTimezone(column));
}

function isTimezone({ name, cells }: Column): boolean {
  if (!timezoneNames.has(compactName(name))) return false;
  const isZone = (cell: string) => readTimezone(cell) !== undefined;
  return isMostly(cells, isZone) || cells.some((cell) => cell.includes("/") && isZone(cell));
}

export function findFallbackNumber(columns: readonly Column[]): Column | undefined {
  return findOne(columns, ({ name }) => fallbackNumberNames.has(compactName(name)));
}

export function findNotBefore(columns: readonly Column[]): Column | undefined {
  return findOne(columns, (column) => isNotBeforeColumn(column));
}

/** One time in it shows what its other cells are meant to be, and so does the name of the field itself. */
function isNotBeforeColumn({ name, cells }: Column): boolean {
  const compact = compactName(name);
  if (!notBeforeNames.has(compact)) return false;
  return cells.some(isNotBefore) || (compact === compactName("not_before") && cells.some(isFilled));
}

export function findMaxRetries(columns: readonly Column[]): Column | undefined {
  const isCount = (cell: string): boolean => /^\d{1,2}$/.test(cell);
  return findOne(columns, ({ name, cells }) => maxRetriesNames.has(compactName(name)) && isMostly(cells, isCount));
}

/** A column of time zones by its name whose cells are none: they are not guessed at, and the answer says so. */
export function findUnusedTimezone(columns: readonly Column[]): Column | undefined {
  return columns.find(
    (column) => timezoneNames.has(compactName(column.name)) && column.cells.some(isFilled) && !isTimezone(column),
  );
}

/** The same of a column that is called like a time before which nobody is called. */
export function findUnusedNotBefore(columns: readonly Column[]): Column | undefined {
  return columns.find(
    (column) =>
      notBeforeNames.has(compactName(column.name)) && column.cells.some(isFilled) && !isNotBeforeColumn(column),
  );
}

function findOne(columns: readonly Column[], test: (column: Column) => boolean): Column | undefined {
  const found = columns.filter(test);
  return found.length === 1 ? found[0] : undefined;
}
