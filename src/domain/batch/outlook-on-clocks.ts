import { zonesOfNumber } from "../phone/number-zones.ts";
import { parsePhoneNumber } from "../phone/phone-number.ts";
import { zonesOfRecipient } from "../phone/recipient-time.ts";
import { isIssue } from "../problem.ts";
import { type ClockRules, holdEachBack, reachedOnAll, type TimedRecipient } from "../time/recipient-hours.ts";
import { afterOpenSpan, lastRingMinute, nextRingAt, type OperatorHours } from "../time/ring-times.ts";
import { toWallTime } from "../time/zone.ts";
import { type Rings, toRings } from "./preview-places.ts";

/** People of whom each has a first call of their own; see `TimedRecipient`. */
export type ClockOrder = ClockRules & {
  readonly people: readonly TimedRecipient[];
  /** IANA zone of the batch. */
  readonly timezone: string;
  /** The operator's hours and preset, where they hold beside the rules. */
  readonly operator?: OperatorHours | undefined;
};

/** Whether recipients are called first at times of their own: by their rows, by a time on their clocks, by what closes on these, or by a preset of their country. */
export function goesByClocks({ people, rules, notBeforeLocal, operator }: ClockOrder): boolean {
  const hasOwn = people.some(({ notBefore }) => notBefore !== undefined);
  return hasOwn || notBeforeLocal !== undefined || holdEachBack(rules) || operator?.hoursPreset !== undefined;
}

/** So many people who share their country, their clocks and the instant of their first call, told by one of them. */
export type FirstCalls = {
  readonly at: Date;
  readonly zones: readonly string[];
  readonly person: TimedRecipient;
  readonly people: number;
};

/** The first calls of a start, each kind of people once. Those whom no time suits are not in it. */
export function firstCallsOf(order: ClockOrder, startAt: Date): readonly FirstCalls[] {
  return kindsOf(order.people).flatMap(({ person, people }) => {
    const at = nextRingAt(person, order, startAt);
    return at === "never" ? [] : [{ at, person, people, zones: zonesOfRecipient(person.toNumber, person.timezone) }];
  });
}

/**
 * When the last of these people is due for the first time in a batch that starts then: by their own times, and by the wall time of the
 * batch on their clocks. Hours in which nobody is called do not count.
 */
export function lastDueAt(
  { people, notBeforeLocal }: Pick<ClockOrder, "people" | "notBeforeLocal">,
  startAt: Date,
): Date {
  if (notBeforeLocal === undefined) return latestOf(startAt, ...people.map(({ notBefore = startAt }) => notBefore));
  const due = kindsOf(people).flatMap(({ person: { toNumber, timezone, notBefore = startAt } }) => {
    const zones = zonesOfRecipient(toNumber, timezone);
    return zones.length === 0 ? [notBefore] : [notBefore, reachedOnAll(notBeforeLocal, zones)];
  });
  return latestOf(startAt, ...due);
}

function latestOf(...instants: readonly Date[]): Date {
  return new Date(instants.reduce((latest, at) => Math.max(latest, at.getTime()), 0));
}

type Kind = { readonly person: TimedRecipient; people: number };

/** People who share country, clocks and time of their own, by one of them. */
function kindsOf(people: readonly TimedRecipient[]): readonly Kind[] {
  const kinds = new Map<string, Kind>();
  for (const person of people) {
    const key = toClockKey(person);
    const kind = kinds.get(key) ?? { person, people: 0 };
    kind.people += 1;
    kinds.set(key, kind);
  }
  return [...kinds.values()];
}

/** The same for people who may be called at the same times. */
export function toClockKey({ toNumber, timezone = "", notBefore }: TimedRecipient): string {
  const number = parsePhoneNumber(toNumber);
  const { country = "", zones } = isIssue(number) ? { zones: [] } : { ...number, zones: zonesOfNumber(number) };
  return [country, timezone, notBefore?.getTime() ?? "", ...zones].join(" ");
}

/**
 * The first instant at which somebody's phone rings, and the last minute in which the rules let one ring, so long (`spanMs`) after the
 * last of the first calls, days aside that the operator closes, and before `stopAt`: each on a clock of theirs, at one instant the
 * earliest time and the latest.
 */
export function ringsOnClocks(
  order: ClockOrder & { readonly stopAt: Date },
  calls: readonly FirstCalls[],
  spanMs: number,
): Rings | undefined {
  const spanEnd = latestOf(...calls.map(({ person, at }) => afterOpenSpan(person, order, at, spanMs)));
  const end = spanEnd < order.stopAt ? spanEnd : order.stopAt;
  const lasts = calls.flatMap(({ person, zones, at: first }) => {
    const at = lastRingMinute(person, order, { first, end });
    return zones.map((zone) => toShown(at, zone));
  });
  const firsts = calls.flatMap(({ at, zones: names }) => names.map((zone) => toShown(at, zone)));
  const [first] = firsts.toSorted(byInstant);
  const last = lasts.toSorted(byInstant).at(-1);
  return first && last && toRings(first, last, end);
}

type Shown = { readonly at: Date; readonly wall: string; readonly zone: string };

function toShown(at: Date, zone: string): Shown {
  return { at, wall: toWallTime(at, zone), zone };
}

function byInstant(a: Shown, b: Shown): number {
  return a.at.getTime() - b.at.getTime() || (a.wall < b.wall ? -1 : 1);
}
