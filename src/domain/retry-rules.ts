import type { Outcome } from "./batch/batch.ts";
import {
  type CallingRules,
  type RetryCondition,
  type RetryRule,
  recipientClock,
  retryConditions,
} from "./batch/plan.ts";
import { reachingOutcomes } from "./other-calls.ts";
import { type Issue, isIssue } from "./problem.ts";
import { counted } from "./text.ts";
import { hasClosedDays, isClosedAt, longestClosedRun, withHolidays } from "./time/closed-days.ts";
import { isInWindow, parseTimeOfDay } from "./time/quiet-hours.ts";
import { nextLocalTime } from "./time/recipient-hours.ts";
import { nextTimeOfDay, toTimeOfDay } from "./time/zone.ts";

const mostAttempts = 10;
const longestWaitMinutes = 7 * 24 * 60;
/** Wait before the next attempt where retries are on and no rule says when. */
const defaultWaitMinutes = 60;

const outcomeWords: Readonly<Record<Outcome, string>> = {
  answered: "answered",
  no_answer: "no answer",
  busy: "busy",
  voicemail: "voicemail",
  failed: "a failed call",
};

/** What follows for a recipient after an attempt. `unknown`: nobody can tell how it ended. `reason` is shown to people. */
export type RetryDecision =
  | { readonly kind: "final"; readonly status: "completed" | "failed" | "unknown"; readonly reason: string }
  /** `dueAt` knows nothing of quiet hours; see `nextAttemptAt` of `recipient-hours.ts`. */
  | { readonly kind: "retry"; readonly dueAt: Date; readonly reason: string }
  /** The first number was not reached: from here on the fallback number of the recipient is called, under the same rules. */
  | { readonly kind: "fallback"; readonly dueAt: Date; readonly reason: string };

type EndedAttempt = {
  readonly outcome: Outcome;
  /** 1 for the first that went to the number. */
  readonly attemptNumber: number;
  /** A message was left on a voicemail. */
  readonly messageLeft?: boolean;
  readonly endedAt: Date;
  readonly rules: CallingRules;
  /** Of this recipient. */
  readonly maxRetries?: number;
  readonly batchZone: string;
  /** Asked only for rules and closed days on the recipient's clock: every zone that they may be in. */
  readonly recipientZones?: () => readonly string[];
  /** Asked only for public holidays. */
  readonly recipientCountry?: () => string | undefined;
};

/**
 * Attempts that one number of a recipient may get, the first included. `max_attempts` of an enabled `retry_config` counts them all,
 * a recipient's `max_retries` those after the first; where both are given, the smaller number holds.
 */
export function allowedAttempts({ retryConfig }: CallingRules, maxRetries?: number): number {
  const ofBatch = retryConfig?.enabled ? retryConfig.maxAttempts : undefined;
  const ofRecipient = maxRetries === undefined ? undefined : maxRetries + 1;
  if (ofBatch === undefined || ofRecipient === undefined) return ofBatch ?? ofRecipient ?? 1;
  return Math.min(ofBatch, ofRecipient);
}

const dayMs = 24 * 60 * 60_000;
/** What is agreed to of a batch whose rules nobody here knows. */
export const longestSpanMs = 60 * dayMs;

/**
 * How long after its start a batch may still ring somebody, in ms: for each attempt the longest wait that its rules know, all days
 * that are closed in a row, and a day for calling hours, the busy line and the length of the list. At most 60 days.
 */
export function longestSpanOf(rules: CallingRules, attempts: number): number {
  return Math.min(longestSpanMs, attempts * (longestWaitOf(rules) + 2 * dayMs));
}

/** How long after its start the last retries of a batch are expected, in ms: its longest wait before each of them. */
export function retriesFor(rules: CallingRules, attempts: number): number {
  return (attempts - 1) * longestWaitOf(rules);
}

function longestWaitOf({ retryRules = [], quietHours }: CallingRules): number {
  const waits = retryRules.map(({ timing }) => (timing.kind === "at" ? dayMs : timing.minutes * 60_000));
  const closedMs = quietHours?.enabled ? longestClosedRun(quietHours) * dayMs : 0;
  return closedMs + Math.max(60 * 60_000, ...waits);
}

/** The most attempts that one number of these recipients gets by the rules. */
export function attemptsOfNumber(rules: CallingRules, recipients: readonly { readonly maxRetries?: number }[]): number {
  return recipients.reduce((most, { maxRetries }) => Math.max(most, allowedAttempts(rules, maxRetries)), 1);
}

/** The most attempts that any of these recipients gets by the rules, on both numbers together where there is a second one. */
export function mostAttemptsOf(
  rules: CallingRules,
  recipients: readonly { readonly maxRetries?: number; readonly fallbackNumber?: string }[],
): number {
  return recipients.reduce((most, { maxRetries, fallbackNumber }) => {
    const numbers = fallbackNumber === undefined ? 1 : 2;
    return Math.max(most, numbers * allowedAttempts(rules, maxRetries));
  }, 1);
}

/** How long to wait after that outcome; undefined when rules were given and none that is enabled covers it, and when it is accepted. */
function retryTiming(
  outcome: Outcome,
  { retryRules: rules = [], voicemail }: Pick<CallingRules, "retryRules" | "voicemail">,
): RetryRule["timing"] | undefined {
  if (outcome === "voicemail" && voicemail?.mode === "accept") return undefined;
  if (rules.length === 0) return { kind: "after", minutes: defaultWaitMinutes };
  return rules.find((rule) => rule.enabled && rule.condition === outcome)?.timing;
}

type RetryMoment = Pick<EndedAttempt, "endedAt" | "batchZone" | "recipientZones" | "recipientCountry" | "rules">;

/** When the next attempt is due, and that in words; undefined where nobody knows what the recipient's clock shows. */
function retryDue(
  timing: RetryRule["timing"],
  moment: RetryMoment,
): { readonly dueAt: Date; readonly words: string } | undefined {
  const { endedAt, batchZone, recipientZones = () => [] } = moment;
  if (timing.kind === "at" && timing.zone === recipientClock) {
    const dueAt = onOpenDay((after) => nextLocalTime(timing.time, recipientZones(), after), moment);
    return dueAt && { dueAt, words: `${timing.time} on the recipient's clock` };
  }
  const dueAt =
    timing.kind === "at"
      ? onOpenDay((after) => nextTimeOfDay(timing.time, batchZone, after), moment)
      : new Date(endedAt.getTime() + timing.minutes * 60_000);
  return dueAt && { dueAt, words: `${toTimeOfDay(dueAt, batchZone)} in ${batchZone}` };
}

// More than a year of dates; who is closed for longer waits for the end of quiet hours.
const mostDaysLookedAt = 400;

/** The first such time that is on a day on which the recipient is called: a time of day is kept, not moved to the opening. */
function onOpenDay(next: (after: Date) => Date | undefined, moment: RetryMoment): Date | undefined {
  const { endedAt, batchZone, rules, recipientZones = () => [], recipientCountry } = moment;
  const { quietHours } = rules;
  const first = next(endedAt);
  if (!quietHours?.enabled || !hasClosedDays(quietHours)) return first;
  const { zone = batchZone } = quietHours;
  const zones = zone === recipientClock ? recipientZones() : [zone];
  const { holidays } = quietHours;
  const isHoliday = (at: Date) =>
    holidays !== undefined && isClosedAt(withHolidays({ holidays }, recipientCountry?.(), at), recipientZones(), at);
  let due = first;
  for (let looked = 0; due && looked < mostDaysLookedAt; looked++) {
    if (!isClosedAt(quietHours, zones, due) && !isHoliday(due)) return due;
    due = next(due);
  }
  return first;
}

/** Outcomes after which the rules call again, as far as attempts are left. */
export function retriedOutcomes(rules: CallingRules): readonly RetryCondition[] {
  return retryConditions.filter((outcome) => retryTiming(outcome, rules) !== undefined);
}

/**
 * When the last of those is due again whose attempts ended at that instant, quiet hours aside; a day later where that is
 * told by each recipient's own clock.
 */
export function lastRetryAt(rules: CallingRules, endedAt: Date, zone: string): Date {
  const due = retryConditions.flatMap((outcome) => {
    const timing = retryTiming(outcome, rules);
    if (!timing) return [];
    const due = retryDue(timing, { endedAt, batchZone: zone, rules });
    return [due?.dueAt.getTime() ?? endedAt.getTime() + dayMs];
  });
  return new Date(Math.max(endedAt.getTime(), ...due));
}

const conditionWords: Readonly<Record<RetryCondition, string>> = { ...outcomeWords, failed: "a call that failed" };

/**
 * The rules for retries as people read them: `Each is called up to 3 times: after no answer 60 minutes later, after busy at 13:00`.
 * `mostAttempts` are those of one number; where somebody has a second one, they are told as such.
 */
export function toRetriesText(rules: CallingRules, mostAttempts: number, hasSecondNumbers = false): string {
  const each = hasSecondNumbers ? "Each number is called" : "Each is called";
  if (mostAttempts <= 1) return `${each} once`;
  const often = `${each} up to ${mostAttempts} times`;
  const { retryRules = [] } = rules;
  if (retryRules.length === 0) return `${often}: ${defaultWaitMinutes} minutes after a call that nobody answered`;
  const after = retryConditions.flatMap((outcome) => {
    const timing = retryTiming(outcome, rules);
    return timing ? [`after ${conditionWords[outcome]} ${toTimingText(timing)}`] : [];
  });
  const never = retryConditions.filter((outcome) => !retryTiming(outcome, rules));
  const others = never.map((outcome) => conditionWords[outcome]).join(" or ");
  const rest = never.length === 0 ? "" : `; not again after ${others}`;
  return after.length === 0 ? `${each} once; ${rest.slice(2)}` : `${often}: ${after.join(", ")}${rest}`;
}

function toTimingText(timing: RetryRule["timing"]): string {
  if (timing.kind === "at") return `at ${timing.time}${timing.zone === recipientClock ? " on their own clock" : ""}`;
  return `${counted(timing.minutes, "minute")} later`;
}

/**
 * What becomes of retries at a time of day that lies in quiet hours: `A retry at 13:00 falls into the hours without calls and is made at 15:30 in
 * America/New_York`. On two clocks it depends on the day, or the person, whether it does. Nothing where nobody is called again.
 */
export function toMovedRetriesTexts(rules: CallingRules, batchZone: string, mostAttempts: number): readonly string[] {
  const { quietHours: quiet } = rules;
  if (mostAttempts <= 1 || !quiet?.enabled || quiet.start === quiet.end) return [];
  const quietZone = quiet.zone ?? batchZone;
  const texts = retryConditions.flatMap((outcome) => {
    const timing = retryTiming(outcome, rules);
    if (timing?.kind !== "at") return [];
    const { time, zone = batchZone } = timing;
    if (zone === quietZone)
      return isInWindow(quiet, time)
        ? [`A retry at ${time} falls into the hours without calls and is made at ${quiet.end} ${onClock(quietZone)}`]
        : [];
    return [
      `A retry at ${time} ${onClock(zone)} that falls into the hours without calls is made at ${quiet.end} ${onClock(quietZone)}`,
    ];
  });
  return [...new Set(texts)];
}

function onClock(zone: string): string {
  return zone === recipientClock ? "on their own clock" : `in ${zone}`;
}

/**
 * Whether an attempt was the last one for its recipient, and if not, when the next is due. An answer ends it, and a message that was left; so do
 * used-up attempts, and an outcome that the given rules do not cover. Without any rule, every other outcome is retried
 * after 60 minutes. Source: the choices that the OpenAPI document states where the API's pages are silent.
 */
export function afterAttempt(attempt: EndedAttempt): RetryDecision {
  const { outcome, attemptNumber, rules } = attempt;
  const words = outcomeWords[outcome];
  if (outcome === "answered") return { kind: "final", status: "completed", reason: words };
  // Whatever the rules say by now: nobody is left a message twice.
  if (attempt.messageLeft) return { kind: "final", status: "completed", reason: "voicemail; a message was left" };
  if (outcome === "voicemail" && rules.voicemail?.mode === "accept")
    return { kind: "final", status: "completed", reason: "voicemail, which counts as done by the rules of the batch" };

  const allowed = allowedAttempts(rules, attempt.maxRetries);
  const reason = `${words} on attempt ${attemptNumber} of ${allowed}`;
  if (attemptNumber >= allowed) return { kind: "final", status: "failed", reason };

  const timing = retryTiming(outcome, rules);
  if (!timing) return { kind: "final", status: "failed", reason: `${reason}; no rule retries after ${words}` };

  const due = retryDue(timing, attempt);
  if (!due) return { kind: "final", status: "failed", reason: `${reason}; nobody knows the zone of this number` };
  const next = `attempt ${attemptNumber + 1} of ${allowed} after ${words}, ${due.words}`;
  return { kind: "retry", dueAt: due.dueAt, reason: next };
}

/** Outcomes after which nobody was spoken to and nothing was left: who got a message on a machine was reached by it. */
export function isUnreached(outcome: Outcome): boolean {
  return !reachingOutcomes.some((reaching) => reaching === outcome);
}

/**
 * What follows the last attempt to the first number of a recipient who has a second one that may be called: the second number,
 * at once, unless somebody was reached. Source: decision 21.
 */
export function orFallback(decision: RetryDecision, outcome: Outcome, endedAt: Date): RetryDecision {
  if (decision.kind !== "final" || decision.status !== "failed" || !isUnreached(outcome)) return decision;
  return { kind: "fallback", dueAt: endedAt, reason: `${decision.reason}; the fallback number is called next` };
}

export function isRetryCondition(text: string): text is RetryCondition {
  return retryConditions.some((condition) => condition === text);
}

/** Retry settings as they were given: the condition is still any text. */
type RetryInput = {
  readonly retryConfig?: CallingRules["retryConfig"];
  readonly retryRules?: readonly (Omit<RetryRule, "condition"> & { readonly condition: string })[];
};

/** Everything that is wrong with retry settings, each with its place: `retry_rules[0].retry_timing.time`. */
export function retryInputIssues({ retryConfig, retryRules = [] }: RetryInput): readonly Issue[] {
  const attempts = retryConfig && wholeNumberIssue("retry_config.max_attempts", retryConfig.maxAttempts, mostAttempts);
  return [
    attempts,
    ...retryRules.flatMap(({ condition, timing }, index) => [
      conditionIssue(condition, `retry_rules[${index}].condition`),
      timingIssue(timing, `retry_rules[${index}].retry_timing`),
    ]),
    ...repeatedConditionIssues(retryRules.map(({ condition }) => condition)),
  ].filter(isIssue);
}

function wholeNumberIssue(field: string, value: number, most: number): Issue | undefined {
  if (Number.isInteger(value) && value >= 1 && value <= most) return undefined;
  return { field, code: "out_of_range", message: `${value} is not a whole number from 1 to ${most}.` };
}

function conditionIssue(condition: string, field: string): Issue | undefined {
  if (isRetryCondition(condition)) return undefined;
  const message = `"${condition}" is not a retry condition. Write one of ${retryConditions.join(", ")}.`;
  return { field, code: "unknown_condition", message };
}

function timingIssue(timing: RetryRule["timing"], field: string): Issue | undefined {
  switch (timing.kind) {
    case "at": {
      const time = parseTimeOfDay(timing.time, `${field}.time`);
      return isIssue(time) ? time : undefined;
    }
    case "after":
      return wholeNumberIssue(`${field}.duration_minutes`, timing.minutes, longestWaitMinutes);
  }
}

function repeatedConditionIssues(conditions: readonly string[]): readonly Issue[] {
  return conditions.flatMap((condition, index) => {
    const first = conditions.indexOf(condition);
    if (first === index) return [];
    const message = `retry_rules[${first}] already is the rule for "${condition}". Keep one rule for each condition.`;
    return [{ field: `retry_rules[${index}].condition`, code: "repeated_condition", message }];
  });
}
