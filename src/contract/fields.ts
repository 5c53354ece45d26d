import { z } from "zod";
import { isZone } from "../domain/time/zone.ts";
import { readInstant } from "./wire-time.ts";

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
