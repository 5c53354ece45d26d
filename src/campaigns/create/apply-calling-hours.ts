import { numbersDigest } from "../../domain/batch/fingerprint.ts";
import { previewPlan } from "../../domain/batch/outlook.ts";
import type { BatchPlan, QuietHours, Recipient } from "../../domain/batch/plan.ts";
import { type ZoneSet, zonesOfNumber } from "../../domain/phone/number-zones.ts";
import { type ParsedPhoneNumber, parsePhoneNumber } from "../../domain/phone/phone-number.ts";
import { isIssue, Problem } from "../../domain/problem.ts";
import { longestSpanOf, mostAttemptsOf, retriesFor } from "../../domain/retry-rules.ts";
import { type CallingHours, toBatchHours, toQuietHours } from "../../domain/time/calling-hours.ts";
import { strictestWindow } from "../../domain/time/strictest-window.ts";
import type { ContentFacts } from "./creation-log.ts";

// A draft is started, and its last retry made, within this.
const heldForMs = 60 * 24 * 60 * 60 * 1000;

/** What decides when a batch may call. */
type TimedPlan = Pick<BatchPlan, "rules" | "timezone" | "start"> & { readonly recipients: readonly CallableNumber[] };
type CallableNumber = Pick<Recipient, "toNumber" | "country" | "type" | "fallbackNumber">;

/**
 * The plan with quiet hours under which nobody on the list is called outside the operator's calling hours. An API that
 * is not ours knows one window for all. Throws `refused_by_limit` where there is none.
 */
export function withinCallingHours<P extends TimedPlan>(plan: P, hours: CallingHours, now: Date): P {
  const { rules, recipients, timezone, start } = plan;
  const from = start.kind === "at" ? start.at : now;
  const window = strictestWindow({
    hours,
    zoneSets: recipients.flatMap(zonesOfRecipient),
    batchZone: timezone,
    ...(rules.quietHours && { quietHours: rules.quietHours }),
    from,
    until: new Date(from.getTime() + heldForMs),
  });
  if (!window) throw noWindow(hours);
  const quietHours: QuietHours = toQuietHours(window, timezone);
  return quietHours.enabled ? { ...plan, rules: { ...rules, quietHours } } : plan;
}

/** Where each number of a recipient can ring. Of one that cannot be read nobody knows, so that no hour suits it. */
function zonesOfRecipient(recipient: CallableNumber): readonly ZoneSet[] {
  const own = zonesOfNumber(toParsed(recipient));
  if (recipient.fallbackNumber === undefined) return [own];
  const fallback = parsePhoneNumber(recipient.fallbackNumber);
  return [own, isIssue(fallback) ? [] : zonesOfNumber(fallback)];
}

/** What a start of the plan's batch will have to know. */
export function toContentFacts(plan: BatchPlan, unverified: readonly string[]): ContentFacts {
  const { recipients, rules, blankVariables, timezone } = plan;
  const attempts = mostAttemptsOf(rules, recipients);
  const hours = toBatchHours(rules.quietHours, timezone);
  return {
    numbersDigest: numbersDigest(recipients),
    attempts,
    spanMs: longestSpanOf(rules, attempts),
    retriesForMs: retriesFor(rules, attempts),
    unverified,
    rules,
    ...(hours && { hours }),
    ...(blankVariables && { blankVariables }),
    preview: previewPlan(plan),
  };
}

/** A recipient's number as it was read when the list was checked. */
export function toParsed({ toNumber, country, type }: CallableNumber): ParsedPhoneNumber {
  return { e164: toNumber, type, ...(country !== undefined && { country }) };
}

function noWindow({ start, end }: CallingHours): Problem {
  return new Problem(
    "refused_by_limit",
    `No time of day is within calling hours ${start}-${end} for everybody on this list, in every zone that their numbers may be in, and outside its own quiet hours. Nothing was created. Make a batch for each region. The operator can change the hours with BATCH_CALL_CALLING_HOURS.`,
  );
}
