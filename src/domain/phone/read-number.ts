import parseWithLibrary, { type CountryCode, type PhoneNumberType as LibraryType } from "libphonenumber-js/max";
import {
  callingCodeAtStart,
  callingCodeOf,
  countryCodes,
  isCountryCode,
  isOverlong,
  type NationalNumber,
  readInternational,
  readNational,
} from "./number-plans.ts";
import type { NumberReading, RowCountry } from "./number-reading.ts";
import type { PhoneRefusal } from "./phone-issue.ts";
import { tidyPhoneText } from "./phone-text.ts";
import { toTodaysForm } from "./retired-forms.ts";
import { splitNumbers } from "./two-numbers.ts";
import { whyNoNumber } from "./why-no-number.ts";

/** A number that a text can mean. Without a type it is nobody's. */
export type Candidate = {
  readonly e164: string;
  readonly callingCode: string;
  readonly country?: string;
  readonly type?: LibraryType;
  readonly ext?: string;
  readonly isNonGeographic?: boolean;
  readonly isOverlong?: boolean;
};

/** What became of reading a text. */
export type NumberRead =
  | { readonly kind: "one"; readonly number: Candidate }
  | {
      readonly kind: "several";
      readonly reason: "ambiguous" | "two_numbers";
      readonly readings: readonly Candidate[];
      /** Of two numbers in one text those that cannot be read. */
      readonly unread?: readonly string[];
    }
  | { readonly kind: "contradiction"; readonly number: Candidate; readonly beside: string }
  | { readonly kind: "none"; readonly reason: PhoneRefusal; readonly withPlus?: Candidate };

// Everything that people put between digits; whatever else there is goes to the library.
const digitsOnly = /^[\d\s()[\]./\\~*_–—‐‑−-]+$/;
const trunkInParentheses = /^\W*\d{1,3}\s*[([]\s*0\s*[)\]]/;

/** Reads a tidied text; `raw` is the same before, with its line breaks. */
export function readNumber(raw: string, tidy: string, reading: NumberReading): NumberRead {
  const country = toCountry(reading);
  const parts = splitNumbers(raw !== tidy && /[\n\r]/.test(raw.trim()) ? raw.trim() : tidy, (part) =>
    isWhole(part, country),
  );
  if (parts) {
    const read = parts.map((part) => ({ part, readings: wholeNumbers(part, country) }));
    const unread = read.filter(({ readings }) => readings.length === 0).map(({ part }) => part);
    return { kind: "several", reason: "two_numbers", readings: read.flatMap(({ readings }) => readings), unread };
  }
  const read = readOne(tidy, country, reading);
  return read.kind === "one" && contradicts(read.number, reading.beside)
    ? { kind: "contradiction", number: read.number, beside: nameOf(reading.beside) }
    : read;
}

type BareReadings = {
  readonly national: Candidate | undefined;
  /** Asked for only where it counts: most digits are national and carry no code. Never the same number as `national` without `ownCode`. */
  readonly international: () => Candidate | undefined;
  readonly ownCode: boolean;
};

// What a column is judged by are the cells that were just read one by one.
let lastBare: { readonly digits: string; readonly country: CountryCode; readonly bare: BareReadings } | undefined;

/** How digits without a plus and without a national prefix can be read; what a column is judged by. */
export function readBareDigits(digits: string, country: CountryCode): BareReadings {
  if (lastBare?.digits === digits && lastBare.country === country) return lastBare.bare;
  const callingCode = callingCodeOf(country);
  const bare: BareReadings = {
    national: toCandidate(callingCode, digits, country),
    international: () => fromInternational(digits),
    ownCode: digits.startsWith(callingCode),
  };
  lastBare = { digits, country, bare };
  return bare;
}

function readOne(tidy: string, country: CountryCode | undefined, reading: NumberReading): NumberRead {
  if (tidy.startsWith("+") && digitsOnly.test(tidy.slice(1))) return readWithPlus(tidy, country);
  if (country === undefined || !digitsOnly.test(tidy)) return readByLibrary(tidy, country);
  const digits = tidy.replace(/\D/g, "");
  return digits.startsWith("0")
    ? readWithPrefix(tidy, digits, country)
    : readBare(tidy, digits, country, reading.bareDigits);
}

function readWithPlus(tidy: string, country: CountryCode | undefined): NumberRead {
  const number = fromInternational(tidy.replace(/\D/g, ""));
  return number ? { kind: "one", number } : readByLibrary(tidy, country);
}

/** Digits that begin with 0: a national number, or one from abroad after `00` or what the country dials instead. */
function readWithPrefix(tidy: string, digits: string, country: CountryCode): NumberRead {
  const national = toCandidate(callingCodeOf(country), digits, country);
  const abroad = digits.startsWith("00") ? fromInternational(digits.slice(2)) : undefined;
  const byLibrary = readByLibrary(tidy, country);
  const dialed = byLibrary.kind === "one" && byLibrary.number.type !== undefined ? byLibrary.number : undefined;
  const readings = distinct([national, abroad, dialed]);
  return decide(readings) ?? byLibrary;
}

function readBare(
  tidy: string,
  digits: string,
  country: CountryCode,
  verdict: NumberReading["bareDigits"],
): NumberRead {
  const bare = readBareDigits(digits, country);
  const { national, ownCode } = bare;
  const mayCarryCode = ownCode || verdict === "international" || verdict === "mixed";
  if (national !== undefined && !mayCarryCode) return { kind: "one", number: national };
  const international = bare.international();
  if (national === undefined || international === undefined || national.e164 === international.e164) {
    const one = national ?? (mayCarryCode ? international : undefined);
    return one ? { kind: "one", number: one } : refuseBare(tidy, country, international);
  }
  if (verdict === "international" || (ownCode && trunkInParentheses.test(tidy)))
    return { kind: "one", number: international };
  if (verdict === "national") return { kind: "one", number: national };
  return { kind: "several", reason: "ambiguous", readings: [national, international] };
}

function refuseBare(tidy: string, country: CountryCode, withPlus: Candidate | undefined): NumberRead {
  const byLibrary = readByLibrary(tidy, country);
  if (byLibrary.kind !== "one" || byLibrary.number.type !== undefined || withPlus === undefined) return byLibrary;
  return { kind: "none", reason: whyNoNumber(tidy, country), withPlus };
}

function decide(readings: readonly Candidate[]): NumberRead | undefined {
  const [first, second] = readings;
  if (first === undefined) return undefined;
  return second === undefined ? { kind: "one", number: first } : { kind: "several", reason: "ambiguous", readings };
}

function distinct(candidates: readonly (Candidate | undefined)[]): readonly Candidate[] {
  const byNumber = new Map(
    candidates.flatMap((candidate) => (candidate ? [[candidate.e164, candidate] as const] : [])),
  );
  return [...byNumber.values()];
}

function fromInternational(digits: string): Candidate | undefined {
  const read = readInternational(digits);
  if (read) return toSubscriber(read);
  const today = toTodaysForm(digits);
  const now = today === undefined ? undefined : readInternational(today);
  return now && toSubscriber(now);
}

/** National digits of a country, with or without its prefix, in today's form. */
function toCandidate(callingCode: string, digits: string, country: CountryCode): Candidate | undefined {
  const read = readNational(digits, country);
  if (read) return toSubscriber(read);
  const today = toTodaysForm(callingCode + digits);
  return today === undefined ? undefined : fromInternational(today);
}

function toSubscriber({ callingCode, national, type, country }: NationalNumber): Candidate {
  return { e164: `+${callingCode}${national}`, callingCode, type, country };
}

function readByLibrary(tidy: string, country: CountryCode | undefined): NumberRead {
  const first = parseWith(tidy, country);
  if (first?.type !== undefined || !tidy.startsWith("00")) return orNone(first, tidy, country);
  return orNone(parseWith(`+${tidy.slice(2)}`, undefined) ?? first, tidy, country);
}

function orNone(number: Candidate | undefined, tidy: string, country: CountryCode | undefined): NumberRead {
  return number ? { kind: "one", number } : { kind: "none", reason: whyNoNumber(tidy, country) };
}

function parseWith(text: string, country: CountryCode | undefined): Candidate | undefined {
  const number = parseWithLibrary(text, { extract: false, ...(country !== undefined && { defaultCountry: country }) });
  if (number === undefined) return undefined;
  const { nationalNumber: national, country: owner, countryCallingCode: callingCode, ext } = number;
  const type = number.getType();
  return {
    e164: number.number,
    callingCode,
    isNonGeographic: number.isNonGeographic(),
    ...(owner !== undefined && { country: owner }),
    ...(type !== undefined && { type, isOverlong: isOverlong({ national, type, ...(owner && { country: owner }) }) }),
    ...(ext !== undefined && { ext }),
  };
}

/** Digits after the calling code that no country's shortest number is without. */
const shortestNational = 4;

function isWhole(part: string, country: CountryCode | undefined): boolean {
  if (isTooShort(part)) return false;
  const read = readOne(tidyPhoneText(part), country, {});
  return read.kind === "several" || (read.kind === "one" && read.number.type !== undefined);
}

/** Whether a text has too few digits for any number, so that nobody need be asked. */
function isTooShort(part: string): boolean {
  if (!/^\+?[\d ()./-]*$/.test(part)) return false;
  const digits = part.replace(/\D/g, "");
  const codeLength = part.startsWith("+") ? (callingCodeAtStart(digits)?.length ?? 1) : 0;
  return digits.length - codeLength < shortestNational;
}

function wholeNumbers(part: string, country: CountryCode | undefined): readonly Candidate[] {
  const read = readOne(tidyPhoneText(part), country, {});
  if (read.kind === "several") return read.readings;
  return read.kind === "one" && read.number.type !== undefined ? [read.number] : [];
}

/** What stands beside the number wins over the country of the list. */
export function toCountry({ country, beside }: NumberReading): CountryCode | undefined {
  const told = beside?.kind === "calling_code" ? countryCodes(beside.callingCode)[0] : (beside?.country ?? country);
  return told !== undefined && isCountryCode(told) ? told : undefined;
}

/** A country is judged by its calling code: a phone from Canada in a row that says US is no contradiction. */
function contradicts({ e164 }: Candidate, beside: RowCountry | undefined): boolean {
  if (beside === undefined) return false;
  const code = beside.kind === "calling_code" ? beside.callingCode : codeOf(beside.country);
  return code !== undefined && !e164.startsWith(`+${code}`);
}

function codeOf(country: string): string | undefined {
  return isCountryCode(country) ? callingCodeOf(country) : undefined;
}

function nameOf(beside: RowCountry | undefined): string {
  if (beside === undefined) return "";
  return beside.kind === "calling_code" ? `+${beside.callingCode}` : beside.country;
}
