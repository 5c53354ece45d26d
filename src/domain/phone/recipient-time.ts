import { isIssue } from "../problem.ts";
import { showSameTime, toWallTime, type WallTime } from "../time/zone.ts";
import { parseZone } from "../time/zone-name.ts";
import { type ZoneSet, zonesOfCountry, zonesOfNumber } from "./number-zones.ts";
import { type ParsedPhoneNumber, parsePhoneNumber } from "./phone-number.ts";

/** The zones whose clocks may be the recipient's: the one that stands beside the number, where it can be read, else those of the number. */
export function zonesOfRecipient(number: string, beside = ""): ZoneSet {
  const zone = beside === "" ? undefined : parseZone(beside, "timezone");
  if (zone !== undefined && !isIssue(zone)) return [zone];
  const parsed = parsePhoneNumber(number);
  return isIssue(parsed) ? [] : zonesOfNumber(parsed);
}

/**
 * What a number says against the zone that stands beside it: the zones of the number, where that zone shows the time of no zone of the number's
 * country. Undefined where the two agree, where no zone stands there or none that can be read, and for a number of no known country.
 */
export function zonesAgainst(number: string, beside: string | undefined): ZoneSet | undefined {
  const zone = beside === undefined || beside === "" ? undefined : parseZone(beside, "timezone");
  if (zone === undefined || isIssue(zone)) return undefined;
  const parsed = parsePhoneNumber(number);
  if (isIssue(parsed) || parsed.country === undefined || isClockOf(parsed.country, zone)) return undefined;
  const ofNumber = zonesOfNumber(parsed);
  return ofNumber.length === 0 ? undefined : ofNumber;
}

/**
 * The zones on whose clocks a batch's own quiet hours hold for a recipient: theirs, and those of a number that speaks against it. Either
 * may be the slip, and a phone that rings at night is worse than one that rings later. The zone that stands beside is that of the first
 * number: against a second one (`isSecond`) speaks each zone whose clock is none of its own, that of its country too.
 */
export function zonesForQuietHours(number: string, beside: string | undefined, isSecond = false): ZoneSet {
  const own = zonesOfRecipient(number, beside);
  const against = isSecond ? zonesOfSecond(number, own) : zonesAgainst(number, beside);
  return against ? [...own, ...against] : own;
}

function zonesOfSecond(number: string, own: ZoneSet): ZoneSet | undefined {
  const ofNumber = zonesOfRecipient(number);
  const isClockOfIts = own.every((zone) => ofNumber.some((other) => showSameTime(other, zone)));
  return isClockOfIts || ofNumber.length === 0 ? undefined : ofNumber;
}

const clocksOfCountries = new Map<string, boolean>();

/** Asked for each task of a claim: remembered for each pair of a country and a zone, of which there are so many. */
function isClockOf(country: string, zone: string): boolean {
  const key = `${country} ${zone}`;
  const known = clocksOfCountries.get(key);
  if (known !== undefined) return known;
  const isOne = zonesOfCountry(country).some((own) => showSameTime(own, zone));
  clocksOfCountries.set(key, isOne);
  return isOne;
}

/** The country that a number tells; see `ParsedPhoneNumber`. */
export function countryOf(number: string): string | undefined {
  const parsed = parsePhoneNumber(number);
  return isIssue(parsed) ? undefined : parsed.country;
}

/**
 * The zones in which a call has to be legal: the one that a list gives for the recipient tells which of those of the number is
 * theirs. One whose clock is none of theirs does not make a call legal that is not, and counts beside them.
 */
export function zonesForHours(number: ParsedPhoneNumber, timezone: string | undefined, at: Date): ZoneSet {
  const ofNumber = zonesOfNumber(number);
  if (timezone === undefined || ofNumber.length === 0) return ofNumber;
  const local = toWallTime(at, timezone);
  return ofNumber.some((zone) => toWallTime(at, zone) === local) ? [timezone] : [timezone, ...ofNumber];
}

/** What the recipient's clock showed, where all clocks that may be theirs showed the same; undefined otherwise, and nothing is guessed. */
export function localTimeOf(at: Date, zones: ZoneSet): WallTime | undefined {
  const [first, ...others] = new Set(zones.map((zone) => toWallTime(at, zone)));
  return others.length === 0 ? first : undefined;
}
