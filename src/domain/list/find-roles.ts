import { isZone } from "../time/zone.ts";
import { isFilled, isMostly } from "./cell-kinds.ts";
import type { Column } from "./column.ts";
import { compactName } from "./header-text.ts";
import { fallbackNumberNames, maxRetriesNames, notBeforeNames, timezoneNames } from "./role-words.ts";

/** A column that says something of the call beside the number, by its name and its cells. */
export function findTimezone(columns: readonly Column[]): Column | undefined {
  return findOne(columns, ({ name, cells }) => timezoneNames.has(compactName(name)) && isMostly(cells, isZone));
}

export function findFallbackNumber(columns: readonly Column[]): Column | undefined {
  return findOne(columns, ({ name }) => fallbackNumberNames.has(compactName(name)));
}

export function findNotBefore(columns: readonly Column[]): Column | undefined {
  return findOne(columns, ({ name, cells }) => notBeforeNames.has(compactName(name)) && isMostly(cells, isInstant));
}

export function findMaxRetries(columns: readonly Column[]): Column | undefined {
  const isCount = (cell: string): boolean => /^\d{1,2}$/.test(cell);
  return findOne(columns, ({ name, cells }) => maxRetriesNames.has(compactName(name)) && isMostly(cells, isCount));
}

/** A column of time zones by its name whose cells are none: they are not guessed at, and the answer says so. */
export function findUnusedTimezone(columns: readonly Column[]): Column | undefined {
  return columns.find(
    ({ name, cells }) => timezoneNames.has(compactName(name)) && cells.some(isFilled) && !isMostly(cells, isZone),
  );
}

function isInstant(cell: string): boolean {
  return /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?\s?(?:Z|[+-]\d{2}:?\d{2})?)?$/.test(cell);
}

function findOne(columns: readonly Column[], test: (column: Column) => boolean): Column | undefined {
  const found = columns.filter(test);
  return found.length === 1 ? found[0] : undefined;
}
