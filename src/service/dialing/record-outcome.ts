import type { CallResult } from "../../contract/records.ts";
import type { Claim, DialStore } from "../store/index.ts";
import { decideRetry } from "./decide-retry.ts";

/**
 * Commits the outcome of an attempt and what follows for its recipient; returns false when the attempt had one before.
 * Only our own clock counts: a call ended between its claim and now, so a carrier whose clock is behind brings no retry
 * forward, and one whose clock is ahead puts none off.
 */
export function recordOutcome(
  store: DialStore,
  claim: Claim,
  reported: CallResult | "unknown",
  now: Date,
): Promise<boolean> {
  const result = reported === "unknown" ? reported : between(claim.attempt.claimedAt, reported, now);
  return store.complete(
    claim,
    result,
    (batch, hasFallback) => decideRetry({ ...claim, batch }, result, hasFallback),
    now,
  );
}

function between(claimedAt: Date, result: CallResult, now: Date): CallResult {
  const latest = Math.max(claimedAt.getTime(), now.getTime());
  const held = (at: Date): Date => new Date(Math.min(Math.max(at.getTime(), claimedAt.getTime()), latest));
  return { ...result, startedAt: held(result.startedAt), endedAt: held(result.endedAt) };
}
