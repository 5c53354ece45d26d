import type { CallResult } from "../../contract/records.ts";
import { afterAttempt, type RetryDecision } from "../../domain/retry-rules.ts";
import type { BatchRules, Claim } from "../store/index.ts";

const unknownReason = "the carrier cannot tell the outcome of this call, so it is not repeated by itself";

/** What follows for the recipient when an attempt ended, or when nobody can tell how. */
export function decideRetry(
  { attempt, task, batch }: Pick<Claim, "attempt" | "task"> & { readonly batch: BatchRules },
  result: CallResult | "unknown",
): RetryDecision {
  if (result === "unknown") return { kind: "final", status: "unknown", reason: unknownReason };
  const decision = afterAttempt({
    outcome: result.outcome,
    attemptNumber: attempt.attemptNumber,
    endedAt: result.endedAt,
    rules: batch.rules,
    batchZone: batch.timezone,
    ...(task.maxRetries === undefined ? {} : { maxRetries: task.maxRetries }),
  });
  return result.reason
    ? { ...decision, reason: `${decision.reason} (the carrier says: "${result.reason}")` }
    : decision;
}
