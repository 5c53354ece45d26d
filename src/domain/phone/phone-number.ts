import type { PhoneNumberType as LibraryType } from "libphonenumber-js/max";
import { type Issue, isIssue } from "../problem.ts";
import { callingCodeOf, isCountryCode, readInternational } from "./number-plans.ts";
import type { NumberReading } from "./number-reading.ts";
import { type PhoneRefusal, phoneIssue } from "./phone-issue.ts";
import { isSpreadsheetMangled, tidyPhoneText } from "./phone-text.ts";
import { type Candidate, type NumberRead, readNumber } from "./read-number.ts";
import { whyNoNumber } from "./why-no-number.ts";

export { isCountryCode } from "./number-plans.ts";
export { tidyPhoneText } from "./phone-text.ts";

declare const checked: unique symbol;

/** A phone number in E.164 form (`+14155550123`) that one of the parsers below let through. */
export type E164 = string & { readonly [checked]: "E164" };

export type PhoneNumberType =
  | "fixed_line"
  | "mobile"
  | "fixed_line_or_mobile"
  | "toll_free"
  | "voip"
  | "personal_number";

export type ParsedPhoneNumber = {
  readonly e164: E164;
  /** ISO 3166-1 alpha-2; absent where the calling code is shared and the number does not tell. */
  readonly country?: string;
  readonly type: PhoneNumberType;
};

const callableTypes: { readonly [T in LibraryType]?: PhoneNumberType } = {
  FIXED_LINE: "fixed_line",
  MOBILE: "mobile",
  FIXED_LINE_OR_MOBILE: "fixed_line_or_mobile",
  TOLL_FREE: "toll_free",
  VOIP: "voip",
  PERSONAL_NUMBER: "personal_number",
};

// E.164: fifteen digits at most. Some national plans (Germany's) admit longer ones, which cannot be dialed from abroad.
const e164Pattern = /^\+[1-9]\d{6,14}$/;

/**
 * Reads a number that is meant to be called, in any form people write it, and returns why it cannot be called when it
 * cannot. A text with two legal readings is refused with both, unless `reading` decides. A country alone is for numbers
 * without one, and counts as none where `isCountryCode` refuses it. `field` is where the issue says the text stood.
 */
export function parsePhoneNumber(
  text: string,
  reading?: string | NumberReading,
  field = "to_number",
): ParsedPhoneNumber | Issue {
  const given = toReading(reading);
  return readClean(text, given) ?? readCallable(text, given, field);
}

/**
 * Reads a number that is only compared or shown, as caller ids are: any well-formed one will do, callable or not. It
 * normalises as `parsePhoneNumber` does, so that both find the same number equal.
 */
export function parseE164(text: string, reading?: string | NumberReading, field = "phone_number"): E164 | Issue {
  const given = toReading(reading);
  const tidy = tidyPhoneText(text);
  if (tidy === "") return phoneIssue("empty", text, field);

  const read = readNumber(text, tidy, given);
  const number = toOne(read, text, field, given);
  if (isIssue(number)) return number;
  if (number.ext !== undefined) return phoneIssue("extension", text, field);
  return isE164(number.e164) ? number.e164 : phoneIssue(whyNoNumber(number.e164), text, field, placeOf(number));
}

/**
 * Every subscriber that a text can mean, for a list of those who must not be called: a second number on it harms nobody,
 * one that is missing does. Returns why when it can be none.
 */
export function parseEveryReading(
  text: string,
  reading?: string | NumberReading,
  field = "phone_number",
): readonly E164[] | Issue {
  const { numbers, issues } = readEveryNumber(text, reading, field);
  const [why] = issues;
  return numbers.length === 0 && why !== undefined ? why : numbers;
}

/** The same where a text with two numbers, one of which cannot be read, must not hide that one: it has numbers and an issue. */
export function readEveryNumber(
  text: string,
  reading?: string | NumberReading,
  field = "phone_number",
): { readonly numbers: readonly E164[]; readonly issues: readonly Issue[] } {
  const given = toReading(reading);
  const tidy = tidyPhoneText(text);
  const unreadable = whyUnreadable(tidy);
  if (unreadable !== undefined) return { numbers: [], issues: [phoneIssue(unreadable, text, field)] };
  const read = readNumber(text, tidy, given);
  const candidates = read.kind === "one" ? [read.number] : read.kind === "several" ? read.readings : [];
  const numbers = candidates.flatMap(({ e164, type, ext }) =>
    type !== undefined && ext === undefined && isE164(e164) ? [e164] : [],
  );
  const unread = read.kind === "several" ? (read.unread ?? []) : [];
  if (numbers.length > 0)
    return { numbers: [...new Set(numbers)], issues: unread.map((part) => issueOf(part, given, field)) };
  return { numbers: [], issues: [issueOf(text, given, field)] };
}

/** Why a text is nobody's number. */
function issueOf(text: string, given: NumberReading, field: string): Issue {
  const tidy = tidyPhoneText(text);
  const number = toOne(readNumber(text, tidy, given), text, field, given);
  if (isIssue(number)) return number;
  return phoneIssue(whyNotCallable(number, tidy) ?? "invalid", text, field, placeOf(number));
}

/** The way of most rows: E.164 already, with nothing around it. */
function readClean(text: string, { beside }: NumberReading): ParsedPhoneNumber | undefined {
  if (beside !== undefined || !isE164(text)) return undefined;
  const read = readInternational(text.slice(1));
  const callable = read && callableTypes[read.type];
  if (!read || callable === undefined || read.callingCode.length + read.national.length !== text.length - 1)
    return undefined;
  return { e164: text, type: callable, country: read.country };
}

function readCallable(text: string, given: NumberReading, field: string): ParsedPhoneNumber | Issue {
  const tidy = tidyPhoneText(text);
  const unreadable = whyUnreadable(tidy);
  if (unreadable !== undefined) return phoneIssue(unreadable, text, field);

  const number = toOne(readNumber(text, tidy, given), text, field, given);
  if (isIssue(number)) return number;
  const refusal = whyNotCallable(number, tidy);
  const callable = number.type && callableTypes[number.type];
  if (refusal === undefined && callable !== undefined && isE164(number.e164))
    return toParsed(number.e164, callable, number.country);
  return phoneIssue(refusal ?? "number_type", text, field, placeOf(number));
}

function toParsed(e164: E164, type: PhoneNumberType, country: string | undefined): ParsedPhoneNumber {
  return country === undefined ? { e164, type } : { e164, type, country };
}

function toOne(read: NumberRead, text: string, field: string, given: NumberReading): Candidate | Issue {
  switch (read.kind) {
    case "one":
      return read.number;
    case "several":
      return phoneIssue(read.reason, text, field, undefined, read.readings.map(toName));
    case "contradiction":
      return phoneIssue("country_contradiction", text, field, read.beside, [toName(read.number)]);
    case "none":
      return phoneIssue(read.reason, text, field, given.country, read.withPlus ? [toName(read.withPlus)] : []);
  }
}

function toName({ e164, country }: Candidate): string {
  return country === undefined ? e164 : `${e164} (${country})`;
}

function toReading(reading: string | NumberReading | undefined): NumberReading {
  if (typeof reading === "object") return reading;
  return reading !== undefined && isCountryCode(reading) ? { country: reading } : {};
}

function whyUnreadable(tidy: string): PhoneRefusal | undefined {
  if (tidy === "") return "empty";
  if (isSpreadsheetMangled(tidy)) return "spreadsheet_mangled";
  if (isEmergencyNumber(tidy)) return "emergency";
  return undefined;
}

/** Undefined when nothing forbids the call; the type may still be none that is called. */
function whyNotCallable(number: Candidate, tidy: string): PhoneRefusal | undefined {
  if (number.ext !== undefined) return "extension";
  if (number.type === "PREMIUM_RATE") return "premium";
  if (number.type === "SHARED_COST") return "shared_cost";
  if (number.isNonGeographic) return number.type === "TOLL_FREE" ? "number_type" : "satellite";
  if (number.isOverlong) return "too_long";
  if (number.type === undefined) return /^\d{3,6}$/.test(tidy) ? "short_code" : whyNoNumber(number.e164);
  return isE164(number.e164) ? undefined : "too_long";
}

function placeOf(number: Candidate): string {
  return number.country ?? `+${number.callingCode}`;
}

/** Whether a number begins with the calling code of that country, which others may share with it. */
export function isSameCallingCode(number: E164, country: string): boolean {
  return isCountryCode(country) && number.startsWith(`+${callingCodeOf(country)}`);
}

/** Of a number in E.164 whose form its country has retired, today's: the same phone is not known by two names. Any other text as it is. */
export function toTodaysNumber(number: string): string {
  const known = isE164(number) ? readInternational(number.slice(1)) : undefined;
  if (known && `+${known.callingCode}${known.national}` === number) return number;
  const read = parseE164(number);
  return isIssue(read) ? number : read;
}

/** Whether both are the same phone's, each in today's form or one that its country has retired. */
export function isSamePhone(number: string, other: string): boolean {
  return toTodaysNumber(number) === toTodaysNumber(other);
}

/** Only numbers that the library or its plans read come here, so the shape is all there is left to check. */
function isE164(number: string): number is E164 {
  return e164Pattern.test(number);
}

// Only for the right words: no number this short can be called.
const emergencyNumbers: ReadonlySet<string> = new Set(
  "000 100 101 102 103 104 108 110 111 112 113 115 117 118 119 120 122 190 191 192 193 911 988 995 997 998 999".split(
    " ",
  ),
);

const threeDigits = /^[\s+().-]*(?:\d[\s+().-]*){3}$/;

function isEmergencyNumber(tidy: string): boolean {
  return threeDigits.test(tidy) && emergencyNumbers.has(tidy.replace(/[\s+().-]/g, ""));
}
