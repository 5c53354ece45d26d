import type { CallResult } from "../../contract/records.ts";
import { countryOf, zonesOfRecipient } from "../../domain/phone/recipient-time.ts";
import { afterAttempt, allowedAttempts, orFallback, type RetryDecision } from "../../domain/retry-rules.ts";
import { afterSaid } from "../../domain/said.ts";
import type { BatchRules, Claim } from "../store/index.ts";

const cannotTell = "the carrier cannot tell the outcome of this call";
const notRepeated = "it may have rung, or ring yet, so it is not repeated by itself";

/**
 * What follows for the recipient when an attempt ended, or when nobody can tell how. `hasFallback`: there is a fallback number
 * that was not called yet and may be. Of a call with an unknown end nothing follows by itself, on neither number.
 */
export function decideRetry(
  { attempt, task, batch }: Pick<Claim, "attempt" | "task"> & { readonly batch: BatchRules },
  result: CallResult | "unknown",
  hasFallback: boolean,
  whyUnknown = cannotTell,
): RetryDecision {
  if (result === "unknown") return { kind: "final", status: "unknown", reason: `${whyUnknown}: ${notRepeated}` };
  const { outcome, endedAt } = result;
  const attemptNumber = attempt.attemptNumber - (task.fallbackAfter ?? 0);
  const recipientZones = () => zonesOfRecipient(attempt.toNumber, task.timezone);
  const messageLeft = result.details?.messageLeft === true;
  const followsByRules = afterAttempt({
    outcome,
    attemptNumber,
    endedAt,
    messageLeft,
    rules: batch.rules,
    batchZone: batch.timezone,
    recipientZones,
    recipientCountry: () => countryOf(attempt.toNumber),
    ...(task.maxRetries === undefined ? {} : { maxRetries: task.maxRetries }),
  });
  const followsBySaid =
    result.said &&
    afterSaid(result.said, {
      outcome,
      endedAt,
      hasAttempt: attemptNumber < allowedAttempts(batch.rules, task.maxRetries),
      hasFallback,
      agreedUntil: batch.agreedUntil,
      batchZone: batch.timezone,
      recipientZones,
    });
  const byRules = hasFallback ? orFallback(followsByRules, outcome, endedAt) : followsByRules;
  // Who was left a message is done, whatever else was said.
  const decision = messageLeft ? byRules : (followsBySaid ?? byRules);
  const number = task.fallbackAfter === undefined ? "" : "fallback number: ";
  const said = result.reason ? ` (the carrier says: "${result.reason}")` : "";
  return { ...decision, reason: `${number}${decision.reason}${said}` };
}

/**
 * The same where the attempt had ended as unknown before: nothing was to follow from it by itself, and its batch may be over, so no phone
 * rings because of it. What the person asked for is in the reason.
 */
export function withoutAnotherCall(next: RetryDecision, result: CallResult | "unknown"): RetryDecision {
  if (next.kind === "final" || result === "unknown") return next;
  const { outcome, said } = result;
  const asked = said?.callBackAt === undefined ? "" : `; ${next.reason}`;
  const status = outcome === "answered" ? "completed" : "failed";
  return { kind: "final", status, reason: `${outcome}${asked}; ${lateReason}` };
}

const lateReason = "known only after the call was given up as unknown, so they are not called again by itself";
