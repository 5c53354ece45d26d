import { allowedAttempts, lastRetryAt, retriedOutcomes } from "../retry-rules.ts";
import { afterOpenMinutes, nextOpening } from "../time/quiet-hours.ts";
import { batchQuietHours } from "../time/recipient-hours.ts";
import type { BatchPlan, CallingRules, Recipient, RetryCondition } from "./plan.ts";

/** What an estimate goes by. */
export type Pace = {
  /** Calls in progress at once. */
  readonly atOnce: number;
  /** The most calls started in a second. */
  readonly startsPerSecond: number;
  /** Part of the calls that somebody answers, in [0, 1]. */
  readonly answerRate: number;
  /** How the others end, as parts of them that add up to 1. */
  readonly unanswered: Readonly<Record<RetryCondition, number>>;
  readonly answeredSeconds: number;
  readonly unansweredSeconds: number;
};

/** As campaigns to people who know the caller commonly go, on our own service's default settings. */
export const usualPace: Pace = {
  atOnce: 10,
  startsPerSecond: 5,
  answerRate: 0.5,
  unanswered: { no_answer: 0.5, voicemail: 0.35, busy: 0.1, failed: 0.05 },
  answeredSeconds: 60,
  unansweredSeconds: 25,
};

/** How many people get how many attempts at most, on both numbers together. */
export type AttemptGroup = { readonly attempts: number; readonly recipients: number };

export type Forecast = {
  /** Calls that will be made, retries included. */
  readonly calls: number;
  /** Time in which calls are placed. Waits between attempts and quiet hours come on top. */
  readonly minutes: number;
  /** People who will probably not answer any of their calls. */
  readonly unreached: number;
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

/** How much calling a list is, and how many it will not reach, when calls go as `pace` says. An estimate. */
export function forecastCalls(groups: readonly AttemptGroup[], rules: CallingRules, pace: Pace): Forecast {
  const missed = 1 - pace.answerRate;
  const again = missed * retriedOutcomes(rules).reduce((sum, outcome) => sum + pace.unanswered[outcome], 0);
  const longest = groups.reduce((most, { attempts }) => Math.max(most, attempts), 0);
  const rounds = Array.from({ length: longest }, (_, round) => peopleWith(round + 1, groups) * again ** round);
  const calls = rounds.reduce((sum, round) => sum + round, 0);
  const people = peopleWith(1, groups);
  return {
    calls: Math.round(calls),
    minutes: Math.max(1, Math.ceil(minutesFor(calls, pace))),
    unreached: Math.round(people - calls * pace.answerRate),
    rounds,
  };
}

/**
 * When the last call of a start is expected to begin: each round takes its minutes outside of quiet hours, and the next one follows
 * after the longest wait that the rules know. A round in which not even half a call is expected is left out.
 */
export function forecastEnd(
  { rounds }: Forecast,
  { rules, timezone }: Pick<BatchPlan, "rules" | "timezone">,
  startAt: Date,
  pace: Pace,
): Date {
  const quietHours = batchQuietHours(rules);
  const made = rounds.filter((calls, round) => round === 0 || calls >= 0.5);
  return made.reduce((before, calls, round) => {
    const due = round === 0 ? startAt : lastRetryAt(rules, before, timezone);
    const from = nextOpening(quietHours, timezone, due);
    return afterOpenMinutes(quietHours, timezone, from, minutesFor(calls, pace));
  }, startAt);
}

/** What the numbers of a forecast go by, for people: `10 calls at once, 50% answered, 60 s an answered call`. */
export function toPaceText({ atOnce, answerRate, answeredSeconds }: Pace): string {
  return `${atOnce} calls at once, ${answerRate * 100}% answered, ${answeredSeconds} s an answered call`;
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
