import { z } from "zod";
import { recipientClock } from "../domain/batch/plan.ts";
import { fieldNamesAt, nearest } from "../domain/nearest.ts";
import { ownLimits } from "../domain/own-limits.ts";
import { type Issue, placeOf } from "../domain/problem.ts";
import { plainText } from "../domain/text.ts";
import { isDate } from "../domain/time/closed-days.ts";
import { isZone } from "../domain/time/zone.ts";

// What PostgreSQL refuses in a text: NUL, and half of a surrogate pair, which UTF-8 cannot write.
// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what it looks for
const unstorable = /[\p{Cs}\u0000]/gu;

const longestText = 1_000_000;
const dayMs = 24 * 60 * 60 * 1000;

/** Text from outside as every database holds it: what none could hold is replaced, and it ends after a million characters. */
export const storableText = z.string().transform((text) => text.slice(0, longestText).replace(unstorable, "\ufffd"));

const unstorableWords = {
  error: "Must not hold a NUL character or half of a surrogate pair.",
  params: { code: "not_storable" },
};

/** Words of a person, which are refused rather than changed. `longest` in characters. */
export function givenText(longest = 255) {
  return z.string().max(longest).refine(isStorable, unstorableWords);
}

/** The values of a filter: one of them is enough. */
export const givenTexts = z.array(givenText()).max(1000);

export const sortOrders = ["ascending", "descending"] as const;

/** Whole milliseconds of at most a day: no call lasts longer, and every database holds it. */
export const durationMs = z
  .number()
  .nonnegative()
  .transform((duration) => Math.min(Math.round(duration), dayMs));

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

const deepest = 16;
const tooDeep = { error: `Must be nested at most ${deepest} levels deep.`, params: { code: "too_deep" } };

/** Data of a person's making, of any shape, in which every name and text can be stored. */
export const givenData = z.record(z.string(), z.unknown()).check(({ value, issues }) => {
  for (const { path, ...wrong } of findUnstorable(value))
    issues.push({ code: "custom", input: undefined, path: [...path], message: wrong.error, params: wrong.params });
});

type Unstorable = typeof unstorableWords & { readonly path: readonly PropertyKey[] };

function findUnstorable(value: unknown, path: readonly PropertyKey[] = []): readonly Unstorable[] {
  if (typeof value === "string") return isStorable(value) ? [] : [{ path, ...unstorableWords }];
  if (typeof value !== "object" || value === null) return [];
  if (path.length >= deepest) return [{ path: path.slice(0, 1), ...tooDeep }];
  return Object.entries(value).flatMap(([key, part]) => {
    if (!isStorable(key)) return { path, ...unstorableWords };
    // Nearly all are texts that can be stored.
    return typeof part === "string" && isStorable(part) ? [] : findUnstorable(part, [...path, key]);
  });
}

/** One of the values in any letter case (C6); comes out in lower case. */
export function anyCase<const V extends readonly [string, ...string[]]>(values: V) {
  return z
    .string()
    .toLowerCase()
    .pipe(z.enum(values))
    .describe(`One of: ${values.join(", ")}; any letter case.`);
}

/** The shape of E.164 only; whether such a number exists is the domain's business. */
export const e164Shape = z
  .string()
  .regex(/^\+[1-9]\d{6,14}$/, { error: "Must be a phone number in E.164 form, such as +14155550100." });

export const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: "Must be a time of day as HH:MM, 00:00 to 23:59." });

export const calendarDate = z.string().refine(isDate, {
  error: "Must be a date as YYYY-MM-DD, such as 2026-12-25.",
  params: { code: "bad_date" },
});

export const zoneName = z.string().refine(isZone, {
  error: "Must be an IANA time zone, such as America/New_York.",
  params: { code: "unknown_zone" },
});

/** A time on a clock on the wall, to the minute: `2026-02-20T10:00`. */
export const localMinute = z.string().refine(isLocalMinute, {
  error: "Must be a local time as YYYY-MM-DDTHH:MM, such as 2026-02-20T10:00.",
  params: { code: "bad_time" },
});

function isLocalMinute(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(text)) return false;
  const instant = new Date(`${text}Z`);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text);
}

/** A zone, or the word for the clocks of each recipient, an extension. */
export const zoneOrRecipient = z.string().refine((text) => text === recipientClock || isZone(text), {
  error: 'Must be an IANA time zone, such as America/New_York, or "recipient" for the clock of each recipient.',
  params: { code: "unknown_zone" },
});

/** Epoch in seconds or milliseconds (C1). */
export const epoch = z
  .int()
  .positive()
  .refine((value) => readInstant(value) !== undefined, {
    error: "Must be a Unix timestamp in milliseconds.",
    params: { code: "bad_time" },
  })
  .describe("Unix timestamp in milliseconds; a number below 1e11 is read as seconds.");

// Fields of an answer that we can do without: null and a wrong type read as absent.
export const maybeText = storableText.nullish().catch(undefined);
export const maybeNumber = z.number().nullish().catch(undefined);
export const maybeCount = z.int().nonnegative().nullish().catch(undefined);
export const maybeFlag = z.boolean().nullish().catch(undefined);
export const maybeInstant = z.unknown().optional().transform(readInstant);

/** The object without the fields that are absent or null: what is unknown is left out. */
export function present<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  // Each row of a page is read with it: a loop takes half the time of lists of entries.
  const known: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined && value !== null) known[key] = value;
  // Safe: only keys of T with their own values are in it.
  return known as { [K in keyof T]?: NonNullable<T[K]> };
}

/** What a body became, or everything that is wrong with it. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** Checks a body against a schema and words what is wrong in our own terms. */
export function parseWith<S extends z.ZodType>(schema: S, body: unknown): Parsed<z.output<S>> {
  const result = schema.safeParse(body, { reportInput: true });
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, issues: ownLimits(result.error.issues).flatMap((issue) => toIssues(issue, schema)) };
}

function toIssues(issue: z.core.$ZodIssue, schema: z.ZodType): readonly Issue[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownField(key, issue.path, schema));
  return [{ ...placeOf(issue.path, "body"), ...ruleOf(issue) }];
}

const longestShownName = 60;

/** A field that a body does not have, with the one that was most likely meant: left out, a rule would just not hold. */
function unknownField(key: string, path: readonly PropertyKey[], schema: z.ZodType): Issue {
  const known = fieldNamesAt(schema, path);
  const near = nearest(key.slice(0, longestShownName), known);
  const advice = near ? `Did you mean ${near}?` : `Known here: ${known.join(", ")}.`;
  const place = placeOf([...path, plainText(key, longestShownName)], "body");
  return { ...place, code: "unknown_field", message: `There is no such field. ${advice}` };
}

function ruleOf(issue: z.core.$ZodIssue): Pick<Issue, "code" | "message"> {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined
        ? { code: "required", message: `This field is required (${issue.expected}).` }
        : { code: "wrong_type", message: `Must be of type ${issue.expected}.` };
    case "too_big":
      return { code: "too_large", message: `Must be at most ${issue.maximum}${unitOf(issue.origin)}.` };
    case "too_small":
      return {
        code: "too_small",
        message: `Must be ${issue.inclusive === false ? "above" : "at least"} ${issue.minimum}${unitOf(issue.origin)}.`,
      };
    case "invalid_value":
      return { code: "not_allowed", message: `Must be one of: ${issue.values.join(", ")}.` };
    case "invalid_format":
      return { code: "bad_format", message: issue.message };
    case "custom":
      return { code: String(issue.params?.code ?? "not_allowed"), message: issue.message };
    case "unrecognized_keys":
    case "not_multiple_of":
    case "invalid_union":
    case "invalid_key":
    case "invalid_element":
      return { code: "not_allowed", message: issue.message };
  }
}

function unitOf(origin: string): string {
  if (origin === "string") return " characters";
  return origin === "array" ? " elements" : "";
}

// The pages give one field in seconds and in milliseconds (C1, C2). 1e11 s is the year 5138 and 1e11 ms is March 1973:
// below it a number can only mean seconds.
const smallestMs = 1e11;

/** Reads epoch seconds or milliseconds; undefined when no instant has that number. */
export function fromWireTime(value: number): Date | undefined {
  const date = new Date(Math.abs(value) < smallestMs ? value * 1000 : value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Epoch milliseconds, the one unit that batch routes are written in. */
export function toWireTime(instant: Date): number {
  return instant.getTime();
}

/** Reads an epoch in either unit or ISO 8601 text; anything else is absent. */
function readInstant(value: unknown): Date | undefined {
  if (typeof value === "number") return fromWireTime(value);
  if (typeof value !== "string") return undefined;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
