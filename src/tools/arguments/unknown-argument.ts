import type { z } from "zod";
import { fieldNamesAt, nearest } from "../../domain/nearest.ts";
import { type Issue, placeOf } from "../../domain/problem.ts";
import { wordsAt } from "../words/words-at.ts";
import { ownName } from "./argument-names.ts";
import { adviceFor } from "./known-slips.ts";

/**
 * The issue for an argument that does not exist at that place of the input, with the one that was most likely meant by
 * it and its value.
 */
export function unknownArgument(
  { key, value }: { readonly key: string; readonly value: unknown },
  path: readonly PropertyKey[],
  input: z.ZodObject,
): Issue {
  const { field, ...row } = placeOf([...path, key], "arguments");
  const known = fieldNamesAt(input, path);
  const words = path.length > 0 ? wordsAt(input, path) : undefined;
  return { ...row, field, code: "unknown_argument", message: advise(key, value, known, words) };
}

/** `words`: those by which the object is listed that has no such field. */
function advise(key: string, value: unknown, known: readonly string[], words: string | undefined): string {
  const own = ownName(key, known);
  if (own !== key) return `This is ${own} once more, with another value. Give ${own} alone.`;
  const near = nearestAlike(key, known);
  const advice = adviceFor(key, value, known) ?? (near && `Did you mean ${near}?`);
  const names = `Known here: ${known.join(", ") || "none"}.${words === undefined ? "" : ` ${words}`}`;
  return `There is no such argument. ${advice ?? names}`;
}

const opposites = [
  ["min", "max"],
  ["start", "end"],
  ["from", "to"],
  ["before", "after"],
  ["enabled", "disabled"],
  ["file", "csv"],
  ["add", "remove"],
  ["add", "set"],
  ["called", "reached"],
] as const;

/** The nearest name, unless what sets it apart is the word that says the opposite: `min_attempts` is no misspelt `max_attempts`. */
function nearestAlike(key: string, known: readonly string[]): string | undefined {
  const near = nearest(key, known);
  if (near === undefined) return undefined;
  const [given, meant] = [wordsOf(key), wordsOf(near)];
  const isOpposite = opposites.some(
    ([one, other]) => isSwapped(given, meant, one, other) || isSwapped(given, meant, other, one),
  );
  return isOpposite || isNegated(key, near) ? undefined : near;
}

function wordsOf(name: string): ReadonlySet<string> {
  return new Set(name.toLowerCase().split(/[^a-z]+/));
}

function isSwapped(given: ReadonlySet<string>, meant: ReadonlySet<string>, one: string, other: string): boolean {
  return given.has(one) && meant.has(other) && !meant.has(one);
}

function isNegated(key: string, near: string): boolean {
  const negation = /^(un|no_?|not_?|non_?|dis|de)(?=[a-z])/i;
  return negation.test(key) && !negation.test(near) && key.toLowerCase().replace(negation, "") === near;
}
