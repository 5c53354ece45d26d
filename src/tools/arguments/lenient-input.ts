import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { fieldNamed } from "../../domain/field-named.ts";
import { parseJson } from "../../domain/json-text.ts";
import { ownName } from "./argument-names.ts";
import { hostFields } from "./host-fields.ts";

type Schema = z.core.$ZodType;
type Values = Readonly<Record<string, unknown>>;

/**
 * The arguments of a call in the form that the tool's schema takes, where they have one meaning only: JSON text, numbers and
 * booleans as text, numbers for texts of the agent, one value in a list, `null` or `""` for what may be left out, letter case of names and of
 * fixed words. What is left as it was is the strict schema's to judge. Reads the schema alone; knows no tool.
 */
export function readLeniently(input: z.ZodObject, args: unknown): unknown {
  if (args === null || args === undefined || args === "") return {};
  const given = toObject(args);
  if (!given) return args;
  const known = new Set(Object.keys(input.shape));
  return readNamed(
    input,
    Object.fromEntries(Object.entries(given).filter(([name]) => known.has(name) || !hostFields.has(name))),
  );
}

type Reader = (given: unknown) => unknown;

/** A reader is made once for each schema: a thousand people are read by the same. */
const readers = new WeakMap<Schema, Reader>();

function read(schema: Schema, given: unknown): unknown {
  return readerOf(schema)(given);
}

function readerOf(schema: Schema): Reader {
  const known = readers.get(schema);
  if (known !== undefined) return known;
  const made = makeReader(unwrap(schema));
  readers.set(schema, made);
  return made;
}

function makeReader(wanted: Schema): Reader {
  if (wanted instanceof z.ZodObject)
    return (given) => mapObject(namedById(wanted, soleObject(given)), (values) => readObject(wanted, values));
  if (wanted instanceof z.ZodRecord) {
    const isText = unwrap(wanted.valueType) instanceof z.ZodString;
    return (given) => mapObject(given, (values) => (isText ? readTexts(values) : values));
  }
  if (wanted instanceof z.ZodArray) return (given) => readArray(wanted, given);
  if (wanted instanceof z.ZodEnum) return (given) => readEnum(wanted, soleOf(given));
  if (wanted instanceof z.ZodNumber) return (given) => readNumber(soleOf(given));
  if (wanted instanceof z.ZodBoolean) return (given) => readBoolean(soleOf(given));
  return (given) => given;
}

/** What stands alone in a list, where a value of another kind is wanted. A text in a list may be one of several names. */
function soleOf(given: unknown): unknown {
  return Array.isArray(given) && given.length === 1 ? given[0] : given;
}

function soleObject(given: unknown): unknown {
  const only = soleOf(given);
  return typeof only === "object" ? only : given;
}

/** What an argument may be left out of, or is passed on from, says nothing of its form. */
function unwrap(schema: Schema): Schema {
  if (schema instanceof z.ZodOptional) return unwrap(schema.unwrap());
  return schema instanceof z.ZodPipe ? unwrap(schema.out) : schema;
}

function readObject(schema: z.ZodObject, given: Values): Values {
  return asItIs(schema, given) ?? readNamed(schema, given);
}

/** What an object of the schema has, by name: looked up for each of a thousand people. */
const fieldsOf = new WeakMap<
  z.ZodObject,
  ReadonlyMap<string, { readonly reader: Reader; readonly isOptional: boolean }>
>();

function knownFields(schema: z.ZodObject) {
  const known = fieldsOf.get(schema);
  if (known !== undefined) return known;
  const fields = new Map(
    Object.entries(schema.shape).map(([name, field]) => [
      name,
      { reader: readerOf(field), isOptional: field instanceof z.ZodOptional },
    ]),
  );
  fieldsOf.set(schema, fields);
  return fields;
}

/** The object itself where each of its names and values is read as it stands, as nearly always; undefined for any other. */
function asItIs(schema: z.ZodObject, given: Values): Values | undefined {
  const fields = knownFields(schema);
  for (const name of Object.keys(given)) {
    const field = fields.get(name);
    const value = given[name];
    if (field === undefined || (isLeftOut(value) && field.isOptional) || field.reader(value) !== value)
      return undefined;
  }
  return given;
}

function readNamed({ shape }: z.ZodObject, given: Values): Values {
  const names = Object.keys(shape);
  const values = Object.entries(given).map(([name, value]) => ({ name, own: ownName(name, names), value }));
  // Two names of one argument with different values: nobody can tell which is meant.
  const isSaidOtherwise = ({ own, value }: { readonly own: string; readonly value: unknown }): boolean =>
    values.some((other) => other.own === own && !isDeepStrictEqual(other.value, value));
  const result: [string, unknown][] = [];
  for (const entry of values) {
    const { name, own, value } = entry;
    const schema = fieldNamed(shape, own);
    if (!schema || (name !== own && isSaidOtherwise(entry))) result.push([name, value]);
    else if (!(isLeftOut(value) && schema instanceof z.ZodOptional)) result.push([own, read(schema, value)]);
  }
  return Object.fromEntries(result);
}

/** An id alone, or several of them, where an object needs nothing else. */
function namedById({ shape }: z.ZodObject, value: unknown): unknown {
  if (isValues(value)) return value;
  const lists = Object.keys(shape).filter((name) => name.endsWith("_ids"));
  const [list] = lists;
  const ids = toIds(value);
  if (list !== undefined && lists.length === 1 && ids) return { [list]: ids };
  const needed = Object.keys(shape).filter((name) => !(shape[name] instanceof z.ZodOptional));
  const [only = ""] = needed;
  const isId = typeof value === "string" && /^[\w-]+$/.test(value);
  return isId && needed.length === 1 && only.endsWith("_id") ? { [only]: value } : value;
}

/** A word or a count of days is no id. */
function toIds(value: unknown): readonly string[] | undefined {
  const parsed = typeof value === "string" && /^\s*\[/.test(value) ? parseJson(value) : value;
  const ids = Array.isArray(parsed) ? parsed : [parsed];
  const isId = (id: unknown): id is string =>
    typeof id === "string" && /^(?=.*[\d_-])(?!\d{1,4}[a-z]*$)[\w-]+$/i.test(id);
  return ids.length > 0 && ids.every(isId) ? ids : undefined;
}

function isLeftOut(value: unknown): boolean {
  return value === null || value === "";
}

/** Texts that the agent says: a number and a truth value have one spelling. Not a number that is no longer the one that was written. */
function readTexts(given: Values): Values {
  if (isOfTexts(given)) return given;
  const texts = Object.entries(given).filter(([, value]) => value !== null);
  return Object.fromEntries(texts.map(([name, value]) => [name, hasOneSpelling(value) ? String(value) : value]));
}

function isOfTexts(given: Values): boolean {
  for (const name of Object.keys(given)) if (typeof given[name] !== "string") return false;
  return true;
}

/** Whether a value that is no text can be written as one in one way only. */
export function hasOneSpelling(value: unknown): boolean {
  if (typeof value === "boolean") return true;
  return typeof value === "number" && Math.abs(value) <= Number.MAX_SAFE_INTEGER && !String(value).includes("e");
}

/** One text or number where a list of them is wanted is a list of one. */
function readArray({ element }: z.ZodArray, value: unknown): unknown {
  const parsed = typeof value === "string" && /^\s*\[/.test(value) ? parseJson(value) : undefined;
  const list = Array.isArray(parsed) ? parsed : value;
  if (Array.isArray(list)) {
    const reader = readerOf(element);
    const entries = list.map((entry: unknown) => reader(entry));
    return entries.every((entry, index) => entry === list[index]) ? list : entries;
  }
  const isOne = typeof list === "number" || (typeof list === "string" && !/^\s*(\[|\{|$)/.test(list));
  return isOne && z.safeParse(element, read(element, list)).success ? [read(element, list)] : value;
}

function readEnum({ options }: z.ZodEnum, value: unknown): unknown {
  if (typeof value !== "string") return value;
  const meant = options.filter((option) => letters(String(option)) === letters(value));
  return meant.length === 1 ? meant[0] : value;
}

function letters(word: string): string {
  return word.toLowerCase().replace(/[\s_-]/g, "");
}

function readNumber(value: unknown): unknown {
  return typeof value === "string" && /^\s*-?\d{1,15}(\.\d{1,15})?\s*$/.test(value) ? Number(value) : value;
}

function readBoolean(value: unknown): unknown {
  const word = typeof value === "string" ? value.trim().toLowerCase() : value;
  return word === "true" || (word === "false" ? false : value);
}

function mapObject(value: unknown, readIt: (given: Values) => Values): unknown {
  const given = toObject(value);
  return given ? readIt(given) : value;
}

function isValues(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object, or the text of one. */
function toObject(value: unknown): Values | undefined {
  const object = typeof value === "string" && /^\s*\{/.test(value) ? parseJson(value) : value;
  return isValues(object) ? object : undefined;
}
