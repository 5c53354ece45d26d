import type { TimedRecipient } from "../time/recipient-hours.ts";
import { nextRingAt } from "../time/ring-times.ts";
import { isZone, toWallTime } from "../time/zone.ts";
import { type ClockOrder, toClockKey } from "./outlook-on-clocks.ts";
import { type LocalTime, toLocalTime } from "./preview-places.ts";

/** A number that another batch reached so lately that others wait: until when, and which batch that was, for people. */
export type HeldNumber = { readonly until: Date; readonly by: string };
/** By number, in E.164. */
export type HeldNumbers = ReadonlyMap<string, HeldNumber>;

/** So many people who may be called first between those times, on the batch's clock, since a batch called them. */
export type HeldPeople = {
  readonly people: number;
  readonly first: LocalTime;
  readonly last: LocalTime;
  /** For people: the batch. Text from outside. */
  readonly by: string;
};

const minuteMs = 60_000;

/** The people of a start, those who are held not before they no longer are, by the minute. */
export function withHolds<T extends TimedRecipient>(people: readonly T[], held: HeldNumbers): readonly T[] {
  if (held.size === 0) return people;
  return people.map((person) => {
    const until = held.get(person.toNumber)?.until;
    if (!until) return person;
    const at = Math.floor(until.getTime() / minuteMs) * minuteMs;
    return { ...person, notBefore: new Date(Math.max(at, person.notBefore?.getTime() ?? 0)) };
  });
}

/** Those whom nothing but another batch's call keeps from being called earlier, by that batch, most first. */
export function heldPeople(order: ClockOrder, held: HeldNumbers, startAt: Date): readonly HeldPeople[] {
  const until = firstCallsOfHeld(order, held, startAt);
  const zone = isZone(order.timezone) ? order.timezone : "UTC";
  const toShown = (ms: number) => toLocalTime({ wall: toWallTime(new Date(ms), zone), zone });
  return Array.from(until, ([by, times]) => ({
    people: times.length,
    first: toShown(times.reduce((first, at) => Math.min(first, at))),
    last: toShown(times.reduce((last, at) => Math.max(last, at))),
    by,
  })).sort((a, b) => b.people - a.people);
}

/** When they may be called first, in ms, by the batch that holds them back. */
function firstCallsOfHeld(order: ClockOrder, held: HeldNumbers, startAt: Date): ReadonlyMap<string, readonly number[]> {
  const known = new Map<string, Date | "never">();
  const nextOf = (person: TimedRecipient): Date | "never" => {
    const key = toClockKey(person);
    const at = known.get(key) ?? nextRingAt(person, order, startAt);
    known.set(key, at);
    return at;
  };
  const byBatch = new Map<string, number[]>();
  for (const person of order.people) {
    const by = held.get(person.toNumber)?.by;
    const [later = person] = withHolds([person], held);
    const [at, without] = by === undefined ? [] : [nextOf(later), nextOf(person)];
    if (by === undefined || !(at instanceof Date) || !(without instanceof Date) || at <= without) continue;
    const times = byBatch.get(by);
    if (times) times.push(at.getTime());
    else byBatch.set(by, [at.getTime()]);
  }
  return byBatch;
}
