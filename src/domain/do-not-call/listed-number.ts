import { type E164, parseEveryReading } from "../phone/phone-number.ts";
import { isIssue } from "../problem.ts";

/** What a number on the list protects: earlier versions kept some that no call is ever made to. */
export type ListedNumber =
  | { readonly kind: "today" }
  /** A form that its country has retired, or with a digit too many; `today` is whom a call would be made to. */
  | { readonly kind: "older"; readonly today: readonly E164[] }
  /** Nobody's; `why` in words. */
  | { readonly kind: "unusable"; readonly why: string };

export function judgeListed(phoneNumber: string): ListedNumber {
  const readings = parseEveryReading(phoneNumber);
  if (isIssue(readings)) return { kind: "unusable", why: readings.message };
  return readings.some((number) => number === phoneNumber) ? { kind: "today" } : { kind: "older", today: readings };
}

/** Of entries that were kept as they came, those that are to stand beside them. */
export function todaysEntries<T extends { readonly phoneNumber: string }>(entries: readonly T[]): readonly T[] {
  return entries.flatMap((entry) => {
    const judged = judgeListed(entry.phoneNumber);
    return judged.kind === "older" ? judged.today.map((phoneNumber) => ({ ...entry, phoneNumber })) : [];
  });
}
