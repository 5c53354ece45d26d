import parseWithLibrary, {
  type CountryCode,
  getCountries,
  getCountryCallingCode,
  type PhoneNumber,
} from "libphonenumber-js/max";
import metadata from "libphonenumber-js/max/metadata";
import examples from "libphonenumber-js/mobile/examples";
import { isOverlong, readInternational, readNational } from "../../src/domain/phone/number-plans.ts";
import { parsePhoneNumber } from "../../src/domain/phone/phone-number.ts";
import { toTodaysForm } from "../../src/domain/phone/retired-forms.ts";
import { isIssue } from "../../src/domain/problem.ts";
import type { Random } from "./random.ts";

/** Digits of a country's numbering plan, or nearly: some are a subscriber's and some are nobody's. */
export type PlanText = {
  readonly country: CountryCode;
  /** After the calling code. */
  readonly national: string;
  /** As they are dialed inside the country. */
  readonly dialed: string;
  /** With a plus and its calling code, and what people put between digits. */
  readonly text: string;
};

/** Texts of every country in turn, without end. */
export function* planTexts(random: Random): Generator<PlanText> {
  const countries = getCountries();
  for (let index = 0; ; index++) {
    const country = countries[index % countries.length] ?? "US";
    const national = change(String(examples[country]), random);
    const prefix: unknown = metadata.countries[country]?.[5];
    const isPrefixed = typeof prefix === "string" && /^\d+$/.test(prefix) && random.chance(0.5);
    const text = `+${getCountryCallingCode(country)}${separated(national, random)}`;
    yield { country, national, dialed: isPrefixed ? prefix + national : national, text };
  }
}

/** What is read otherwise than the library reads it, in words; undefined where the two agree. */
export function differenceFromLibrary({ country, national, dialed, text }: PlanText): string | undefined {
  const digits = getCountryCallingCode(country) + national;
  const abroad = parseWithLibrary(`+${digits}`, { extract: false });
  const meant = toSubscriberText(abroad);
  const plan = readInternational(digits);
  if (toPlanText(plan) !== meant) return `+${digits}: ${toPlanText(plan)}, and ${meant} to the library`;
  const inside = readNational(dialed, country);
  const insideMeant = toSubscriberText(parseWithLibrary(dialed, { extract: false, defaultCountry: country }));
  // What no plan reads is asked of the library, and so is every text after an exit code: it has both readings, and is refused where they differ.
  if (inside !== undefined && !isAfterExitCode(dialed, country) && toPlanText(inside) !== insideMeant)
    return `${dialed} in ${country}: ${toPlanText(inside)}, and ${insideMeant} to the library`;
  // Another number than is written: today's form of it, and what a data frame wrote as a float.
  if (toTodaysForm(digits) !== undefined || /\.0+$/.test(text)) return undefined;
  const read = parsePhoneNumber(text);
  const found = isIssue(read) ? nobody : `${read.e164} ${read.type} ${read.country ?? ""}`;
  const callable = toCallableText(meant);
  return found === callable ? undefined : `${text}: ${found}, and ${callable} to the library`;
}

const nobody = "nobody's";
const callableTypes = /FIXED_LINE|MOBILE|TOLL_FREE|VOIP|PERSONAL_NUMBER/;

function isAfterExitCode(dialed: string, country: CountryCode): boolean {
  const exitCode: unknown = metadata.countries[country]?.[1];
  return dialed.startsWith("00") || (typeof exitCode === "string" && new RegExp(`^(?:${exitCode})`).test(dialed));
}

function toSubscriberText(number: PhoneNumber | undefined): string {
  const type = number?.getType();
  if (number?.country === undefined || type === undefined) return nobody;
  const { country, nationalNumber: national } = number;
  return isOverlong({ national, type, country }) ? nobody : `${number.number} ${type} ${country}`;
}

function toPlanText(read: ReturnType<typeof readInternational>): string {
  return read ? `+${read.callingCode}${read.national} ${read.type} ${read.country}` : nobody;
}

function toCallableText(meant: string): string {
  const [number = "", type = "", country = ""] = meant.split(" ");
  const isCalled = callableTypes.test(type) && /^\+[1-9]\d{6,14}$/.test(number);
  return isCalled ? `${number} ${type.toLowerCase()} ${country}` : nobody;
}

/** The example with other digits, fewer or more. */
function change(national: string, random: Random): string {
  const digit = (): string => String(random.below(10));
  switch (random.below(6)) {
    case 0:
      return national.slice(0, -4) + digit() + digit() + digit() + digit();
    case 1:
      return national.replace(/\d/g, (same) => (random.chance(0.3) ? digit() : same));
    case 2:
      return national.slice(0, 1 + random.below(national.length));
    case 3:
      return national + String(random.below(100));
    case 4:
      return Array.from({ length: 3 + random.below(9) }, digit).join("");
    default:
      return national;
  }
}

function separated(digits: string, random: Random): string {
  const between = random.pick(["", "", " ", "-", ".", " (0) "]);
  if (between === " (0) ") return ` ${digits}`;
  return digits.replace(/\d/g, (digit) => (random.chance(0.25) ? between + digit : digit));
}
