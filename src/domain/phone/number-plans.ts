import type { CountryCode, PhoneNumberType as LibraryType } from "libphonenumber-js/max";
import metadata from "libphonenumber-js/max/metadata";

/** Digits of a number after its calling code, what kind they are, and whose. */
export type NationalNumber = {
  readonly callingCode: string;
  readonly national: string;
  readonly type: LibraryType;
  readonly country: CountryCode;
};

/** The numbering plan of a country, its patterns compiled once. */
type Plan = {
  readonly callingCode: string;
  readonly general: RegExp;
  readonly lengths: readonly number[];
  /** What is dialed before a national number, and what becomes of it. */
  readonly prefix?: { readonly pattern: RegExp; readonly transform?: string };
  readonly leadingDigits?: RegExp;
  readonly kinds: ReadonlyMap<LibraryType, NumberKind>;
};

type NumberKind = { readonly pattern: RegExp; readonly lengths: readonly number[] };

/** Whose digits are, without a type where they are no subscriber's. */
type Owner = { readonly country: CountryCode; readonly type: LibraryType | undefined };

// In the order of the library's rows; it asks FIXED_LINE first and the others in its own order, which `typeOf` keeps.
const rowTypes: readonly LibraryType[] = [
  "FIXED_LINE",
  "MOBILE",
  "TOLL_FREE",
  "PREMIUM_RATE",
  "PERSONAL_NUMBER",
  "VOICEMAIL",
  "UAN",
  "PAGER",
  "VOIP",
  "SHARED_COST",
];

const askedTypes: readonly LibraryType[] = [
  "MOBILE",
  "PREMIUM_RATE",
  "TOLL_FREE",
  "SHARED_COST",
  "VOIP",
  "PERSONAL_NUMBER",
  "PAGER",
  "UAN",
  "VOICEMAIL",
];

/**
 * Digits after the calling code that a country assigns at most, where the library admits more because companies may add
 * digits of their own. DE: Bundesnetzagentur, length of geographic numbers (11, ten for the four largest cities). No entry: what the
 * library admits.
 */
const longestAssigned: ReadonlyMap<string, number> = new Map([["DE", 11]]);

/** True for an ISO 3166-1 alpha-2 code in capitals that has a telephone plan. */
export function isCountryCode(text: string): text is CountryCode {
  return Object.hasOwn(metadata.countries, text);
}

/** Countries that have the calling code, the one that others share it with first; `1876` is Jamaica's alone. */
export function countryCodes(callingCode: string): readonly CountryCode[] {
  const shared = countriesOf.get(callingCode);
  if (shared !== undefined) return shared;
  const main = callingCodeAtStart(callingCode);
  if (main === undefined) return [];
  const rest = callingCode.slice(main.length);
  return (countriesOf.get(main) ?? []).filter((country) => startsWithAll(planOf(country)?.leadingDigits, rest));
}

/** The calling code of a country. */
export function callingCodeOf(country: CountryCode): string {
  return planOf(country)?.callingCode ?? "";
}

/** The calling code that digits without a plus begin with. */
export function callingCodeAtStart(digits: string): string | undefined {
  for (let length = 1; length <= 3; length++) {
    const code = digits.slice(0, length);
    if (countriesOf.has(code)) return code;
  }
  return undefined;
}

/** Digits with their calling code, without the plus; undefined where they are no subscriber's, or no country's. */
export function readInternational(digits: string): NationalNumber | undefined {
  const callingCode = callingCodeAtStart(digits);
  const [main] = callingCode === undefined ? [] : (countriesOf.get(callingCode) ?? []);
  if (callingCode === undefined || main === undefined) return undefined;
  return readNational(digits.slice(callingCode.length), main);
}

/** Digits as they are dialed inside the country, with or without its prefix; undefined where they are no subscriber's. */
export function readNational(digits: string, country: CountryCode): NationalNumber | undefined {
  const plan = planOf(country);
  if (plan === undefined) return undefined;
  const rest = afterPrefix(digits, plan);
  const owner = rest === undefined ? undefined : ownerOf(plan.callingCode, rest);
  if (rest !== undefined && mayHaveLength(rest.length, planOf(owner?.country ?? country)))
    return toNumber(plan, rest, owner);
  return toNumber(plan, digits, ownerOf(plan.callingCode, digits));
}

function toNumber({ callingCode }: Plan, national: string, owner: Owner | undefined): NationalNumber | undefined {
  if (owner?.type === undefined) return undefined;
  const number = { callingCode, national, type: owner.type, country: owner.country };
  return isOverlong(number) ? undefined : number;
}

/** True for a fixed line of more digits than the country assigns to anybody. */
export function isOverlong({
  national,
  type,
  country,
}: Partial<NationalNumber> & { readonly national: string }): boolean {
  const isFixed = type === "FIXED_LINE" || type === "FIXED_LINE_OR_MOBILE";
  return isFixed && country !== undefined && national.length > (longestAssigned.get(country) ?? 15);
}

function ownerOf(callingCode: string, national: string): Owner | undefined {
  const countries = countriesOf.get(callingCode) ?? [];
  for (const country of countries) {
    const leading = countries.length === 1 ? undefined : planOf(country)?.leadingDigits;
    if (leading?.test(national) === false) continue;
    const type = typeOf(national, country);
    if (type !== undefined || leading !== undefined || countries.length === 1) return { country, type };
  }
  return undefined;
}

function typeOf(national: string, country: CountryCode): LibraryType | undefined {
  const plan = planOf(country);
  if (!plan?.general.test(national)) return undefined;
  const is = (type: LibraryType): boolean => isOfKind(national, plan.kinds.get(type));
  if (!is("FIXED_LINE")) return askedTypes.find(is);
  return !plan.kinds.has("MOBILE") || is("MOBILE") ? "FIXED_LINE_OR_MOBILE" : "FIXED_LINE";
}

function isOfKind(national: string, kind: NumberKind | undefined): boolean {
  return kind?.lengths.includes(national.length) === true && kind.pattern.test(national);
}

/** What is left without the prefix; undefined where there is none, or where the digits are a number with it alone. */
function afterPrefix(digits: string, { prefix, general }: Plan): string | undefined {
  const found = prefix?.pattern.exec(digits);
  if (!prefix || !found) return undefined;
  const transforms = prefix.transform !== undefined && found.length > 1 && found.at(-1) !== undefined;
  const rest = transforms ? digits.replace(prefix.pattern, prefix.transform ?? "") : digits.slice(found[0].length);
  return rest === digits || (general.test(digits) && !general.test(rest)) ? undefined : rest;
}

/** A prefix is taken off only where a number is left that can be one, as the library does it. */
function mayHaveLength(length: number, plan: Plan | undefined): boolean {
  const lengths = plan?.lengths ?? [];
  return lengths.includes(length) || length > Math.max(...lengths);
}

const countriesOf: ReadonlyMap<string, readonly CountryCode[]> = new Map(
  Object.entries(metadata.country_calling_codes).map(([code, countries]) => [code, countries.filter(isCountryCode)]),
);

const plans = new Map<string, Plan>();

function planOf(country: CountryCode): Plan | undefined {
  const known = plans.get(country);
  if (known !== undefined) return known;
  const row: readonly unknown[] | undefined = metadata.countries[country];
  if (row === undefined) return undefined;
  const plan = toPlan(row);
  plans.set(country, plan);
  return plan;
}

/** A row of the library's table; where each fact stands is in its metadata.js, version 4. */
function toPlan(row: readonly unknown[]): Plan {
  const lengths = numbersIn(row[3]);
  const prefix = textIn(row[7]) ?? textIn(row[5]);
  const transform = textIn(row[8]);
  const leading = textIn(row[10]);
  return {
    callingCode: textIn(row[0]) ?? "",
    general: whole(textIn(row[2]) ?? ""),
    lengths,
    ...(prefix !== undefined && {
      prefix: { pattern: new RegExp(`^(?:${prefix})`), ...(transform !== undefined && { transform }) },
    }),
    ...(leading !== undefined && { leadingDigits: new RegExp(`^(?:${leading})`) }),
    kinds: new Map(listIn(row[11]).flatMap((kind, index) => toKind(listIn(kind), rowTypes[index], lengths))),
  };
}

function toKind(row: readonly unknown[], type: LibraryType | undefined, lengths: readonly number[]) {
  const pattern = textIn(row[0]);
  if (type === undefined || pattern === undefined) return [];
  const own = numbersIn(row[1]);
  const kind: NumberKind = { pattern: whole(pattern), lengths: own.length > 0 ? own : lengths };
  return [[type, kind] as const];
}

function whole(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}

function startsWithAll(leading: RegExp | undefined, digits: string): boolean {
  return digits.length > 0 && leading?.exec(digits)?.[0].length === digits.length;
}

function textIn(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function numbersIn(value: unknown): readonly number[] {
  return listIn(value).filter((item) => typeof item === "number");
}
