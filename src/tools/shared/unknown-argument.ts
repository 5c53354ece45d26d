import type { z } from "zod";
import { nearest } from "../../domain/nearest.ts";
import { type Issue, placeOf } from "../../domain/problem.ts";

// What people and models write who know the API's own fields or other vendors' tools.
const knownSlips: Readonly<Record<string, string>> = {
  send_now: 'Write start: "now".',
  sendnow: 'Write start: "now".',
  trigger_timestamp: 'Write start: "at_time" and start_at with a local time such as "2026-02-20T13:00".',
  scheduled_timestamp: 'Write start: "at_time" and start_at with a local time such as "2026-02-20T13:00".',
  scheduled_at: 'Write start: "at_time" and start_at with a local time such as "2026-02-20T13:00".',
  status: 'Write start: "draft", "now" or "at_time".',
  to: "Write tasks: [{ to_number }].",
  to_number: "Write tasks: [{ to_number }].",
  to_numbers: "Write tasks: [{ to_number }], one entry for each number.",
  recipients: "Write tasks: [{ to_number, dynamic_variables }].",
  contacts: "Write tasks: [{ to_number, dynamic_variables }], or tasks_file.",
  csv: "Write tasks_file with the name of the file.",
  file: "Write tasks_file with the name of the file.",
  phone: "Write to_number.",
  phone_number: "Write to_number.",
  number: "Write to_number.",
  from: "Write from_number.",
  variables: "Write dynamic_variables.",
  agent: "Write agent_id.",
  id: "Write batch_id.",
  batch_call_id: "Write batch_id.",
  tz: "Write timezone.",
  country: "Write default_country.",
};

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
  const known = namesAt(input, path);
  const near = nearest(key, known);
  const isNotNow = /^send_?now$/i.test(key) && value !== true && value !== "true";
  const slip = isNotNow ? adviseLater(input) : knownSlips[key.toLowerCase()];
  const advice = near
    ? `Did you mean ${near}?`
    : slip && mentions(slip, known)
      ? slip
      : `Known here: ${known.join(", ") || "none"}.`;
  return { ...row, field, code: "unknown_argument", message: `There is no such argument. ${advice}` };
}

/** Whoever writes that nothing is to be sent now is not advised to start. */
function adviseLater(input: z.ZodObject): string {
  const later = 'Write start: "at_time" and start_at';
  const choices = definitionOf(unwrap(propertyOf(input, "start"))).entries ?? {};
  return "draft" in choices ? `${later}, or "draft" to call nobody yet.` : `${later} for a later time.`;
}

/** True when the advice names an argument that exists at that place. */
function mentions(advice: string, known: readonly string[]): boolean {
  return known.some((name) => new RegExp(`^Write ${name}\\b`).test(advice));
}

/** Names of the arguments of the object at that path of the input. */
function namesAt(schema: z.ZodObject, path: readonly PropertyKey[]): readonly string[] {
  let at: z.core.$ZodType = schema;
  for (const key of path) at = unwrap(typeof key === "number" ? elementOf(at) : propertyOf(at, key));
  return Object.keys(shapeOf(at));
}

type Definition = {
  readonly innerType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  /** Values of an enum. */
  readonly entries?: Readonly<Record<string, unknown>>;
};

/** Safe: every field of the answer is optional, and only those that are there are used. */
function definitionOf(schema: z.core.$ZodType): Definition {
  return schema._zod.def as Definition;
}

function shapeOf(schema: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> {
  return definitionOf(schema).shape ?? {};
}

function elementOf(schema: z.core.$ZodType): z.core.$ZodType {
  return definitionOf(schema).element ?? schema;
}

function propertyOf(schema: z.core.$ZodType, key: PropertyKey): z.core.$ZodType {
  return shapeOf(schema)[String(key)] ?? schema;
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const inner = definitionOf(schema).innerType;
  return inner ? unwrap(inner) : schema;
}
