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

/** True for a number of which a part is hidden, so that it can be compared with none. */
export function isMaskedNumber(shown: string): boolean {
  return /[*•#…]|x{2}/i.test(shown);
}

function countriesOf(numbers: readonly string[]): readonly string[] {
  const countries = numbers.map((number) => {
    const parsed = parsePhoneNumber(number);
    return isIssue(parsed) ? undefined : parsed.country;
  });
  return [...new Set(countries)].filter((country) => country !== undefined);
}
