import { isObject } from "../../../src/contract/envelope.ts";
import type { Random } from "../random.ts";
import { usNumber } from "../us-numbers.ts";
import type { Memory } from "./memory.ts";

/** A JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>;

/** What values are made with. */
export type Making = {
  readonly random: Random;
  readonly memory: Memory;
  readonly now: Date;
  /** What a text of that name may be, besides what answers told; asked first. */
  readonly textOf: (name: string, random: Random) => unknown;
  /** Where `$ref` begins. */
  readonly root?: Schema;
};

const deepest = 8;

/** A value that the schema takes, as far as the schema says it all; of what may be absent more or less is there. */
export function makeValue(schema: Schema, making: Making, name = "", depth = 0): unknown {
  const { random } = making;
  const followed = follow(schema, making);
  const options = followed["anyOf"] ?? followed["oneOf"];
  if (Array.isArray(options)) return makeValue(random.pickAny(options.filter(isObject)) ?? {}, making, name, depth);
  if ("const" in followed) return followed["const"];
  const words = followed["enum"];
  if (Array.isArray(words)) return random.pickAny(words);
  const { type } = followed;
  switch (Array.isArray(type) ? (random.pickAny(type.filter((one) => one !== "null")) ?? "null") : type) {
    case "object":
      return makeObject(followed, making, depth);
    case "array":
      return makeList(followed, making, name, depth);
    case "string":
      return makeText(followed, making, name);
    case "integer":
    case "number":
      return makeNumber(followed, making, name);
    case "boolean":
      return random.chance(0.5);
    case "null":
      return null;
    default:
      return random.pick<unknown>(["text", 3, true, { a: 1 }, ["x"]]);
  }
}

function follow(schema: Schema, making: Making): Schema {
  const pointer = schema["$ref"];
  if (typeof pointer !== "string") return schema;
  const steps = pointer.replace(/^#\//, "").split("/");
  const found = steps.reduce<unknown>((node, key) => (isObject(node) ? node[key] : undefined), making.root);
  if (!isObject(found)) throw new Error(`${pointer} leads nowhere`);
  return follow(found, making);
}

function makeObject(schema: Schema, making: Making, depth: number): object {
  const { random } = making;
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const share = depth > deepest ? 0 : random.pick([0.01, 0.1, 0.35]);
  const entries = Object.entries(properties).flatMap(([name, property]): [string, unknown][] =>
    isObject(property) && (required.includes(name) || random.chance(share))
      ? [[name, makeValue(property, making, name, depth + 1)]]
      : [],
  );
  const free = schema["additionalProperties"];
  const others = isObject(free) ? random.pickAny([[], ["first_name"], ["first_name", "city"], ["x"]]) : [];
  const added = (others ?? []).map((name): [string, unknown] => [
    name,
    makeValue(isObject(free) ? free : {}, making, name, depth + 1),
  ]);
  return Object.fromEntries([...entries, ...added]);
}

function makeList(schema: Schema, making: Making, name: string, depth: number): unknown[] {
  const { random } = making;
  const { items, minItems = 0, maxItems = 1000 } = schema;
  const wanted = random.chance(0.002) ? Number(maxItems) + random.below(2) : random.pick([1, 1, 2, 3, 5]);
  const length = Math.max(Number(minItems), Math.min(wanted, Number(maxItems) + 1, 1001));
  return Array.from({ length }, () => makeValue(isObject(items) ? items : {}, making, name, depth + 1));
}

function makeText({ pattern, format, description }: Schema, making: Making, name: string): unknown {
  const { random, memory, now, textOf } = making;
  const words = /^One of: ([\w, ]+)/.exec(String(description))?.[1]?.split(", ");
  if (words) return random.pickAny(words);
  const told = random.chance(0.8) ? memory.recall(name, random) : undefined;
  if (told !== undefined && !isMadeUp(name)) return told;
  const known = textOf(name, random);
  if (known !== undefined) return known;
  if (/number/.test(name) || String(pattern).includes("[1-9]\\d{6,14}")) return phoneNumber(random);
  if (name === "timezone") return random.pick(zones);
  if (name === "time" || /_time$/.test(name) || String(pattern).includes("[0-5]\\d")) return clockTime(random);
  if (name === "not_on" || format === "date") return momentText(now, random).slice(0, 10);
  if (/(^|_)at$|not_before|since/.test(name) || format === "date-time") return momentText(now, random);
  return random.pick([
    "June reminders",
    "first_name",
    "answered",
    "no_answer",
    "x",
    "Élan & Söhne",
    "1",
    memoryWord(memory, random),
  ]);
}

/** Names whose value is better another one than a told one. */
function isMadeUp(name: string): boolean {
  return ["name", "message", "to_number", "timezone"].includes(name);
}

function memoryWord(memory: Memory, random: Random): string {
  return String(memory.recall("batch_id", random) ?? memory.recall("id", random) ?? "word");
}

const zones = ["America/New_York", "Europe/London", "UTC", "recipient", "Asia/Kolkata", "America/Los_Angeles"] as const;

function phoneNumber(random: Random): string {
  const number = usNumber(random.below(60));
  const spelt = `(${number.slice(2, 5)}) ${number.slice(5, 8)}-${number.slice(8)}`;
  return random.pick([number, number, number, spelt, number.slice(2), "+442079460123"]);
}

function clockTime(random: Random): string {
  return `${String(random.below(24)).padStart(2, "0")}:${String(random.below(60)).padStart(2, "0")}`;
}

function momentText(now: Date, random: Random): string {
  const text = new Date(momentMs(now, random)).toISOString();
  return random.pick([text, text.slice(0, 16), text.slice(0, 19), `${text.slice(0, 16)}-05:00`]);
}

function momentMs(now: Date, random: Random): number {
  return now.getTime() + random.pick([-48, -1, 0, 0.02, 1, 5, 30, 24 * 40]) * 3_600_000;
}

function makeNumber({ minimum, maximum, exclusiveMinimum }: Schema, { random, now }: Making, name: string): number {
  if (/timestamp|not_before|_until|until_/.test(name)) return momentMs(now, random);
  const least = Number(minimum ?? exclusiveMinimum ?? 0);
  const most = Number(maximum ?? least + 100);
  return random.pick([least, least + 1, most, least + random.below(Math.min(most - least, 1000) + 1)]);
}
