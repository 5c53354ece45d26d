import { z } from "zod";
import { type Issue, placeOf } from "../domain/problem.ts";
import { isZone } from "../domain/time/zone.ts";

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

export const zoneName = z.string().refine(isZone, {
  error: "Must be an IANA time zone, such as America/New_York.",
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
export const maybeText = z.string().nullish().catch(undefined);
export const maybeNumber = z.number().nullish().catch(undefined);
export const maybeCount = z.int().nonnegative().nullish().catch(undefined);
export const maybeFlag = z.boolean().nullish().catch(undefined);
export const maybeInstant = z.unknown().optional().transform(readInstant);

/** The object without the fields that are absent or null: what is unknown is left out. */
export function present<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  // Safe: only keys of T with their own values are in it.
  return Object.fromEntries(known) as { [K in keyof T]?: NonNullable<T[K]> };
}

/** What a body became, or everything that is wrong with it. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** Checks a body against a schema and words what is wrong in our own terms. */
export function parseWith<S extends z.ZodType>(schema: S, body: unknown): Parsed<z.output<S>> {
  const result = schema.safeParse(body, { reportInput: true });
  return result.success ? { ok: true, value: result.data } : { ok: false, issues: result.error.issues.map(toIssue) };
}

function toIssue(issue: z.core.$ZodIssue): Issue {
  return { ...placeOf(issue.path, "body"), ...ruleOf(issue) };
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
      return { code: "too_small", message: `Must be at least ${issue.minimum}${unitOf(issue.origin)}.` };
    case "invalid_value":
      return { code: "not_allowed", message: `Must be one of: ${issue.values.join(", ")}.` };
    case "invalid_format":
      return { code: "bad_format", message: issue.message };
    case "custom":
      return { code: String(issue.params?.code ?? "not_allowed"), message: issue.message };
    case "not_multiple_of":
    case "unrecognized_keys":
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
