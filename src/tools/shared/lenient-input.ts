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
  return readObject(
    input,
    Object.fromEntries(Object.entries(given).filter(([name]) => known.has(name) || !hostFields.has(name))),
  );
}

function read(schema: Schema, given: unknown): unknown {
  const wanted = unwrap(schema);
  const value = soleOf(wanted, given);
  if (wanted instanceof z.ZodObject) return mapObject(namedById(wanted, value), (given) => readObject(wanted, given));
  if (wanted instanceof z.ZodRecord) return mapObject(value, (given) => readRecord(wanted, given));
  if (wanted instanceof z.ZodArray) return readArray(wanted, value);
  if (wanted instanceof z.ZodEnum) return readEnum(wanted, value);
  if (wanted instanceof z.ZodNumber) return readNumber(value);
  if (wanted instanceof z.ZodBoolean) return readBoolean(value);
  return value;
}

/** What stands alone in a list, where a value of another kind is wanted. A text in a list may be one of several names. */
function soleOf(wanted: Schema, given: unknown): unknown {
  if (!Array.isArray(given) || given.length !== 1) return given;
  const [only] = given;
  if (wanted instanceof z.ZodObject) return typeof only === "object" ? only : given;
  const isOne = wanted instanceof z.ZodEnum || wanted instanceof z.ZodNumber || wanted instanceof z.ZodBoolean;
  return isOne ? only : given;
}

/** What an argument may be left out of, or is passed on from, says nothing of its form. */
function unwrap(schema: Schema): Schema {
  if (schema instanceof z.ZodOptional) return unwrap(schema.unwrap());
  return schema instanceof z.ZodPipe ? unwrap(schema.out) : schema;
}

function readObject({ shape }: z.ZodObject, given: Values): Values {
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
function readRecord({ valueType }: z.ZodRecord, given: Values): Values {
  if (!(unwrap(valueType) instanceof z.ZodString)) return given;
  const texts = Object.entries(given).filter(([, value]) => value !== null);
  return Object.fromEntries(texts.map(([name, value]) => [name, hasOneSpelling(value) ? String(value) : value]));
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
  if (Array.isArray(list)) return list.map((entry: unknown) => read(element, entry));
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

/** An object, or the text of one. */
function toObject(value: unknown): Values | undefined {
  const object = typeof value === "string" && /^\s*\{/.test(value) ? parseJson(value) : value;
  return typeof object === "object" && object !== null && !Array.isArray(object) ? { ...object } : undefined;
}
