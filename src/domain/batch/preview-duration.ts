import { allowedAttempts } from "../retry-rules.ts";
import type { BatchPlan } from "./plan.ts";

/** What an estimate goes by. */
export type Pace = {
  /** Calls in progress at once. */
  readonly atOnce: number;
  /** The most calls started in a second. */
  readonly startsPerSecond: number;
  /** Part of the calls that somebody answers, in [0, 1]. */
  readonly answerRate: number;
  readonly answeredSeconds: number;
  readonly unansweredSeconds: number;
};

/** As campaigns to people who know the caller commonly go, on our own service's default settings. */
export const usualPace: Pace = {
  atOnce: 10,
  startsPerSecond: 5,
  answerRate: 0.5,
  answeredSeconds: 60,
  unansweredSeconds: 25,
};

export type Estimate = {
  /** Time in which calls are placed. Waits between attempts and quiet hours come on top. */
  readonly minutes: number;
  /** Calls that will be made, retries included. */
  readonly calls: number;
};

/** How much calling a list is, when calls go as `pace` says. */
export function estimateDuration({ recipients, rules }: Pick<BatchPlan, "recipients" | "rules">, pace: Pace): Estimate {
  const { answerRate, answeredSeconds, unansweredSeconds, atOnce, startsPerSecond } = pace;
  const calls = recipients.reduce(
    (sum, { maxRetries }) => sum + expectedAttempts(allowedAttempts(rules, maxRetries), answerRate),
    0,
  );
  const secondsACall = answerRate * answeredSeconds + (1 - answerRate) * unansweredSeconds;
  const callsASecond = Math.min(startsPerSecond, atOnce / secondsACall);
  return { minutes: Math.max(1, Math.ceil(calls / callsASecond / 60)), calls: Math.round(calls) };
}

/** 1 + (1 - p) + (1 - p)² and so on: each attempt is made when those before it reached nobody. */
function expectedAttempts(allowed: number, answerRate: number): number {
  return Array.from({ length: allowed }, (_, before) => (1 - answerRate) ** before).reduce(
    (sum, part) => sum + part,
    0,
  );
}
