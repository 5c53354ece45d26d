import { numbersDigest } from "../../domain/batch/fingerprint.ts";
import { describeRows, orLeaveOut, rowsOf } from "../../domain/batch/local-start.ts";
import { previewPlan } from "../../domain/batch/outlook.ts";
import { type BatchPlan, type QuietHours, type Recipient, recipientClock } from "../../domain/batch/plan.ts";
import type { ZoneSet } from "../../domain/phone/number-zones.ts";
import { type ParsedPhoneNumber, parsePhoneNumber } from "../../domain/phone/phone-number.ts";
import { zonesForHours } from "../../domain/phone/recipient-time.ts";
import { isIssue, Problem } from "../../domain/problem.ts";
import { longestSpanOf, mostAttemptsOf, retriesFor } from "../../domain/retry-rules.ts";
import {
  type BatchHours,
  type CallingHours,
  toBatchHours,
  toHoursText,
  toQuietHours,
} from "../../domain/time/calling-hours.ts";
import { hasClosedDays } from "../../domain/time/closed-days.ts";
import { nextSharedOpening } from "../../domain/time/quiet-hours.ts";
import { strictestWindow } from "../../domain/time/strictest-window.ts";
import type { ContentFacts } from "./creation-log.ts";

// A draft is started, and its last retry made, within this.
const heldForMs = 60 * 24 * 60 * 60 * 1000;

/** What decides when a batch may call. */
type TimedPlan = Pick<BatchPlan, "rules" | "timezone" | "clock" | "start"> & {
  readonly recipients: readonly CallableNumber[];
};
type CallableNumber = Pick<Recipient, "toNumber" | "country" | "type" | "fallbackNumber" | "timezone"> & {
  readonly row?: number;
};

/**
 * The plan with quiet hours under which nobody on the list is called outside the operator's calling hours. Our own service holds
 * them on each recipient's clock where the plan goes by these; another API knows one window for all. Throws `refused_by_limit`
 * where there is none.
 */
export function withinCallingHours<P extends TimedPlan>(plan: P, hours: CallingHours, now: Date, isOurs: boolean): P {
  if (isOurs && goesByRecipientClocks(plan)) return withinHoursOfEach(plan, hours, now);
  const { rules, recipients, start } = plan;
  const own = rules.quietHours?.enabled ? rules.quietHours : undefined;
  // Days are those of one calendar, so that a window with days stays on its own clock.
  const batchZone = own && hasClosedDays(own) ? (own.zone ?? plan.timezone) : plan.timezone;
  const from = start.kind === "at" ? start.at : now;
  const everybody = {
    hours,
    zoneSets: recipients.flatMap((recipient) => zonesOfNumbers(recipient, from)),
    batchZone,
    from,
    until: new Date(from.getTime() + heldForMs),
  };
  const window = strictestWindow({ ...everybody, ...(own && { quietHours: own }) });
  if (!window) {
    const open = own && strictestWindow(everybody);
    throw open ? noMinuteLeft(own, { ...open, zone: batchZone }, plan, hours) : noWindow(hours);
  }
  const quietHours: QuietHours = toQuietHours(window, batchZone, own);
  return quietHours.enabled ? { ...plan, rules: { ...rules, quietHours } } : plan;
}

/** Whether the hours of a plan can be held on each recipient's own clock: it asks for that, and names no clock of one zone. */
export function goesByRecipientClocks({ rules: { quietHours }, clock }: Pick<TimedPlan, "rules" | "clock">): boolean {
  const zone = quietHours?.enabled ? quietHours.zone : undefined;
  return zone === recipientClock || (clock === recipientClock && zone === undefined);
}

/** Operator's hours and the plan's own on each recipient's clock. */
function withinHoursOfEach<P extends TimedPlan>(plan: P, hours: CallingHours, now: Date): P {
  const { rules, recipients } = plan;
  const own = rules.quietHours?.enabled ? rules.quietHours : undefined;
  // On any one clock the two hold alike.
  const window = strictestWindow({
    hours,
    zoneSets: [["UTC"]],
    batchZone: "UTC",
    ...(own && { quietHours: { ...own, zone: "UTC" } }),
    from: now,
    until: now,
  });
  if (!window) throw own ? noMinuteLeft(own, { ...hours, zone: recipientClock }, plan, hours) : noWindow(hours);
  const quietHours: QuietHours = toQuietHours(window, recipientClock, own);
  if (!quietHours.enabled) return plan;
  const never = recipients.filter((recipient) =>
    zonesOfNumbers(recipient, now).some((zones) => !nextSharedOpening([quietHours], zones, now)),
  );
  if (never.length > 0) throw noHourFor(never, recipients, hours);
  return { ...plan, rules: { ...rules, quietHours } };
}

/** Where each number of a recipient can ring. Of one that cannot be read nobody knows, so that no hour suits it. */
function zonesOfNumbers(recipient: CallableNumber, at: Date): readonly ZoneSet[] {
  const { fallbackNumber, timezone } = recipient;
  const own = zonesForHours(toParsed(recipient), timezone, at);
  if (fallbackNumber === undefined) return [own];
  const fallback = parsePhoneNumber(fallbackNumber);
  return [own, isIssue(fallback) ? [] : zonesForHours(fallback, timezone, at)];
}

/** What a start of the plan's batch will have to know. */
export function toContentFacts(plan: BatchPlan, unverified: readonly string[]): ContentFacts {
  const { recipients, rules, blankVariables, timezone, consent } = plan;
  const attempts = mostAttemptsOf(rules, recipients);
  const hours = toBatchHours(rules.quietHours, timezone);
  return {
    numbersDigest: numbersDigest(recipients),
    attempts,
    spanMs: longestSpanOf(rules, attempts),
    retriesForMs: retriesFor(rules, attempts),
    unverified,
    rules,
    ...(consent && { consent }),
    ...(hours && { hours }),
    ...(plan.clock && { ownClocksIn: timezone }),
    ...(blankVariables && { blankVariables }),
    preview: previewPlan(plan),
  };
}

/** A recipient's number as it was read when the list was checked. */
export function toParsed({ toNumber, country, type }: CallableNumber): ParsedPhoneNumber {
  return { e164: toNumber, type, ...(country !== undefined && { country }) };
}

function noHourFor(
  people: readonly CallableNumber[],
  all: readonly CallableNumber[],
  { start, end }: CallingHours,
): Problem {
  const message = `No time of day is within calling hours ${start}-${end} and outside the batch's own quiet hours on every clock that may be theirs, for ${describeRows(people)}. Nothing was created. Give their zone in a timezone column${orLeaveOut(people, all)}. The operator can change the hours with BATCH_CALL_CALLING_HOURS.`;
  const why = "No hour is within the operator's calling hours and outside quiet_hours.";
  const issue = { field: "quiet_hours", code: "no_calling_time", message: why, ...rowsOf(people) };
  return new Problem("refused_by_limit", message, { issues: [issue] });
}

/** `open`: what the operator's hours alone leave to all of them. */
function noMinuteLeft(
  own: QuietHours,
  open: BatchHours,
  { recipients, timezone }: TimedPlan,
  { start, end }: CallingHours,
): Problem {
  const given = `${own.start}-${own.end} ${own.zone === recipientClock || open.zone === recipientClock ? "on everybody's own clock" : `in ${own.zone ?? timezone}`}`;
  const why = `quiet_hours ${given} and calling hours ${start}-${end} leave no minute together, for ${describeRows(recipients)}. quiet_hours has to change: leave some of ${toHoursText(open)}, such as all of it with start_time "${open.end === "24:00" ? "00:00" : open.end}" and end_time "${open.start}".`;
  const issue = { field: "quiet_hours", code: "no_calling_time", message: why, ...rowsOf(recipients) };
  return new Problem("refused_by_limit", `${why} Nothing was created.`, { issues: [issue] });
}

function noWindow({ start, end }: CallingHours): Problem {
  return new Problem(
    "refused_by_limit",
    `No time of day is within calling hours ${start}-${end} for everybody on this list, in every zone that their numbers may be in, and outside its own quiet hours. Nothing was created. Make a batch for each region, or give timezone "recipient" where our own service calls. The operator can change the hours with BATCH_CALL_CALLING_HOURS.`,
  );
}
