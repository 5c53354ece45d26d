import { zonesOfNumber } from "../phone/number-zones.ts";
import { parsePhoneNumber } from "../phone/phone-number.ts";
import { zonesOfRecipient } from "../phone/recipient-time.ts";
import { isIssue } from "../problem.ts";
import { type ClockRules, holdEachBack, type TimedRecipient } from "../time/recipient-hours.ts";
import { lastRingMinute, nextRingAt, type OperatorHours } from "../time/ring-times.ts";
import { toWallTime } from "../time/zone.ts";
import { type LocalTime, toLocalTime } from "./preview-places.ts";

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
  const kinds = new Map<string, { readonly person: TimedRecipient; people: number }>();
  for (const person of order.people) {
    const kind = kinds.get(toClockKey(person)) ?? { person, people: 0 };
    kind.people += 1;
    kinds.set(toClockKey(person), kind);
  }
  return [...kinds.values()].flatMap(({ person, people }) => {
    const at = nextRingAt(person, order, startAt);
    return at === "never" ? [] : [{ at, person, people, zones: zonesOfRecipient(person.toNumber, person.timezone) }];
  });
}

/** The same for people who may be called at the same times. */
export function toClockKey({ toNumber, timezone = "", notBefore }: TimedRecipient): string {
  const number = parsePhoneNumber(toNumber);
  const { country = "", zones } = isIssue(number) ? { zones: [] } : { ...number, zones: zonesOfNumber(number) };
  return [country, timezone, notBefore?.getTime() ?? "", ...zones].join(" ");
}

/**
 * The first instant at which somebody's phone rings, and the last one that the rules let it, so long after the last of the first
 * calls: each on a clock of theirs, at one instant the earliest time and the latest.
 */
export function ringsOnClocks(
  order: ClockOrder,
  calls: readonly FirstCalls[],
  spanMs: number,
): { readonly first: LocalTime; readonly last: LocalTime } | undefined {
  const end = new Date(Math.max(...calls.map(({ at }) => at.getTime())) + spanMs);
  const lasts = calls.flatMap(({ person, zones, at: first }) => {
    const at = lastRingMinute(person, order, { first, end });
    return zones.map((zone) => toShown(at, zone));
  });
  const firsts = calls.flatMap(({ at, zones: names }) => names.map((zone) => toShown(at, zone)));
  const [first] = firsts.toSorted(byInstant);
  const last = lasts.toSorted(byInstant).at(-1);
  return first && last && { first: toLocalTime(first), last: toLocalTime(last) };
}

type Shown = { readonly at: Date; readonly wall: string; readonly zone: string };

function toShown(at: Date, zone: string): Shown {
  return { at, wall: toWallTime(at, zone), zone };
}

function byInstant(a: Shown, b: Shown): number {
  return a.at.getTime() - b.at.getTime() || (a.wall < b.wall ? -1 : 1);
}
