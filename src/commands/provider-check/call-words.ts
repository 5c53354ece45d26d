import { isObject } from "../../contract/envelope.ts";
import { plainText } from "../../domain/text.ts";

/** Names under which platforms keep how a call stands, and why it ended. */
const namesOfStatus = ["call_status", "status"];
const namesOfEnd = ["disconnection_reason", "endedReason", "call_result", "termination_reason", "hangup_cause"];

/**
 * The platform's own words for how a call stands: the status of a call object with the reason of its end, or the names of its
 * events; empty where the answer is about something else.
 */
export function callWords(body: unknown): readonly string[] {
  if (!isObject(body)) return [];
  const rows = Array.isArray(body["data"]) ? body["data"] : [];
  const events = rows.flatMap((row) => (isObject(row) && isCallEvent(row["name"]) ? [row["name"]] : []));
  const status = namesOfStatus.map((name) => body[name]).find((word) => typeof word === "string");
  const words = typeof status === "string" ? [status] : events;
  if (words.length === 0) return [];
  const reason = namesOfEnd.flatMap((name) => textIn(body, name) ?? [])[0];
  return [...words, ...(reason === undefined ? [] : [reason])].map((word) => plainText(word, 60));
}

function isCallEvent(name: unknown): name is string {
  return typeof name === "string" && name.startsWith("call.");
}

/** The first text of that name, at whatever depth. */
function textIn(value: unknown, name: string): string | undefined {
  if (Array.isArray(value)) return firstOf(value, name);
  if (!isObject(value)) return undefined;
  const own = value[name];
  return typeof own === "string" && own !== "" ? own : firstOf(Object.values(value), name);
}

function firstOf(values: readonly unknown[], name: string): string | undefined {
  for (const value of values) {
    const found = textIn(value, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Where a field of that name first holds something, as `data[].payload.name`; undefined where none does. */
export function placeOf(value: unknown, name: string): string | undefined {
  if (Array.isArray(value)) {
    const place = value.map((one) => placeOf(one, name)).find((found) => found !== undefined);
    return place === undefined ? undefined : `[].${place}`;
  }
  if (!isObject(value)) return undefined;
  const own = value[name];
  if (own !== undefined && own !== null && own !== "") return name;
  for (const [key, inner] of Object.entries(value)) {
    const place = placeOf(inner, name);
    if (place !== undefined) return place.startsWith("[]") ? `${key}${place}` : `${key}.${place}`;
  }
  return undefined;
}
