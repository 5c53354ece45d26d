import { nearest } from "../nearest.ts";
import type { Issue } from "../problem.ts";
import { isZone, zoneNames } from "./zone.ts";

// What people in most places mean by the letters. Only ever offered, never assumed.
const abbreviations = {
  "America/Los_Angeles": ["PST", "PDT", "PT"],
  "America/Denver": ["MST", "MDT", "MT"],
  "America/Chicago": ["CST", "CDT", "CT"],
  "America/New_York": ["EST", "EDT", "ET"],
  "America/Anchorage": ["AKST", "AKDT"],
  "Pacific/Honolulu": ["HST"],
  "Europe/London": ["BST"],
  "Europe/Berlin": ["CEST"],
  "Europe/Athens": ["EEST"],
  "Europe/Lisbon": ["WEST"],
  "Europe/Moscow": ["MSK"],
  "Asia/Kolkata": ["IST"],
  "Asia/Singapore": ["SGT"],
  "Asia/Tokyo": ["JST"],
  "Asia/Seoul": ["KST"],
  "Australia/Sydney": ["AEST", "AEDT"],
  "Australia/Perth": ["AWST"],
  "Pacific/Auckland": ["NZST", "NZDT"],
};
const zonesByAbbreviation = new Map(
  Object.entries(abbreviations).flatMap(([zone, letters]) => letters.map((abbreviation) => [abbreviation, zone])),
);

// What people misspell. Not Etc/GMT+5, US/Pacific or Australia/NSW: for three letters, some such name is always near.
const placeShape = /^(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)\/.*[a-z]$/;

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

/** The zone of that name, whatever its letter case and with blanks for underscores; undefined for any other text. */
export function readZone(text: string): string | undefined {
  if (isZone(text)) return text;
  zonesByText ??= new Map(zoneNames().map((zone) => [zone.toLowerCase(), zone]));
  return zonesByText.get(text.trim().replace(/\s+/g, "_").toLowerCase());
}

let zonesByText: ReadonlyMap<string, string> | undefined;

/** The zone that was most likely meant by a name that is none: `America/New York`, `PST`, `Calcutta`. */
export function suggestZone(name: string): string | undefined {
  const abbreviated = zonesByAbbreviation.get(name.toUpperCase());
  if (abbreviated) return abbreviated;

  const written = name.trim().replace(/\s+/g, "_");
  const sameName = readZone(name);
  if (sameName) return sameName;

  const zones = zoneNames().filter((zone) => placeShape.test(zone));
  const place = lastPart(written);
  const samePlace = zones.find((zone) => lastPart(zone).toLowerCase() === place.toLowerCase());
  if (samePlace) return samePlace;

  const nearestPlace = nearest(place, zones.map(lastPart));
  return nearest(written, zones) ?? zones.find((zone) => lastPart(zone) === nearestPlace);
}

/** An IANA zone name as it was written, or what is wrong with it. */
export function parseZone(text: string, field: string): string | Issue {
  if (isZone(text)) return text;
  const suggestion = suggestZone(text);
  const advice = zonesByAbbreviation.has(text.toUpperCase())
    ? `Letters like these stand for one offset, in several places, and not for their summer time: name the place, such as ${suggestion}, or put the offset into the time.`
    : suggestion
      ? `Did you mean ${suggestion}?`
      : "Write the name of a region and a city, such as America/New_York, or UTC.";
  return {
    field,
    code: "unknown_zone",
    message: `"${text.slice(0, 60)}" is not the name of an IANA time zone. ${advice}`,
  };
}

const theirClock =
  /^(?:the )?(?:recipients?['’]?s?['’]?|their(?: own)?)(?: (?:local )?(?:time|clock|zone|time ?zone)s?)?$/i;

/** The same where `recipient` may stand as well: words for everybody's own clock are offered it, and not taken as it. */
export function parseZoneOrTheirs(text: string, field: string): string | Issue {
  const zone = parseZone(text, field);
  if (typeof zone === "string" || !theirClock.test(text.trim())) return zone;
  return { ...zone, message: `"${text}" is not the name of an IANA time zone. Did you mean recipient?` };
}
