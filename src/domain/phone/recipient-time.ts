import { isIssue } from "../problem.ts";
import { toWallTime, type WallTime } from "../time/zone.ts";
import { parseZone } from "../time/zone-name.ts";
import { type ZoneSet, zonesOfNumber } from "./number-zones.ts";
import { type ParsedPhoneNumber, parsePhoneNumber } from "./phone-number.ts";

/** The zones whose clocks may be the recipient's: the one that stands beside the number, where it can be read, else those of the number. */
export function zonesOfRecipient(number: string, beside = ""): ZoneSet {
  const zone = beside === "" ? undefined : parseZone(beside, "timezone");
  if (zone !== undefined && !isIssue(zone)) return [zone];
  const parsed = parsePhoneNumber(number);
  return isIssue(parsed) ? [] : zonesOfNumber(parsed);
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
