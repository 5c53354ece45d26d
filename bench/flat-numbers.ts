/** The floor of reading numbers: each country's patterns compiled once, and the library for what they do not take. */
import parseWithLibrary, { type CountryCode } from "libphonenumber-js/max";
import metadata from "libphonenumber-js/max/metadata";

type Patterns = { readonly code: string; readonly kinds: readonly RegExp[] };

const separators = /[\s()./-]/g;
const plain = /^\+?\d+$/;
const known = new Map<string, Patterns>();
const countriesByCode = new Map(Object.entries(metadata.country_calling_codes));

/** The number in E.164; throws for a text that is nobody's. */
export function readFlat(text: string, defaultCountry: CountryCode): string {
  const digits = text.replace(separators, "");
  if (plain.test(digits)) {
    const read = digits.startsWith("+") ? readWithCode(digits.slice(1)) : readNational(digits, defaultCountry);
    if (read !== undefined) return read;
  }
  const parsed = parseWithLibrary(text, { defaultCountry, extract: false });
  if (!parsed?.isValid()) throw new Error("bad number");
  return parsed.number;
}

function readWithCode(digits: string): string | undefined {
  for (let length = 1; length <= 3; length++) {
    const countries = countriesByCode.get(digits.slice(0, length));
    if (countries === undefined) continue;
    const national = digits.slice(length);
    return countries.some((country) => isSubscriber(national, country)) ? `+${digits}` : undefined;
  }
  return undefined;
}

/** Only what has no prefix: what has one may mean something else. */
function readNational(digits: string, country: CountryCode): string | undefined {
  const { code } = patternsOf(country);
  if (isSubscriber(digits, country)) return `+${code}${digits}`;
  const rest = digits.startsWith(code) ? digits.slice(code.length) : "";
  return rest !== "" && isSubscriber(rest, country) ? `+${digits}` : undefined;
}

function isSubscriber(national: string, country: CountryCode): boolean {
  return patternsOf(country).kinds.some((kind) => kind.test(national));
}

function patternsOf(country: CountryCode): Patterns {
  const cached = known.get(country);
  if (cached !== undefined) return cached;
  const row: readonly unknown[] = metadata.countries[country] ?? [];
  const kinds = Array.isArray(row[11]) ? row[11] : [];
  const patterns = {
    code: String(row[0]),
    kinds: kinds.flatMap((kind: unknown) =>
      Array.isArray(kind) && typeof kind[0] === "string" ? [new RegExp(`^(?:${kind[0]})$`)] : [],
    ),
  };
  known.set(country, patterns);
  return patterns;
}
