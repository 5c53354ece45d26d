import { isIssue } from "../problem.ts";
import { type E164, parseE164, parsePhoneNumber } from "./phone-number.ts";

/** Finds of numbers in E.164 form the one that another system shows: without its plus, punctuated, or as it is written in its country. */
export type NumberFinder = (shown: string) => string | undefined;

export function numberFinder(numbers: readonly string[]): NumberFinder {
  const byDigits = new Map(numbers.map((number) => [number.slice(1), number]));
  const known = new Set(numbers);
  let countries: readonly string[] | undefined;
  return (shown) => {
    if (known.has(shown)) return shown;
    const digits = shown.replace(/\D/g, "");
    const international = byDigits.get(digits) ?? byDigits.get(digits.replace(/^00/, ""));
    if (international !== undefined || shown.trim().startsWith("+")) return international;
    countries ??= countriesOf(numbers);
    const read = countries.map((country) => parseE164(shown, country));
    return read.find((number): number is E164 => !isIssue(number) && known.has(number));
  };
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
