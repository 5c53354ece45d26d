import { isIssue } from "../problem.ts";
import { type E164, isSamePhone, parseE164, parsePhoneNumber } from "./phone-number.ts";

/** Finds of numbers in E.164 form the one that another system shows: without its plus, punctuated, as it is written in its country, or as it was before its country changed it. */
export type NumberFinder = (shown: string) => string | undefined;

export function numberFinder(numbers: readonly string[]): NumberFinder {
  const byDigits = new Map(numbers.map((number) => [number.slice(1), number]));
  const known = new Set(numbers);
  let countries: readonly string[] | undefined;
  return (shown) => {
    if (known.has(shown)) return shown;
    const digits = shown.replace(/\D/g, "");
    const international = byDigits.get(digits) ?? byDigits.get(digits.replace(/^00/, ""));
    if (international !== undefined) return international;
    countries ??= countriesOf(numbers);
    const read = shown.trim().startsWith("+") ? [parseE164(shown)] : countries.map((one) => parseE164(shown, one));
    return read.find((number): number is E164 => !isIssue(number) && known.has(number));
  };
}

/** Whether what another system shows may be that number: in whatever form, or with a part hidden. */
export function mayBeShown(number: string, shown: string): boolean {
  return isMaskedNumber(shown) || numberFinder([number])(shown) !== undefined || isSamePhone(number, shown);
}

/**
 * A number as another system shows it, in E.164 form: one without a plus is read with its calling code, or else as it is written in that
 * country, or the other way round where it is said to be written `atHome`. The text as it is where it is no number in either.
 */
export function readShown(
  shown: string,
  country: string | undefined,
  { atHome }: { readonly atHome: boolean },
): string {
  const text = shown.trim();
  const withCode = parseE164(`+${text.replace(/^(\+|00)/, "")}`);
  const ofCountry = country === undefined || text.startsWith("+") ? withCode : parseE164(text, country);
  const read = atHome ? [ofCountry, withCode] : [withCode, ofCountry];
  return read.find((number): number is E164 => !isIssue(number)) ?? shown;
}

/** True for a number of which a part is hidden, so that it can be compared with none. */
export function isMaskedNumber(shown: string): boolean {
  return /[*•#…]|x{2}/i.test(shown);
}

/** The countries of those numbers in E.164 form that have one. */
export function countriesOf(numbers: readonly string[]): readonly string[] {
  const countries = numbers.map((number) => {
    const parsed = parsePhoneNumber(number);
    return isIssue(parsed) ? undefined : parsed.country;
  });
  return [...new Set(countries)].filter((country) => country !== undefined);
}
