import { z } from "zod";
import { fieldNamed } from "../../domain/field-named.ts";
import { listedInWords } from "./listed-in-words.ts";

type Schema = z.core.$ZodType;

/**
 * The words in which the argument at that path, or the one that it is a part of, is listed in place of a schema: they name its form.
 * Undefined for one that is listed by its schema.
 */
export function wordsAt(input: z.ZodObject, path: readonly PropertyKey[]): string | undefined {
  let words: string | undefined;
  let at: Schema | undefined = input;
  for (const key of [undefined, ...path]) {
    if (at && key !== undefined) at = partOf(at, key);
    for (let of = at; of; of = of instanceof z.ZodOptional ? of.unwrap() : undefined) {
      const meta = z.globalRegistry.get(of);
      if (meta?.[listedInWords] === true) words = meta.description;
      at = of;
    }
  }
  return words;
}

function partOf(schema: Schema, key: PropertyKey): Schema | undefined {
  if (schema instanceof z.ZodObject) return fieldNamed(schema.shape, String(key));
  return schema instanceof z.ZodArray ? schema.element : undefined;
}
