import parseWithLibrary, {
  type CountryCode,
  isSupportedCountry,
  type PhoneNumberType as LibraryType,
  type PhoneNumber,
  validatePhoneNumberLength,
} from "libphonenumber-js/max";
import type { Issue } from "../problem.ts";
import { plainText } from "../text.ts";
import { type PhoneRefusal, phoneIssue } from "./phone-issue.ts";

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

/** True for an ISO 3166-1 alpha-2 code in capitals that has a telephone plan. */
export function isCountryCode(text: string): text is CountryCode {
  return isSupportedCountry(text);
}

/**
 * Reads a number that is meant to be called, in any form people write it, and returns why it cannot be called when it
 * cannot. `defaultCountry` is for numbers without a country code; what `isCountryCode` refuses counts as none.
 * `field` is where the issue says the text stood.
 */
export function parsePhoneNumber(
  text: string,
  defaultCountry?: string,
  field = "to_number",
): ParsedPhoneNumber | Issue {
  const tidy = tidyPhoneText(text);
  const unreadable = whyUnreadable(tidy);
  if (unreadable !== undefined) return phoneIssue(unreadable, text, field);

  const country = knownCountry(defaultCountry);
  const { number, type } = parseTidy(tidy, country);
  if (number === undefined) return phoneIssue(whyNoNumber(tidy, country), text, field, country);

  const refusal = whyNotCallable(number, type, tidy);
  const callable = type && callableTypes[type];
  if (refusal === undefined && callable !== undefined && isE164(number.number)) {
    return { e164: number.number, type: callable, ...(number.country !== undefined && { country: number.country }) };
  }
  return phoneIssue(refusal ?? "number_type", text, field, placeOf(number));
}

/**
 * Reads a number that is only compared or shown, as caller ids and do-not-call entries are: any well-formed one will
 * do, callable or not. It normalises as `parsePhoneNumber` does, so that both find the same number equal.
 */
export function parseE164(text: string, defaultCountry?: string, field = "phone_number"): E164 | Issue {
  const tidy = tidyPhoneText(text);
  if (tidy === "") return phoneIssue("empty", text, field);

  const country = knownCountry(defaultCountry);
  const { number } = parseTidy(tidy, country);
  if (number === undefined) return phoneIssue(whyNoNumber(tidy, country), text, field, country);
  if (number.ext !== undefined) return phoneIssue("extension", text, field);
  return isE164(number.number) ? number.number : phoneIssue(whyInvalid(number.number), text, field, placeOf(number));
}

function whyUnreadable(tidy: string): PhoneRefusal | undefined {
  if (tidy === "") return "empty";
  if (isSpreadsheetMangled(tidy)) return "spreadsheet_mangled";
  if (isEmergencyNumber(tidy)) return "emergency";
  return undefined;
}

function whyNoNumber(tidy: string, country: CountryCode | undefined): PhoneRefusal {
  // The country only serves to find an extension in a number that may have none.
  if (parseWithLibrary(tidy, { extract: false, defaultCountry: "US" })?.ext !== undefined) return "extension";
  if (/\p{L}/u.test(tidy)) return "letters";
  if (isShortCode(tidy)) return "short_code";
  return country === undefined && !tidy.startsWith("+") ? "no_country" : whyInvalid(tidy, country);
}

/** Undefined when nothing forbids the call; the type may still be none that is called. */
function whyNotCallable(number: PhoneNumber, type: LibraryType | undefined, tidy: string): PhoneRefusal | undefined {
  if (number.ext !== undefined) return "extension";
  if (type === "PREMIUM_RATE") return "premium";
  if (type === "SHARED_COST") return "shared_cost";
  if (number.isNonGeographic()) return type === "TOLL_FREE" ? "number_type" : "satellite";
  if (type === undefined) return isShortCode(tidy) ? "short_code" : whyInvalid(number.number);
  return isE164(number.number) ? undefined : "too_long";
}

function whyInvalid(text: string, country?: CountryCode): PhoneRefusal {
  const length = validatePhoneNumberLength(text, country);
  if (length === "TOO_SHORT") return "too_short";
  return length === "TOO_LONG" ? "too_long" : "invalid";
}

function placeOf(number: PhoneNumber): string {
  return number.country ?? `+${number.countryCallingCode}`;
}

type Reading = { readonly number?: PhoneNumber | undefined; readonly type?: LibraryType | undefined };

/** One look at the number is the rule. A second one is for `00…` where the default country does not dial abroad that way. */
function parseTidy(tidy: string, country: CountryCode | undefined): Reading {
  const reading = readNumber(tidy, country);
  if (reading.type !== undefined || !tidy.startsWith("00")) return reading;
  const abroad = readNumber(`+${tidy.slice(2)}`, undefined);
  return abroad.number === undefined ? reading : abroad;
}

function readNumber(tidy: string, country: CountryCode | undefined): Reading {
  const number = parseWithLibrary(tidy, { extract: false, ...(country !== undefined && { defaultCountry: country }) });
  return { number, type: number?.getType() };
}

function knownCountry(country: string | undefined): CountryCode | undefined {
  return country !== undefined && isCountryCode(country) ? country : undefined;
}

/** Only numbers that the library formatted come here, so the shape is all there is left to check. */
function isE164(number: string): number is E164 {
  return e164Pattern.test(number);
}

const numberAsFormula = /^="(.*)"$/;
const textMark = /^['’]+/;
const telScheme = /^tel:\s*/i;
// Data frames write a column with gaps as floats.
const wholeNumberAsFloat = /^(\+?\d{7,15})\.0+$/;

/** A cell or argument with everything taken off that people and spreadsheets put around a number; it is never cut. */
export function tidyPhoneText(text: string): string {
  return plainText(text, text.length)
    .normalize("NFKC")
    .replace(numberAsFormula, "$1")
    .replace(textMark, "")
    .replace(telScheme, "")
    .replace(wholeNumberAsFloat, "$1")
    .trim();
}

/** `9.196E+11`, which a spreadsheet shows for a long number: the digits after the rounding are gone. */
function isSpreadsheetMangled(tidy: string): boolean {
  return /^[+-]?\d+(?:[.,]\d+)?E\+?\d+$/i.test(tidy);
}

// Only for the right words: no number this short can be called.
const emergencyNumbers: ReadonlySet<string> = new Set(
  "000 100 101 102 103 104 108 110 111 112 113 115 117 118 119 120 122 190 191 192 193 911 988 995 997 998 999".split(
    " ",
  ),
);

function isEmergencyNumber(tidy: string): boolean {
  return emergencyNumbers.has(tidy.replace(/[\s+().-]/g, ""));
}

/** Three to six digits without punctuation: people write a number that lost its beginning as `555-01`. */
function isShortCode(tidy: string): boolean {
  return /^\d{3,6}$/.test(tidy);
}
