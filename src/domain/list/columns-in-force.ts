import { isDeepStrictEqual } from "node:util";
import type { ColumnChoices, ColumnPlan } from "./column-plan.ts";
import { columnsLike } from "./find-column.ts";

/** Whether a table with those names of columns is read as the choices say already, so that saying them again changes nothing. */
export function areInForce(choices: ColumnChoices, names: readonly string[], plan: ColumnPlan): boolean {
  return Object.entries(choices).every(([key, choice]) => {
    const wanted = [choice].flat().map((name) => columnsLike(names, name));
    return isDeepStrictEqual(
      wanted,
      placesOf(key, plan).map((place) => [place]),
    );
  });
}

function placesOf(key: string, plan: ColumnPlan): readonly number[] {
  const { phone, country, timezone, notBefore, maxRetries, variables } = plan;
  const places = new Map<string, readonly (number | undefined)[]>([
    ["to_number", phone],
    ["country", [country]],
    ["timezone", [timezone]],
    ["not_before", [notBefore]],
    ["max_retries", [maxRetries]],
  ]);
  const known = places.get(key)?.flatMap((place) => place ?? []);
  return known ?? [...variables].flatMap(([place, name]) => (name === key ? [place] : []));
}
