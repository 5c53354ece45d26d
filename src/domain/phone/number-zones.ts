import { zonesByCountry, zonesByPrefix } from "./number-zone-data.ts";
import type { ParsedPhoneNumber } from "./phone-number.ts";

/** Names of IANA zones; the same array wherever the same zones are meant, so that it can be a key. */
export type ZoneSet = readonly string[];

type Tables = {
  readonly byCountry: ReadonlyMap<string, ZoneSet>;
  readonly byPrefix: ReadonlyMap<string, ZoneSet>;
  /** Digits of the longest prefix. */
  readonly longest: number;
};

const unknown: ZoneSet = [];
let tables: Tables | undefined;

/**
 * The zones in which the phone of that number may be: those of its area for a number that belongs to one, all of its
 * country for a mobile or any other number that moves with a person. None when the country is not known; whoever
 * decides about a call takes that for a no.
 */
export function zonesOfNumber({
  e164,
  country,
  type,
}: Omit<ParsedPhoneNumber, "e164"> & { readonly e164: string }): ZoneSet {
  tables ??= readTables();
  if (country === undefined) return unknown;
  const national = tables.byCountry.get(country) ?? unknown;
  const hasArea = type === "fixed_line" || type === "fixed_line_or_mobile";
  if (!hasArea || national.length < 2) return national;
  return longestMatch(e164.slice(1), tables) ?? national;
}

/** All zones of a country, ISO 3166-1 alpha-2; none where it is not known. */
export function zonesOfCountry(country: string): ZoneSet {
  tables ??= readTables();
  return tables.byCountry.get(country) ?? unknown;
}

function longestMatch(digits: string, { byPrefix, longest }: Tables): ZoneSet | undefined {
  for (let length = Math.min(digits.length, longest); length > 0; length--) {
    const zones = byPrefix.get(digits.slice(0, length));
    if (zones) return zones;
  }
  return undefined;
}

function readTables(): Tables {
  const sets = new Map<string, ZoneSet>();
  const byPrefix = readTable(zonesByPrefix, sets);
  const longest = Math.max(...Array.from(byPrefix.keys(), (prefix) => prefix.length));
  return { byCountry: readTable(zonesByCountry, sets), byPrefix, longest };
}

function readTable(text: string, sets: Map<string, ZoneSet>): ReadonlyMap<string, ZoneSet> {
  const table = new Map<string, ZoneSet>();
  for (const line of text.trim().split("\n")) {
    const [names = "", ...keys] = line.split(" ");
    const zones = sets.get(names) ?? names.split(",");
    sets.set(names, zones);
    for (const key of keys) table.set(key, zones);
  }
  return table;
}
