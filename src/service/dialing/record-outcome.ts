import type { CallResult } from "../../contract/records.ts";
import { toTodaysNumber } from "../../domain/phone/phone-number.ts";
import { saidIn } from "../../domain/said.ts";
import type { Log } from "../../lib/log.ts";
import type { Claim, DialStore } from "../store/index.ts";
import { decideRetry, withoutAnotherCall } from "./decide-retry.ts";
import type { DialGuard } from "./dialing.ts";

export type OutcomeParts = {
  readonly store: DialStore;
  readonly guard: Pick<DialGuard, "noteOptOut">;
  readonly log: Log;
};

/**
 * Commits the outcome of an attempt and what follows for its recipient; returns false when the attempt had one before. One that
 * was given up as unknown takes the outcome that is known later, and nobody is called again because of it.
 * Only our own clock counts: a call ended between its claim and now, so a carrier whose clock is behind brings no retry
 * forward, and one whose clock is ahead puts none off. Who asked not to be called any more, or may have, is on the list before anything follows: also
 * by a report that comes after the outcome, from which nothing else follows. `whyUnknown`: as the carrier says it.
 */
export async function recordOutcome(
  parts: OutcomeParts,
  claim: Claim,
  reported: CallResult | "unknown",
  now: Date,
  whyUnknown?: string,
): Promise<boolean> {
  const result = reported === "unknown" ? reported : whole(claim.attempt.claimedAt, reported, now);
  if (result !== "unknown" && result.said?.optOut) await optOut(parts, claim, result, now);
  return parts.store.complete(
    claim,
    result,
    (batch, hasFallback, isLate) => {
      const next = decideRetry({ ...claim, batch }, result, hasFallback && !isLate, whyUnknown);
      return isLate ? withoutAnotherCall(next, result) : next;
    },
    now,
  );
}

async function optOut({ store, guard, log }: OutcomeParts, claim: Claim, result: CallResult, now: Date): Promise<void> {
  const { token, callId, batchId } = claim.attempt;
  const unclear = result.said?.unclearOptOut;
  const request = {
    token,
    numbers: numbersOf(claim, result),
    askedAt: result.endedAt,
    ...(unclear !== undefined && { unclear }),
  };
  const done = await store.optOut(request, now);
  if (!done) return;
  const { added, batchIds } = done;
  log.info(
    { batchId, callId, added, dropped: batchIds.length },
    unclear === undefined
      ? "A person asked not to be called any more"
      : "A person may have asked not to be called any more",
  );
  try {
    guard.noteOptOut?.({ at: now, batchId, callId, added, batchIds });
  } catch (error) {
    log.error({ batchId, callId, err: error }, "An opt-out is not in the operator's record");
  }
  if (batchIds.length > 0) await store.completeFinished(now);
}

/** Of the person: both, in whatever form they are called by now. Of a wrong number's person nobody knows another one. */
function numbersOf({ attempt, task }: Claim, { said }: CallResult): readonly string[] {
  const own = said?.wrongNumber
    ? []
    : [task.toNumber, ...(task.fallbackNumber === undefined ? [] : [task.fallbackNumber])];
  return [...new Set([attempt.toNumber, ...own].flatMap((number) => [number, toTodaysNumber(number)]))];
}

/** With what its answers say that is acted upon, whichever carrier it is from. */
function whole(claimedAt: Date, reported: CallResult, now: Date): CallResult {
  const said = saidIn(reported);
  const details = said?.wrongNumber ? { ...reported.details, wrongNumber: true as const } : reported.details;
  return { ...between(claimedAt, reported, now), ...(said && { said }), ...(details && { details }) };
}

function between(claimedAt: Date, result: CallResult, now: Date): CallResult {
  const latest = Math.max(claimedAt.getTime(), now.getTime());
  const held = (at: Date): Date => new Date(Math.min(Math.max(at.getTime(), claimedAt.getTime()), latest));
  return { ...result, startedAt: held(result.startedAt), endedAt: held(result.endedAt) };
}
