/** Writes test/fixtures/forbidden-numbers.json: numbers that must never be called, made from libphonenumber's own patterns. */
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import fc from "fast-check";
import parsePhoneNumber, { type CountryCode, getCountries, type NumberType } from "libphonenumber-js/max";
import { z } from "zod";

// Where the metadata of a numbering plan has the pattern of all its numbers, its types, and each type among them.
const nationalPatternAt = 2;
const typesAt = 11;
const typePositions = [
  ["premium", 3, "PREMIUM_RATE"],
  ["personal", 4, "PERSONAL_NUMBER"],
  ["voicemail", 5, "VOICEMAIL"],
  ["company_wide", 6, "UAN"],
  ["pager", 7, "PAGER"],
  ["shared_cost", 9, "SHARED_COST"],
] as const;

// No metadata of the library has these. The key is the country in which they are dialed.
const shortNumbers = {
  emergency: {
    AR: "911 107 100",
    AU: "000 112",
    BR: "190 192 193",
    CA: "911",
    CN: "110 119 120 122",
    DE: "110 112",
    ES: "112",
    FR: "15 17 18 112",
    GB: "999 112 101 111",
    IN: "100 101 102 108 112",
    IT: "112 113 115 118",
    JP: "110 118 119",
    KE: "999",
    KR: "112 119",
    MX: "911",
    NZ: "111",
    PL: "112 997 998 999",
    RU: "101 102 103 112",
    US: "911 9-1-1 988 +1911",
    ZA: "10111 112",
  },
  short_code: {
    AU: "1223 13 131 197",
    CA: "411 611 272747",
    CN: "10086 12306 95588 12345",
    DE: "11833 11880 115 22022",
    FR: "3615 118712 36000",
    GB: "118118 116123 60123 84858 150",
    IN: "139 1909 56767",
    JP: "104 171 117",
    NL: "1850 14020",
    US: "211 311 411 511 611 711 811 72645 40404 878787 +172645",
  },
};

const typeShape = z.union([z.tuple([z.string()]).rest(z.unknown()), z.literal(0)]);
const typesShape = z.array(typeShape.optional());
const metadataShape = z.object({
  countries: z.record(z.string(), z.array(z.unknown())),
  nonGeographic: z.record(z.string(), z.array(z.unknown())),
});
const require = createRequire(import.meta.url);
const { countries, nonGeographic } = metadataShape.parse(require("libphonenumber-js/metadata.max.json"));

/** Always the same texts for the same pattern. */
function textsOf(pattern: string): readonly string[] {
  return fc.sample(fc.stringMatching(new RegExp(`^(?:${pattern})$`)), { seed: 1, numRuns: 40 });
}

/** Two numbers of the country that the library itself takes for that type. */
function numbersOfType(country: CountryCode, position: number, type: NumberType): readonly string[] {
  const [pattern] = typesShape.parse(countries[country]?.[typesAt] || [])[position] || [];
  if (pattern === undefined) return [];
  const numbers = textsOf(pattern).map((text) => parsePhoneNumber(text, { defaultCountry: country, extract: false }));
  const fitting = numbers.filter((number) => number?.country === country && number.getType() === type);
  return [...new Set(fitting.map((number) => String(number?.number)))].slice(0, 2);
}

function byCountry(position: number, type: NumberType): Record<string, readonly string[]> {
  const entries = getCountries().map((country) => [country, numbersOfType(country, position, type)] as const);
  return Object.fromEntries(entries.filter(([, numbers]) => numbers.length > 0));
}

/** Satellite networks and other codes without a country: +881 and its like. */
function satellite(): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(nonGeographic).map(([code, plan]) => {
      const texts = textsOf(z.string().parse(plan[nationalPatternAt])).map((text) => `+${code}${text}`);
      return [code, [...new Set(texts.filter((text) => parsePhoneNumber(text)?.isValid()))].slice(0, 5)];
    }),
  );
}

function split(lists: Readonly<Record<string, string>>): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(lists).map(([country, numbers]) => [country, numbers.split(" ")]));
}

const corpus = {
  ...Object.fromEntries(typePositions.map(([kind, position, type]) => [kind, byCountry(position, type)])),
  satellite: satellite(),
  emergency: split(shortNumbers.emergency),
  short_code: split(shortNumbers.short_code),
};

// A line for each country.
const text = JSON.stringify(corpus, null, 2).replace(
  /\[\s+([^\]]+?)\s+\]/g,
  (_, list: string) => `[${list.replace(/\s+/g, " ")}]`,
);
await writeFile(new URL("../../test/fixtures/forbidden-numbers.json", import.meta.url), `${text}\n`);
for (const [kind, lists] of Object.entries(corpus)) {
  console.log(`${kind}: ${Object.values(lists).flat().length} numbers of ${Object.keys(lists).length} plans`);
}
