import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { readLeniently } from "../../src/tools/arguments/lenient-input.ts";
import { tools } from "../../src/tools/index.ts";
import { Random } from "../support/random.ts";

type Schema = z.core.$ZodType;

const words = fc.stringMatching(/^[a-zA-Z+][a-zA-Z0-9 _:+-]{0,12}[a-zA-Z0-9]$/);

/** Any value that a schema takes, except texts that would be read as another form: times and zones have tests of their own. */
function valid(schema: Schema): fc.Arbitrary<unknown> {
  if (schema instanceof z.ZodOptional) return fc.option(valid(schema.unwrap()), { nil: undefined });
  if (schema instanceof z.ZodPipe) return valid(schema.out);
  if (schema instanceof z.ZodObject) return objectOf(schema);
  if (schema instanceof z.ZodArray) return fc.array(valid(schema.element), { minLength: 1, maxLength: 3 });
  if (schema instanceof z.ZodRecord) return fc.dictionary(words, valid(schema.valueType), { maxKeys: 3 });
  if (schema instanceof z.ZodUnion) return fc.oneof(...schema.options.map(valid));
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options);
  if (schema instanceof z.ZodNumber) return fc.integer({ min: 1, max: 30 }).filter((n) => schema.safeParse(n).success);
  if (schema instanceof z.ZodBoolean) return fc.boolean();
  if (schema instanceof z.ZodString) return words;
  throw new Error(`No values of ${schema._zod.def.type}`);
}

function objectOf(schema: z.ZodObject): fc.Arbitrary<unknown> {
  const fields = Object.entries(schema.shape).map(([name, field]) => [name, valid(field)] as const);
  return fc
    .record(Object.fromEntries(fields))
    .map((made) => Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined)))
    .filter((made) => schema.safeParse(made).success);
}

/** The same value in another of its spellings, chosen at random at every place. */
function respell(schema: Schema, value: unknown, random: Random): unknown {
  if (schema instanceof z.ZodOptional) return respell(schema.unwrap(), value, random);
  if (schema instanceof z.ZodPipe) return respell(schema.out, value, random);
  if (schema instanceof z.ZodObject) return maybeText(respellObject(schema, value, random), random);
  if (schema instanceof z.ZodArray && Array.isArray(value)) {
    const [only] = value;
    if (value.length === 1 && typeof only === "string" && random.chance(0.2)) return only;
    return maybeText(
      value.map((entry) => respell(schema.element, entry, random)),
      random,
    );
  }
  if (schema instanceof z.ZodRecord) return maybeText(respellRecord(schema, value, random), random);
  if (typeof value === "string" && schema instanceof z.ZodEnum)
    return random.pick([value, value.toUpperCase(), toCamelCase(value), value.replaceAll("_", " ")]);
  if (typeof value === "number" && schema instanceof z.ZodNumber)
    return random.pick<unknown>([value, String(value), ` ${value} `]);
  if (typeof value === "boolean" && schema instanceof z.ZodBoolean)
    return random.pick<unknown>([value, String(value), String(value).toUpperCase()]);
  return value;
}

function maybeText(value: unknown, random: Random): unknown {
  return random.chance(0.3) ? JSON.stringify(value) : value;
}

function respellObject(schema: z.ZodObject, value: unknown, random: Random): unknown {
  const given = z.record(z.string(), z.unknown()).parse(value);
  const fields = Object.entries(schema.shape).flatMap(([name, field]): [string, unknown][] => {
    if (name in given) return [[random.chance(0.3) ? toCamelCase(name) : name, respell(field, given[name], random)]];
    return field instanceof z.ZodOptional && random.chance(0.5) ? [[name, random.pick([null, ""])]] : [];
  });
  return Object.fromEntries(fields);
}

/** Texts that the agent says: a text that is a number's only spelling may come as that number. */
function respellRecord({ valueType }: z.ZodRecord, value: unknown, random: Random): unknown {
  const given = z.record(z.string(), z.unknown()).parse(value);
  if (!(valueType instanceof z.ZodString)) return given;
  const nothing: [string, unknown][] = random.chance(0.3) ? [["Nothing", null]] : [];
  return Object.fromEntries([...nothing, ...Object.entries(given)]);
}

function toCamelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

const hostsAdd = { toolCallId: "call_1", sessionId: "s", chatInput: "hi", task_progress: "- [ ] x" };

describe.each(tools.map((tool) => [tool.name, tool.input] as const))("%s", (_name, input) => {
  test("every spelling of right arguments is parsed to the same value", () => {
    fc.assert(
      fc.property(valid(input), fc.integer(), (args, seed) => {
        const random = new Random(seed);
        const spelled = respellObject(input, args, random);
        const given = random.chance(0.3) ? { ...hostsAdd, ...Object(spelled) } : spelled;
        expect(input.parse(readLeniently(input, maybeText(given, random)))).toEqual(input.parse(args));
      }),
      { numRuns: 60 },
    );
  });

  test("right arguments come through as they are", () => {
    fc.assert(
      fc.property(valid(input), (args) => {
        expect(readLeniently(input, args)).toEqual(args);
      }),
      { numRuns: 60 },
    );
  });

  test("anything at all is read without an error", () => {
    fc.assert(
      fc.property(fc.object({ key: fc.constantFrom(...Object.keys(input.shape), "x") }), (args) => {
        readLeniently(input, args);
      }),
      { numRuns: 60 },
    );
  });
});

test("numbers and truth values for the agent's texts are the texts that they are written as", () => {
  const input = z.strictObject({ texts: z.record(z.string(), z.string()) });
  fc.assert(
    fc.property(fc.dictionary(words, fc.oneof(fc.maxSafeInteger(), fc.boolean())), (texts) => {
      const asText = Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, String(value)]));
      expect(readLeniently(input, { texts })).toEqual({ texts: asText });
    }),
  );
});
