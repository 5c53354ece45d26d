import { countryOf, zonesOfRecipient } from "../phone/recipient-time.ts";
import type { TimedRecipient } from "../time/recipient-hours.ts";
import { toWallTime } from "../time/zone.ts";

/** Where the people of a list are: in the zone that it gives for them, else by what their numbers tell. */
export type Places = {
  /** Most first. */
  readonly countries: readonly { readonly country: string; readonly recipients: number }[];
  /** Most first. A number that moves with a person may be in any zone of its country. */
  readonly zones: readonly { readonly zones: readonly string[]; readonly recipients: number }[];
};

/** A day, `YYYY-MM-DD`, and a time of day, `HH:MM`, on a recipient's clock, and which zone that is. */
export type LocalTime = { readonly date: string; readonly time: string; readonly zone: string };

export function placesOf(people: readonly Pick<TimedRecipient, "toNumber" | "timezone">[]): Places {
  const countries = new Map<string, number>();
  const zones = new Map<string, { readonly zones: readonly string[]; recipients: number }>();
  for (const { toNumber, timezone } of people) {
    const country = countryOf(toNumber) ?? "unknown";
    countries.set(country, (countries.get(country) ?? 0) + 1);
    const names = zonesOfRecipient(toNumber, timezone);
    const group = zones.get(names.join()) ?? { zones: names, recipients: 0 };
    group.recipients += 1;
    zones.set(names.join(), group);
  }
  return {
    countries: mostFirst([...countries].map(([country, recipients]) => ({ country, recipients }))),
    zones: mostFirst([...zones.values()]),
  };
}

/**
 * The bounds of a start: the first and the last minute in which a phone may ring, on recipients' clocks. `from`: the first instant;
 * `until`: the one from which on none rings. ISO 8601, in UTC.
 */
export type Rings = {
  readonly first: LocalTime;
  readonly last: LocalTime;
  readonly from: string;
  readonly until: string;
};

type ShownAt = { readonly at: Date; readonly wall: string; readonly zone: string };

/** `end`: when the agreement to the calls is over at the latest, also within the last minute. */
export function toRings(first: ShownAt, last: ShownAt, end: Date): Rings {
  const until = Math.min(last.at.getTime() + minuteMs, end.getTime());
  return {
    first: toLocalTime(first),
    last: toLocalTime(last),
    from: first.at.toISOString(),
    until: new Date(until).toISOString(),
  };
}

const minuteMs = 60_000;

/** The bounds of several starts that are one. */
export function mergeRings(all: readonly Rings[]): Rings | undefined {
  const [first] = all.toSorted((a, b) => compare(a.from, b.from) || compare(toWall(a.first), toWall(b.first)));
  const last = all.toSorted((a, b) => compare(a.until, b.until) || compare(toWall(a.last), toWall(b.last))).at(-1);
  return first && last && { first: first.first, from: first.from, last: last.last, until: last.until };
}

function toWall({ date, time }: LocalTime): string {
  return `${date}T${time}`;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The earliest time on any recipient's clock at the first call, and the latest one in the last minute, which begins at `lastAt`. */
export function ringingTimes({ zones }: Places, firstAt: Date, lastAt: Date, end: Date): Rings | undefined {
  const names = [...new Set(zones.flatMap((group) => group.zones))];
  const [first] = timesIn(names, firstAt);
  const last = timesIn(names, lastAt).at(-1);
  return first && last && toRings(first, last, end);
}

/** Earliest first; by date and time, since zones can be on different days. */
function timesIn(zones: readonly string[], at: Date): readonly ShownAt[] {
  return zones.map((zone) => ({ at, zone, wall: toWallTime(at, zone) })).sort((a, b) => (a.wall < b.wall ? -1 : 1));
}

export function toLocalTime({ wall, zone }: { readonly wall: string; readonly zone: string }): LocalTime {
  return { date: wall.slice(0, 10), time: wall.slice(11, 16), zone };
}

function mostFirst<T extends { readonly recipients: number }>(groups: readonly T[]): readonly T[] {
  return groups.toSorted((a, b) => b.recipients - a.recipients);
}
