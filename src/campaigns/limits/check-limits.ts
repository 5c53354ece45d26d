import { type Consent, missingConsent } from "../../domain/batch/consent.ts";
import type { ParsedPhoneNumber } from "../../domain/phone/phone-number.ts";
import { type Issue, isIssue } from "../../domain/problem.ts";
import {
  checkStartLimits,
  costOfStart,
  limitsOf,
  refuseByPolicy,
  type StartFigures,
  type StartPolicy,
  toNumberPolicy,
} from "../../domain/start-policy.ts";
import { counted } from "../../domain/text.ts";
import { type FirstCalls, hoursIssues, presetIssues, toCount } from "./calling-hours.ts";

/** A start as the limits see it. */
type LimitedStart = Pick<UsageQuery, "batchId" | "attempts"> & {
  /** Each number as it is read, or why it cannot be called. */
  readonly numbers: readonly (ParsedPhoneNumber | Issue)[];
  /** The same of fallback numbers: held to the rules for numbers, and no more people by that. */
  readonly fallbackNumbers?: readonly (ParsedPhoneNumber | Issue)[];
  /** None when the API does not tell them. */
  readonly callerIds: readonly string[];
  /** When phones would ring first; absent when that is not decided yet. */
  readonly firstCalls?: FirstCalls | undefined;
};

/** What is known of other starts and of people's wishes. */
type LimitFacts = {
  readonly now: Date;
  readonly near: readonly UsageQuery[];
  /** Numbers that another batch calls too shortly before or after. */
  readonly calledNear: number;
  readonly doNotCall: number;
  /** What the calls are for; a test call says nothing. */
  readonly consent?: Consent | "test" | undefined;
};

/** Every limit of the operator that a start would break. Each names the rule and the setting. */
export function brokenLimits(launch: LimitedStart, policy: StartPolicy, facts: LimitFacts): readonly Issue[] {
  const { numbers, fallbackNumbers = [], batchId, attempts, firstCalls } = launch;
  const ringsAt = firstCalls?.ringsAt ?? facts.now;
  const limits = limitsOf(policy);
  const wanted = { batchId, ringsAt, recipients: numbers.length, attempts };
  const figures = rolling24hUsage(wanted, facts.near, limits.spend?.pricePerCall);
  const all = [...numbers, ...fallbackNumbers];
  const dialed = all.filter(isNumber);
  return [
    ...repeated(all.filter(isIssue)),
    ...callerIssues(dialed, launch),
    ...numberIssues(dialed, launch, policy),
    ...checkStartLimits(figures, limits).map(({ rule, message }) => ({ field: "recipients", code: rule, message })),
    ...(firstCalls ? [...hoursIssues(firstCalls, policy.hours), ...presetIssues(firstCalls, policy)] : []),
    ...countIssue(facts.calledNear, calledNearCode, calledNear(policy.minHoursBetweenBatches)),
    ...(policy.requiresConsent && facts.consent !== "test" ? missingConsent(facts.consent) : []),
    ...countIssue(facts.doNotCall, "do_not_call", onDoNotCallList),
  ];
}

function isNumber(parsed: ParsedPhoneNumber | Issue): parsed is ParsedPhoneNumber {
  return !isIssue(parsed);
}

/** Of the hours between two batches to a number. */
export const calledNearCode = "called_within_a_day";

function calledNear(hours: number): string {
  return `in another batch whose calls are less than ${counted(hours, "hour")} before or after. Start this one later, or leave them out. The operator can change that with BATCH_CALL_MIN_HOURS_BETWEEN_BATCHES.`;
}

const onDoNotCallList =
  "on the do-not-call list by now (update_do_not_call_list). cancel_batch this one and create it again: they are left out then.";

function countIssue(count: number, code: string, what: string): readonly Issue[] {
  return count === 0 ? [] : [{ field: "to_number", code, message: `${toCount(count)} ${what}` }];
}

function callerIssues(numbers: readonly ParsedPhoneNumber[], { callerIds }: LimitedStart): readonly Issue[] {
  if (!numbers.some(({ e164 }) => callerIds.includes(e164))) return [];
  return [{ field: "to_number", code: "same_as_from_number", message: "The batch would call its own caller id." }];
}

function numberIssues(
  numbers: readonly ParsedPhoneNumber[],
  { callerIds }: LimitedStart,
  policy: StartPolicy,
): readonly Issue[] {
  const allowed = toNumberPolicy(policy, callerIds);
  return repeated(numbers.map((number) => refuseByPolicy(number, allowed)).filter(isIssue));
}

/** The same issue of many recipients once, with their count. */
function repeated(issues: readonly Issue[]): readonly Issue[] {
  const counts = new Map<string, { readonly issue: Issue; count: number }>();
  for (const issue of issues) {
    const known = counts.get(issue.message);
    if (known) known.count++;
    else counts.set(issue.message, { issue, count: 1 });
  }
  return [...counts.values()].map(({ issue, count }) => ({
    ...issue,
    message: `${counted(count, "recipient")}: ${issue.message}`,
  }));
}

const dayMs = 24 * 60 * 60 * 1000;

/** What the limits of 24 hours count of a start. */
type UsageQuery = {
  readonly batchId: string;
  /** When the first phone rings. */
  readonly ringsAt: Date;
  readonly recipients: number;
  /** Attempts that each recipient gets at most. */
  readonly attempts: number;
};

/**
 * What a start adds to, in the fullest 24 hours that it would be part of. A batch that was started and resumed within
 * them counts once, as the larger of the two.
 */
export function rolling24hUsage(wanted: UsageQuery, near: readonly UsageQuery[], pricePerCall = 0): StartFigures {
  const all = [...near, wanted];
  const { recipients, attempts } = wanted;
  const cost = ({ recipients: people, attempts: tries }: UsageQuery) => costOfStart(people, tries, pricePerCall);
  return {
    recipients,
    maxAttempts: attempts,
    startedToday: fullest(all, wanted, (launch) => launch.recipients) - recipients,
    spentToday: fullest(all, wanted, cost) - cost(wanted),
  };
}

function fullest(starts: readonly UsageQuery[], wanted: UsageQuery, measure: (start: UsageQuery) => number): number {
  const ends = starts.map(({ ringsAt }) => ringsAt.getTime());
  const sums = ends
    .filter((end) => isWithinDay(wanted, end))
    .map((end) =>
      sumByBatch(
        starts.filter((launch) => isWithinDay(launch, end)),
        measure,
      ),
    );
  return Math.max(...sums);
}

/** True in the 24 hours that end at that instant, the instant included. */
function isWithinDay({ ringsAt }: UsageQuery, end: number): boolean {
  const time = ringsAt.getTime();
  return time <= end && time > end - dayMs;
}

function sumByBatch(starts: readonly UsageQuery[], measure: (start: UsageQuery) => number): number {
  const byBatch = new Map<string, number>();
  for (const launch of starts) byBatch.set(launch.batchId, Math.max(byBatch.get(launch.batchId) ?? 0, measure(launch)));
  return [...byBatch.values()].reduce((sum, part) => sum + part, 0);
}
