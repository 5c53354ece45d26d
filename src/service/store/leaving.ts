import type { CallResult } from "../../contract/records.ts";
import { isLeaving, leavingReason } from "../../domain/batch/taken-out.ts";
import type { RetryDecision } from "../../domain/retry-rules.ts";

/** The call of somebody who was taken out of the list meanwhile keeps its outcome, and nobody calls them again, on no number. */
export function unlessLeaving(
  next: RetryDecision,
  result: CallResult | "unknown",
  reason: string | undefined,
): RetryDecision {
  if (!isLeaving(reason)) return next;
  if (next.kind === "final") return { ...next, reason: `${leavingReason}${next.reason}` };
  const outcome = result === "unknown" ? result : result.outcome;
  const status = outcome === "answered" ? "completed" : "failed";
  return { kind: "final", status, reason: `${leavingReason}${outcome}, and not called again` };
}
