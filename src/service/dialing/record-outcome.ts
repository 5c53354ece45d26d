import type { CallResult } from "../../contract/records.ts";
import type { Claim, DialStore } from "../store/index.ts";
import { decideRetry } from "./decide-retry.ts";

/**
 * Commits the outcome of an attempt and what follows for its recipient; returns false when the attempt had one before.
 * Only our own clock counts: a call cannot have ended before it was claimed, so a carrier whose clock is behind brings no
 * retry forward.
 */
export function recordOutcome(
  store: DialStore,
  claim: Claim,
  reported: CallResult | "unknown",
  now: Date,
): Promise<boolean> {
  const result = reported === "unknown" ? reported : notBefore(claim.attempt.claimedAt, reported);
  return store.complete(claim, result, decideRetry(claim, result), now);
}

function notBefore(claimedAt: Date, result: CallResult): CallResult {
  return { ...result, startedAt: later(result.startedAt, claimedAt), endedAt: later(result.endedAt, claimedAt) };
}

function later(a: Date, b: Date): Date {
  return a > b ? a : b;
}
