import type { Issue } from "../problem.ts";
import { plainText } from "../text.ts";

/** Why a text cannot be called; the `code` of the issue. */
export type PhoneRefusal =
  | "empty"
  | "letters"
  | "spreadsheet_mangled"
  | "emergency"
  | "short_code"
  | "extension"
  | "too_short"
  | "too_long"
  | "invalid"
  | "no_country"
  | "premium"
  | "shared_cost"
  | "satellite"
  | "number_type"
  | "ambiguous"
  | "two_numbers"
  | "country_contradiction";

const example = "+14155550123";

/**
 * Puts a refusal into words. `place` is the country or calling code that the number was judged by, `readings` what it
 * could mean instead.
 */
export function phoneIssue(
  reason: PhoneRefusal,
  text: string,
  field: string,
  place?: string,
  readings: readonly string[] = [],
): Issue {
  const quoted = `"${plainText(text, 40)}"`;
  return {
    field,
    code: reason,
    message: describe(reason, quoted, place === undefined ? "" : ` for ${place}`, readings),
  };
}

function describe(reason: PhoneRefusal, quoted: string, forPlace: string, readings: readonly string[]): string {
  const [reading] = readings;
  switch (reason) {
    case "empty":
      return `The phone number is missing; write one such as ${example}.`;
    case "letters":
      return `${quoted} has letters in it; write one number in digits, such as ${example}.`;
    case "spreadsheet_mangled":
      return `${quoted} is a figure as spreadsheets write it, which loses digits and the plus; format the column as text, put the numbers in again and export once more.`;
    case "emergency":
      return `${quoted} is an emergency number, which is never called; write a number such as ${example}.`;
    case "short_code":
      return `${quoted} looks like a short code, which cannot be called; write the whole number, such as ${example}.`;
    case "extension":
      return `${quoted} has an extension, which an agent cannot dial; write a direct number such as ${example}.`;
    case "too_short":
      return `${quoted} is too short${forPlace}; write the whole number, such as ${example}.`;
    case "too_long":
      return `${quoted} is too long${forPlace}; write one number, with a plus before a country code, such as ${reading ?? example}.`;
    case "invalid":
      return `${quoted} is not a valid number${forPlace}; check its digits and write it such as ${reading ?? example}.`;
    case "no_country":
      return `${quoted} has no country; write it with its country code, such as ${example}, or set default_country.`;
    case "premium":
      return `${quoted} is a premium-rate number, which is never called; write a fixed or mobile number such as ${example}.`;
    case "shared_cost":
      return `${quoted} is a shared-cost number, which is never called; write a fixed or mobile number such as ${example}.`;
    case "satellite":
      return `${quoted} is a satellite or global number without a country, which is never called; write one such as ${example}.`;
    case "number_type":
      return `${quoted} is a pager, voicemail, company-wide or international freephone number; write a fixed or mobile number such as ${example}.`;
    case "ambiguous":
      return `${quoted} can be ${readings.join(" or ")}; write the one that is meant, with its plus.`;
    case "two_numbers":
      return `${quoted} names more than one number${readings.length > 0 ? `: ${readings.join(" and ")}` : ""}; write the one to call, such as ${example}.`;
    case "country_contradiction":
      return `${quoted} is ${reading ?? "a number"}, which is not${forPlace}, as its row says; correct the number or the country.`;
  }
}
