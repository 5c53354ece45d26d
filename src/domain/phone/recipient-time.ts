import { isIssue } from "../problem.ts";
import { toWallTime, type WallTime } from "../time/zone.ts";
import { parseZone } from "../time/zone-name.ts";
import { type ZoneSet, zonesOfNumber } from "./number-zones.ts";
import { parsePhoneNumber } from "./phone-number.ts";

/** The zones whose clocks may be the recipient's: the one that stands beside the number, where it can be read, else those of the number. */
export function zonesOfRecipient(number: string, beside = ""): ZoneSet {
  const zone = beside === "" ? undefined : parseZone(beside, "timezone");
  if (zone !== undefined && !isIssue(zone)) return [zone];
  const parsed = parsePhoneNumber(number);
  return isIssue(parsed) ? [] : zonesOfNumber(parsed);
}

/** What the recipient's clock showed, where all clocks that may be theirs showed the same; undefined otherwise, and nothing is guessed. */
export function localTimeOf(at: Date, zones: ZoneSet): WallTime | undefined {
  const [first, ...others] = new Set(zones.map((zone) => toWallTime(at, zone)));
  return others.length === 0 ? first : undefined;
}
