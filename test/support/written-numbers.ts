import parseWithLibrary, { type CountryCode, getCountries, getCountryCallingCode } from "libphonenumber-js/max";
import examples from "libphonenumber-js/mobile/examples";
import type { Random } from "./random.ts";

/** A number as somebody wrote it, in the list of a country, and the subscriber that was meant. */
export type WrittenNumber = {
  readonly form: string;
  readonly country: CountryCode;
  readonly text: string;
  readonly meant: string;
};

type Parts = { readonly code: string; readonly national: string; readonly inside: string };

const forms: Readonly<Record<string, (parts: Parts) => string>> = {
  "E.164": ({ code, national }) => `+${code}${national}`,
  "international, spaced": ({ code, national }) => `+${code} ${inTwos(national, " ")}`,
  "international, dots": ({ code, national }) => `+${code}.${inTwos(national, ".")}`,
  "international, slash": ({ code, national }) => `+${code} ${national.slice(0, 2)}/${national.slice(2)}`,
  "plus in parentheses": ({ code, national }) => `(+${code}) ${inTwos(national, " ")}`,
  "dot before the plus": ({ code, national }) => `.+${code} ${national}`,
  "00": ({ code, national }) => `00${code}${national}`,
  "no plus": ({ code, national }) => `${code}${national}`,
  "no plus, spaced": ({ code, national }) => `${code} ${inTwos(national, " ")}`,
  "no plus, as a float": ({ code, national }) => `${code}${national}.0`,
  "no plus, scientific": ({ code, national }) => inScientificForm(`${code}${national}`),
  national: ({ inside }) => inside,
  "national, digits": ({ inside }) => inside.replace(/\D/g, ""),
  "national, without its prefix": ({ national }) => national,
  "national, dots": ({ inside }) => inside.replace(/[\s-]/g, "."),
  "national, spaces of other kinds": ({ inside }) => inside.replace(/\s/g, "\u00a0"),
  "full width": ({ inside }) => inDigits(inside, 0xff10),
  "Arabic-Indic digits": ({ code, national }) => `+${inDigits(`${code}${national}`, 0x660)}`,
  tel: ({ code, national }) => `tel:+${code}-${national}`,
  "as a formula": ({ inside }) => `="${inside}"`,
};

/** The ways of writing, by name. */
export const formNames: readonly string[] = Object.keys(forms);

/**
 * Numbers of all countries in all forms, without end. The first ones are the library's examples; the others have random
 * last digits and are subscribers by the library's own word.
 */
export function* writtenNumbers(random: Random): Generator<WrittenNumber> {
  for (let round = 0; ; round++) {
    for (const country of getCountries()) yield* inAllForms(country, round === 0 ? undefined : random);
  }
}

function* inAllForms(country: CountryCode, random: Random | undefined): Generator<WrittenNumber> {
  const example = examples[country];
  const national =
    example.slice(0, -4) + example.slice(-4).replace(/\d/g, (digit) => String(random?.below(10) ?? digit));
  const number = parseWithLibrary(`+${getCountryCallingCode(country)}${national}`);
  if (!number?.isValid()) return;
  const parts = { code: number.countryCallingCode, national: number.nationalNumber, inside: number.formatNational() };
  for (const [form, write] of Object.entries(forms)) yield { form, country, text: write(parts), meant: number.number };
}

function inTwos(digits: string, between: string): string {
  return digits.replace(/\d\d(?=\d\d)/g, `$&${between}`);
}

function inDigits(text: string, zero: number): string {
  return text.replace(/\d/g, (digit) => String.fromCharCode(zero + Number(digit)));
}

function inScientificForm(digits: string): string {
  return `${digits.slice(0, 1)}.${digits.slice(1)}E+${digits.length - 1}`;
}
