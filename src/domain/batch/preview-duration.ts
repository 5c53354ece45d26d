import { allowedAttempts, lastRetryAt, retriedOutcomes } from "../retry-rules.ts";
import { counted } from "../text.ts";
import { afterOpenMinutes, nextOpening } from "../time/quiet-hours.ts";
import { batchQuietHours, recipientQuietHours } from "../time/recipient-hours.ts";
import type { CallLimits } from "./call-limits.ts";
import { type CallerIdUse, oneCallerId } from "./caller-ids.ts";
import type { BatchPlan, CallingRules, QuietHours, Recipient, RetryCondition } from "./plan.ts";
import type { Pace as SetPace } from "./steering.ts";

/** What an estimate goes by. */
export type Pace = {
  /** Calls in progress at once. */
  readonly atOnce: number;
  /** The most calls started in a second, from all caller ids together. */
  readonly startsPerSecond: number;
  /** Where several caller ids are what bounds it: how many are used, and the most of each. */
  readonly callerIds?: { readonly used: number; readonly startsPerSecond: number };
  /** Part of the calls that somebody answers, in [0, 1]. */
  readonly answerRate: number;
  /** How the others end, as parts of them that add up to 1. */
  readonly unanswered: Readonly<Record<RetryCondition, number>>;
  readonly answeredSeconds: number;
  readonly unansweredSeconds: number;
};

/** As campaigns to people who know the caller commonly go, on our own service's default settings. */
export const usualPace = {
  atOnce: 10,
  startsPerSecond: 5,
  answerRate: 0.5,
  unanswered: { no_answer: 0.5, voicemail: 0.35, busy: 0.1, failed: 0.05 },
  answeredSeconds: 60,
  unansweredSeconds: 25,
} as const satisfies Pace;

/**
 * The same calls within the limits of a service that tells them, of so many batches that share them, and at the pace that was set for
 * them; without limits as is usual.
 */
export function paceWithin(
  limits: CallLimits | undefined,
  batches: number,
  set: SetPace = {},
  { used, asOne }: CallerIdUse = oneCallerId,
): Pace {
  if (!limits) return usualPace;
  const { concurrent, concurrentPerBatch = concurrent } = limits;
  const atOnce = Math.min(concurrent, concurrentPerBatch * batches, set.atOnce ?? concurrent);
  const ofAll = limits.startsPerSecond * asOne;
  const { perSecond = ofAll } = set;
  if (used < 2 || perSecond < ofAll) return { ...usualPace, atOnce, startsPerSecond: Math.min(ofAll, perSecond) };
  return { ...usualPace, atOnce, startsPerSecond: ofAll, callerIds: { used, startsPerSecond: limits.startsPerSecond } };
}

/** How many people get how many attempts at most, on both numbers together. */
export type AttemptGroup = { readonly attempts: number; readonly recipients: number };

export type Forecast = {
  /** Calls that will be made, retries included. */
  readonly calls: number;
  /** Time in which calls are placed. Waits between attempts and quiet hours come on top. */
  readonly minutes: number;
  /** People who will probably not answer any of their calls. */
  readonly unreached: number;
  readonly people: number;
  /** Calls expected in each round: the first to everybody, the second to those who are called again, and so on. */
  readonly rounds: readonly number[];
};

/** The most attempts that each recipient gets by the rules, counted. */
export function toAttemptGroups(
  recipients: readonly Pick<Recipient, "maxRetries" | "fallbackNumber">[],
  rules: CallingRules,
): readonly AttemptGroup[] {
  const counts = new Map<number, number>();
  for (const { maxRetries, fallbackNumber } of recipients) {
    const attempts = allowedAttempts(rules, maxRetries) * (fallbackNumber === undefined ? 1 : 2);
    counts.set(attempts, (counts.get(attempts) ?? 0) + 1);
  }
  return [...counts].map(([attempts, people]) => ({ attempts, recipients: people })).sort(byAttempts);
}

/** How much calling a list is, and how many it will not reach, when calls go as `pace` says and end after `most`. An estimate. */
export function forecastCalls(
  groups: readonly AttemptGroup[],
  rules: CallingRules,
  pace: Pace,
  most = Number.POSITIVE_INFINITY,
): Forecast {
  const missed = 1 - pace.answerRate;
  const again = missed * retriedOutcomes(rules).reduce((sum, outcome) => sum + pace.unanswered[outcome], 0);
  const longest = groups.reduce((most, { attempts }) => Math.max(most, attempts), 0);
  const wanted = Array.from({ length: longest }, (_, round) => peopleWith(round + 1, groups) * again ** round);
  const rounds = withinBudget(wanted, most);
  const calls = rounds.reduce((sum, round) => sum + round, 0);
  const people = peopleWith(1, groups);
  return {
    calls: Math.round(calls),
    minutes: Math.max(1, Math.ceil(minutesFor(calls, pace))),
    unreached: Math.round(people - calls * pace.answerRate),
    people,
    rounds,
  };
}

/** `attemptsOfNumber`: the most that one number gets. */
type RoundsOrder = Pick<BatchPlan, "rules" | "timezone"> & { readonly attemptsOfNumber: number };

type Bounds = { readonly first: readonly FirstCallers[]; readonly late: number; readonly stopAt: Date };

/**
 * The same of a start that ends at an instant, whatever is left then: without the `late` people, whose first call would come after it,
 * without the rounds that would begin after it, and no more calls than the pace allows until then.
 */
export function forecastWithin(
  forecast: Forecast,
  order: RoundsOrder,
  { first, late, stopAt }: Bounds,
  pace: Pace,
): Forecast {
  const inTime = first.reduce((sum, { people }) => sum + people, 0);
  const begins = first.reduce((min, { at }) => Math.min(min, at.getTime()), stopAt.getTime());
  const room = Math.max(stopAt.getTime() - begins, 0) / 60_000 / minutesFor(1, pace);
  const share = late === 0 ? 1 : inTime / (inTime + late);
  const wanted = forecast.rounds.map((calls) => calls * share);
  const isInTime = (round: number) => {
    if (round === 0) return true;
    const before = forecastEnd({ ...forecast, rounds: wanted.slice(0, round) }, order, first, pace);
    return nextRoundAt(order, before, round) < stopAt;
  };
  const { people } = forecast;
  const rounds = withinBudget(
    wanted.filter((_, round) => isInTime(round)),
    room,
  );
  const calls = rounds.reduce((sum, round) => sum + round, 0);
  return {
    calls: Math.round(calls),
    minutes: Math.max(1, Math.ceil(minutesFor(calls, pace))),
    unreached: Math.round(people - calls * pace.answerRate),
    people,
    rounds,
  };
}

/** The rounds as far as so many calls go, the first ones first. */
function withinBudget(rounds: readonly number[], most: number): readonly number[] {
  let left = most;
  return rounds.map((wanted) => {
    const calls = Math.min(wanted, left);
    left -= calls;
    return calls;
  });
}

/** People who are called first at the same instant, and on which clock their quiet hours hold; absent: on the batch's. */
export type FirstCallers = { readonly at: Date; readonly people: number; readonly zone?: string | undefined };

/**
 * When the last call of a start is expected to begin. Those who are called first share the pace with whoever comes after them. Each round
 * takes its minutes outside of quiet hours, on the clock of those who are last, and the next one follows after the longest wait that the
 * rules know. A round in which not even half a call is expected is left out.
 */
export function forecastEnd(
  { rounds }: Forecast,
  order: RoundsOrder,
  first: readonly FirstCallers[],
  pace: Pace,
): Date {
  const { rules, timezone } = order;
  const inOrder = first.toSorted((a, b) => a.at.getTime() - b.at.getTime());
  const [startAt, last] = [inOrder.at(0)?.at ?? new Date(0), inOrder.at(-1)];
  const place = (calls: number, due: Date, zone?: string): Date => {
    const quietHours = quietHoursOn(rules, zone);
    const clock = zone ?? timezone;
    return afterOpenMinutes(quietHours, clock, nextOpening(quietHours, clock, due), minutesFor(calls, pace));
  };
  const [called = 0, ...again] = rounds;
  const people = inOrder.reduce((sum, group) => sum + group.people, 0);
  const firstRound = inOrder.reduce(
    (before, group) => place((called * group.people) / people, later(before, group.at), group.zone),
    startAt,
  );
  return again
    .filter((calls) => calls >= 0.5)
    .reduce((before, calls, index) => place(calls, nextRoundAt(order, before, index + 1), last?.zone), firstRound);
}

/** `round` counts from 0. After the last attempt to a first number the second one is called at once (decision 21). */
function nextRoundAt({ rules, timezone, attemptsOfNumber }: RoundsOrder, before: Date, round: number): Date {
  return round === attemptsOfNumber ? before : lastRetryAt(rules, before, timezone);
}

function quietHoursOn(rules: CallingRules, zone: string | undefined): QuietHours | undefined {
  const own = zone === undefined ? undefined : recipientQuietHours(rules);
  return own && zone !== undefined ? { ...own, zone } : batchQuietHours(rules);
}

function later(a: Date, b: Date): Date {
  return a > b ? a : b;
}

/** What the numbers of a forecast go by, for people: `at most 10 calls at once and 5 starts a second, if nothing else runs; 50% answered, …`. */
export function toPaceText(
  { atOnce, startsPerSecond, callerIds, answerRate, answeredSeconds }: Pace,
  isLimit: boolean,
): string {
  const calls = counted(atOnce, "call");
  const starts = callerIds
    ? `${counted(callerIds.startsPerSecond, "start")} a second from each of ${callerIds.used} caller ids`
    : `${counted(startsPerSecond, "start")} a second`;
  const pace = isLimit
    ? `at most ${calls} at once and ${starts}, if nothing else runs`
    : `a usual pace of ${calls} at once, since the limits are not known`;
  return `${pace}; ${answerRate * 100}% answered, ${answeredSeconds} s an answered call`;
}

function minutesFor(calls: number, pace: Pace): number {
  const { answerRate, answeredSeconds, unansweredSeconds, atOnce, startsPerSecond } = pace;
  const secondsACall = answerRate * answeredSeconds + (1 - answerRate) * unansweredSeconds;
  return calls / Math.min(startsPerSecond, atOnce / secondsACall) / 60;
}

function peopleWith(attempts: number, groups: readonly AttemptGroup[]): number {
  return groups.reduce((sum, group) => sum + (group.attempts >= attempts ? group.recipients : 0), 0);
}

function byAttempts(a: AttemptGroup, b: AttemptGroup): number {
  return a.attempts - b.attempts;
}
