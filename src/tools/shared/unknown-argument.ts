import { z } from "zod";
import { fieldNamesAt, nearest } from "../../domain/nearest.ts";
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
  csv: "Write tasks_csv with the text, or tasks_file with the name of the file.",
  file: "Write tasks_file with the name of the file.",
  path: "Write tasks_file with the name of the file.",
  list: "Write list_id.",
  phone_column: "Write columns: { to_number } with the name of the column.",
  mapping: "Write columns: { first_name } with the name of the column that each variable comes from.",
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
  const known = fieldNamesAt(input, path);
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
  const start = input.shape["start"];
  const takesDraft = start instanceof z.ZodType && start.safeParse("draft").success;
  return takesDraft ? `${later}, or "draft" to call nobody yet.` : `${later} for a later time.`;
}

/** True when the advice names an argument that exists at that place. */
function mentions(advice: string, known: readonly string[]): boolean {
  return known.some((name) => new RegExp(`^Write ${name}\\b`).test(advice));
}
