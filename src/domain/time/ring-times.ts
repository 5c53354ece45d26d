import { parsePhoneNumber } from "../phone/phone-number.ts";
import { zonesForHours } from "../phone/recipient-time.ts";
import { isIssue } from "../problem.ts";
import type { StartPolicy } from "../start-policy.ts";
import { nextOperatorTime } from "./operator-hours.ts";
import { type ClockRules, nextAttemptAt, type TimedRecipient } from "./recipient-hours.ts";

export type OperatorHours = Pick<StartPolicy, "hours" | "hoursPreset">;

/** All that says when somebody may be called. */
type RingRules = ClockRules & {
  /** IANA zone of the batch. */
  readonly timezone: string;
  /** Where these hold beside the rules. */
  readonly operator?: OperatorHours | undefined;
};

const hourMs = 60 * 60_000;
const dayMs = 24 * hourMs;
const minuteMs = 60_000;
/** What rules, dates, operator and preset do not share by then is taken to be never. */
const lookAheadMs = 60 * dayMs;

/**
 * The first instant from `at` on, `at` included, at which that person may be called by the batch, by what is theirs alone, and by
 * the operator's hours and preset: the strictest of them.
 */
export function nextRingAt(recipient: TimedRecipient, rules: RingRules, at: Date): Date | "never" {
  for (let next = at; next.getTime() <= at.getTime() + lookAheadMs; ) {
    const byRules = nextAttemptAt(next, recipient, rules);
    const byOperator = byRules === "never" ? undefined : nextByOperator(recipient, rules.operator, byRules);
    if (byRules === "never" || !byOperator) return "never";
    // Whom their own time or a date of the list holds back for longer is not called never.
    if (byOperator.getTime() === byRules.getTime()) return byOperator;
    next = byOperator;
  }
  return "never";
}

function nextByOperator(
  { toNumber, timezone }: TimedRecipient,
  operator: OperatorHours | undefined,
  at: Date,
): Date | undefined {
  const number = parsePhoneNumber(toNumber);
  if (!operator || isIssue(number)) return at;
  return nextOperatorTime(operator, number.country, zonesForHours(number, timezone, at), at);
}

/**
 * So long after `first`, in ms, as far as the operator's preset does not close all of it: days on which it lets nobody of that country be
 * called do not count. At most 60 days after `first` where it closes some.
 */
export function afterOpenSpan(
  recipient: TimedRecipient,
  { operator }: Pick<RingRules, "operator">,
  first: Date,
  spanMs: number,
): Date {
  if (operator?.hoursPreset === undefined) return new Date(first.getTime() + spanMs);
  let at = first.getTime();
  for (let leftMs = spanMs; leftMs > 0; ) {
    const stepMs = Math.min(leftMs, dayMs);
    const opening = nextByOperator(recipient, operator, new Date(at))?.getTime() ?? at;
    const isClosed = opening >= at + stepMs;
    at = isClosed ? opening : at + stepMs;
    if (!isClosed) leftMs -= stepMs;
  }
  return new Date(Math.min(at, first.getTime() + lookAheadMs));
}

/** The last whole minute before `end` in which that person may be called; `first` is one in which they may. */
export function lastRingMinute(
  recipient: TimedRecipient,
  rules: RingRules,
  { first, end }: { readonly first: Date; readonly end: Date },
): Date {
  const next = (ms: number) => nextRingAt(recipient, rules, new Date(ms));
  const opensBefore = (ms: number, before: number) => {
    const opening = next(ms);
    return opening !== "never" && opening.getTime() < before;
  };
  // Hour by hour back to the last one that is not closed from end to end, then by minutes within it.
  let before = Math.ceil(end.getTime() / minuteMs) * minuteMs;
  while (before - hourMs > first.getTime() && !opensBefore(before - hourMs, before)) before -= hourMs;
  for (let minute = before - minuteMs; minute > first.getTime(); minute -= minuteMs) {
    if (opensBefore(minute, minute + 1)) return new Date(minute);
  }
  return first;
}
