import { groupByZones } from "../phone/number-zones.ts";
import { type ParsedPhoneNumber, parsePhoneNumber } from "../phone/phone-number.ts";
import { isIssue } from "../problem.ts";
import { toWallTime } from "../time/zone.ts";

/** Where the people of a list are, by what their numbers tell. */
export type Places = {
  /** Most first. */
  readonly countries: readonly { readonly country: string; readonly recipients: number }[];
  /** Most first. A number that moves with a person may be in any zone of its country. */
  readonly zones: readonly { readonly zones: readonly string[]; readonly recipients: number }[];
};

/** A day, `YYYY-MM-DD`, and a time of day, `HH:MM`, on a recipient's clock, and which zone that is. */
export type LocalTime = { readonly date: string; readonly time: string; readonly zone: string };

export function placesOf(numbers: readonly string[]): Places {
  const parsed = numbers.map((number) => parsePhoneNumber(number)).filter(isNumber);
  const counts = new Map<string, number>();
  for (const { country = "unknown" } of parsed) counts.set(country, (counts.get(country) ?? 0) + 1);
  return {
    countries: mostFirst([...counts].map(([country, recipients]) => ({ country, recipients }))),
    zones: mostFirst([...groupByZones(parsed)].map(([zones, group]) => ({ zones, recipients: group.length }))),
  };
}

/** The earliest time on any recipient's clock at the first call, and the latest one at the last. */
export function ringingTimes(
  { zones }: Places,
  firstAt: Date,
  lastAt: Date,
): { first: LocalTime; last: LocalTime } | undefined {
  const names = [...new Set(zones.flatMap((group) => group.zones))];
  const [first] = timesIn(names, firstAt);
  const last = timesIn(names, lastAt).at(-1);
  return first && last && { first, last };
}

/** Earliest first; by date and time, since zones can be on different days. */
function timesIn(zones: readonly string[], at: Date): readonly LocalTime[] {
  return zones
    .map((zone) => ({ zone, wall: toWallTime(at, zone) }))
    .sort((a, b) => (a.wall < b.wall ? -1 : 1))
    .map(toLocalTime);
}

export function toLocalTime({ wall, zone }: { readonly wall: string; readonly zone: string }): LocalTime {
  return { date: wall.slice(0, 10), time: wall.slice(11, 16), zone };
}

function isNumber<T>(parsed: ParsedPhoneNumber | T): parsed is ParsedPhoneNumber {
  return !isIssue(parsed);
}

function mostFirst<T extends { readonly recipients: number }>(groups: readonly T[]): readonly T[] {
  return groups.toSorted((a, b) => b.recipients - a.recipients);
}
