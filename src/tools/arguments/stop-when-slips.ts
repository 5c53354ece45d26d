import { parseJson } from "../../domain/json-text.ts";
import { instantOfCount, spellInstant } from "../../domain/time/time-spelling.ts";
import { toArgumentsText } from "../words/call-text.ts";
import { outcomeMeant } from "../words/outcome-words.ts";

/** What stands for a value that nobody gave. */
const someCount = 5;
const someTime = "2026-02-20T13:00";

/**
 * What to write for a value of `stop_when`, or of one of its fields, that has the wrong shape; undefined where the value does not show
 * what was meant. `field` is its path.
 */
export function adviseStopWhen(field: string, value: unknown): string | undefined {
  switch (field) {
    case "stop_when":
      return adviseWhole(value);
    case "stop_when.at":
      return writeAll({ at: instantOfCount(value) });
    case "stop_when.calls":
    case "stop_when.spend":
    case "stop_when.count": {
      const [only, other] = Object.values(isObject(value) ? value : { value });
      const [, name = ""] = field.split(".");
      return other === undefined ? writeAll({ [name]: numberIn(only) }) : undefined;
    }
    case "stop_when.outcome":
      return isObject(value) ? writeOutcomes(value) : undefined;
    case "stop_when.answer":
      return writeAnswer(value);
    default:
      return undefined;
  }
}

/** The same for a field that `stop_when` does not have. */
export function adviseStopField(key: string, value: unknown): string | undefined {
  const name = key.replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase();
  if (/percent|share|rate/.test(name)) return shares;
  const outcome = outcomeMeant(name);
  if (outcome !== undefined) return writeAll({ outcome, count: numberIn(value) ?? someCount });
  if (/opt_?out/.test(name)) return writeAll({ ...optOut, count: numberIn(value) ?? someCount });
  if (name === "said") return writeAll(optOut);
  if (/spend|budget|cost|amount|price|money/.test(name)) return writeAll({ spend: numberIn(value) ?? 20 });
  if (/calls|call_count|attempts|dials/.test(name)) return writeAll({ calls: numberIn(value) ?? 500 });
  if (/outcome|status|result|condition|disposition/.test(name)) return writeOutcomeOf(value);
  if (/value/.test(name)) return writeAll({ value: textOf(value) });
  if (/answer|variable|question|field|^name$/.test(name))
    return writeAnswer(value) ?? writeAll({ answer: textOf(value) });
  if (/time|date|until|deadline|end|_at$|after|minutes|hours|days|stamp/.test(name)) return writeTime(value);
  if (/count|conversion|success|people|persons|recipients/.test(name))
    return writeCounted(numberIn(value) ?? someCount);
  return undefined;
}

const shares =
  'Here people are counted: count with outcome. Shares of them are the canary\'s: canary {count: 20, pause_if: [{outcome: "failed", above_percent: 20}]}.';
const optOut = { answer: "opt_out", value: "yes" };

function adviseWhole(value: unknown): string | undefined {
  if (Array.isArray(value)) return adviseList(value);
  if (typeof value === "number" || (typeof value === "string" && /^\s*\d+(\.\d+)?\s*$/.test(value))) {
    const count = Number(value);
    return `Write ${toArgumentsText({ calls: count })} for calls, or ${toArgumentsText({ spend: count })} for money.`;
  }
  return typeof value === "string" ? adviseText(value.trim()) : undefined;
}

function adviseList(value: readonly unknown[]): string | undefined {
  const [only] = value;
  if (value.length === 1) return adviseWhole(only);
  if (value.length === 0 || !value.every(isObject)) return undefined;
  return `All that ends it stands in one object: ${toArgumentsText(Object.assign({}, ...value))}.`;
}

function adviseText(text: string): string | undefined {
  const written = parseJson(text.replace(/([{,]\s*)(\w+)\s*:/g, '$1"$2":'));
  if (isObject(written)) return `Write the object itself, and not a text: ${toArgumentsText(written)}.`;
  const time = spellInstant(text);
  if (/^\d{4}-\d{2}-\d{2}T/.test(time)) return writeObject({ at: time });
  if (/^\d{4}-\d{2}-\d{2}$|^\d{1,2}(:\d{2}|\s*[ap]m)/i.test(text))
    return `Write ${toArgumentsText({ at: someTime })}, with the date and the time of day.`;
  const count = numberIn(text);
  const outcome = outcomeMeant(text);
  if (outcome !== undefined) return writeObject({ outcome, count: count ?? someCount });
  if (count === undefined) return undefined;
  if (/calls?\b/i.test(text)) return writeObject({ calls: count });
  return /[€$£]|\b(eur|usd|gbp|euros?|dollars?|pounds?)\b/i.test(text) ? writeObject({ spend: count }) : undefined;
}

/** Counts by the names of outcomes: `{answered: 5}`. */
function writeOutcomes(value: Readonly<Record<string, unknown>>): string | undefined {
  const [[name, count] = [], other] = Object.entries(value);
  const outcome = outcomeMeant(name);
  return outcome === undefined || other ? undefined : writeAll({ outcome, count: numberIn(count) ?? someCount });
}

function writeOutcomeOf(value: unknown): string | undefined {
  const [only = value] = Array.isArray(value) && value.length === 1 ? value : [];
  if (isObject(only)) return writeOutcomes(only);
  return writeAll({ outcome: outcomeMeant(only) });
}

/** `booked=yes`, `{name: booked, value: yes}` and `{booked: yes}`. */
export function writeAnswer(value: unknown): string | undefined {
  if (typeof value === "string") {
    const [, answer, own] = /^\s*([\w .-]+?)\s*(?:=+|:\s)\s*(.+?)\s*$/.exec(value) ?? [];
    return own === undefined ? undefined : writeAll({ answer, value: own });
  }
  if (!isObject(value)) return undefined;
  const { name, value: own } = value;
  if (typeof name === "string") return writeAll({ answer: name, value: textOf(own) });
  const [[answer, said] = [], other] = Object.entries(value);
  return other ? undefined : writeAll({ answer, value: textOf(said) });
}

function writeTime(value: unknown): string {
  const time = typeof value === "string" ? spellInstant(value) : "";
  const at = /^\d{4}-\d{2}-\d{2}T/.test(time) ? time : instantOfCount(value);
  return writeAll({ at }) ?? `Write at: ${JSON.stringify(someTime)}, the time when it ends.`;
}

function writeCounted(count: number): string {
  return `Write count: ${count}, answer: "booked", value: "yes" with an answer of your own, or count: ${count}, outcome: "answered".`;
}

const longestText = 60;

function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value.length <= longestText ? value : undefined;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

/** The one number in a value: `€20`, `after 1,000 calls`. */
function numberIn(value: unknown): number | undefined {
  if (typeof value === "number") return value > 0 ? value : undefined;
  if (typeof value !== "string") return undefined;
  const [number, other] = value.match(/\d[\d,]*(?:\.\d+)?/g) ?? [];
  const read = Number(number?.replaceAll(",", ""));
  return other === undefined && read > 0 ? read : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function writeObject(value: object): string {
  return `Write ${toArgumentsText(value)}.`;
}

/** The fields as they stand in the object; undefined where one of them is not known. */
function writeAll(fields: object): string | undefined {
  if (Object.values(fields).some((value) => value === undefined)) return undefined;
  return `Write ${toArgumentsText(fields).slice(1, -1)}.`;
}
