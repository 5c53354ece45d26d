import { zonesOfRecipient } from "../phone/recipient-time.ts";
import { lastOpenMinute } from "../time/quiet-hours.ts";
import {
  batchQuietHours,
  type ClockRules,
  nextAttemptAt,
  recipientQuietHours,
  type TimedRecipient,
} from "../time/recipient-hours.ts";
import { toWallTime } from "../time/zone.ts";
import { type LocalTime, toLocalTime } from "./preview-places.ts";

/** People of whom each has a first call of their own; see `TimedRecipient`. */
export type ClockOrder = ClockRules & {
  readonly people: readonly TimedRecipient[];
  /** IANA zone of the batch. */
  readonly timezone: string;
};

/** Whether recipients are called first at times of their own: by their rows, by a time on their clocks, or by quiet hours on these. */
export function goesByClocks({ people, rules, notBeforeLocal }: ClockOrder): boolean {
  const hasOwn = people.some(({ notBefore }) => notBefore !== undefined);
  return hasOwn || notBeforeLocal !== undefined || recipientQuietHours(rules) !== undefined;
}

/** So many people who share their clocks and the instant of their first call. */
export type FirstCalls = { readonly at: Date; readonly zones: readonly string[]; readonly people: number };

/** The first calls of a start, each instant and set of clocks once. Those whom no time suits are not in it. */
export function firstCallsOf(order: ClockOrder, startAt: Date): readonly FirstCalls[] {
  const calls = new Map<string, FirstCalls>();
  for (const person of order.people) {
    const at = nextAttemptAt(startAt, person, order);
    if (at === "never") continue;
    const zones = zonesOfRecipient(person.toNumber, person.timezone);
    const key = `${at.getTime()} ${zones.join(" ")}`;
    calls.set(key, { at, zones, people: (calls.get(key)?.people ?? 0) + 1 });
  }
  return [...calls.values()];
}

/**
 * The earliest time on a clock of theirs at which somebody's phone rings, and the latest one that the rules let it: so long after
 * the last of the first calls.
 */
export function ringsOnClocks(
  { rules, timezone }: ClockOrder,
  calls: readonly FirstCalls[],
  spanMs: number,
): { readonly first: LocalTime; readonly last: LocalTime } | undefined {
  const end = new Date(Math.max(...calls.map(({ at }) => at.getTime())) + spanMs);
  const own = recipientQuietHours(rules);
  const lastOn = (zone: string) =>
    own ? lastOpenMinute({ ...own, zone }, zone, end) : lastOpenMinute(batchQuietHours(rules), timezone, end);
  const zones = [...new Set(calls.flatMap((call) => call.zones))];
  const lasts = zones.flatMap((zone) => {
    const at = lastOn(zone);
    return at ? [{ wall: toWallTime(at, zone), zone }] : [];
  });
  const firsts = calls.flatMap(({ at, zones: names }) => names.map((zone) => ({ wall: toWallTime(at, zone), zone })));
  const [first] = firsts.toSorted(byWall);
  const last = lasts.toSorted(byWall).at(-1);
  return first && last && { first: toLocalTime(first), last: toLocalTime(last) };
}

type Shown = { readonly wall: string; readonly zone: string };

function byWall(a: Shown, b: Shown): number {
  return a.wall < b.wall ? -1 : 1;
}
