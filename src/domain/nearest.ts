import type { z } from "zod";
import { fieldNamed } from "./field-named.ts";

/** Edits that turn one text into the other: a character inserted, left out, replaced, or swapped with its neighbour. */
function editDistance(a: string, b: string): number {
  let twoAbove: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const swapped = isSwap ? (twoAbove[column - 2] ?? 0) + 1 : replaced;
      current.push(Math.min((above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, replaced, swapped));
    }
    twoAbove = above;
    above = current;
  }
  return above[b.length] ?? 0;
}

/** The candidate that was most likely meant: one edit away, or one per four characters. Letter case is ignored. */
export function nearest(text: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(text.length / 4)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - text.length) >= bestDistance) continue;
    const distance = editDistance(text.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Names of the fields of the object that stands at that path of what a schema takes. */
export function fieldNamesAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  let at = unwrapSchema(schema);
  for (const key of path) {
    const { element, shape } = definitionOf(at);
    at = unwrapSchema((typeof key === "number" ? element : shape && fieldNamed(shape, String(key))) ?? at);
  }
  return Object.keys(definitionOf(at).shape ?? {});
}

type Definition = {
  readonly innerType?: z.core.$ZodType;
  readonly in?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
};

/** Safe: every field of the answer is optional, and only those that are there are used. */
function definitionOf(schema: z.core.$ZodType): Definition {
  return schema._zod.def as Definition;
}

function unwrapSchema(schema: z.core.$ZodType): z.core.$ZodType {
  const { innerType, in: source } = definitionOf(schema);
  const inner = innerType ?? source;
  return inner ? unwrapSchema(inner) : schema;
}
