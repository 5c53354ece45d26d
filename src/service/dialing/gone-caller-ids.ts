import { callerIdsOf } from "../../domain/batch/caller-ids.ts";
import type { Clock } from "../../lib/clock.ts";
import type { StoredBatch } from "../store/index.ts";

/** How long one is left out before it is tried again, which rings no phone where it still is gone. */
const leftOutMs = 10 * 60_000;

/** Caller ids of running batches that the carrier turned out not to have. */
export type GoneCallerIds = {
  isGone(batchId: string, fromNumber: string): boolean;
  /**
   * Leaves one out of its batch; false where the batch has no other: then none is left out, so that all are tried when it is resumed. What
   * was `askedAtMs` (monotonic) before that says nothing of the time after it, and leaves none out.
   */
  leaveOut(batch: StoredBatch, fromNumber: string, askedAtMs: number): boolean;
};

export function createGoneCallerIds(clock: Clock): GoneCallerIds {
  const goneSince = new Map<string, number>();
  /** By batch: when all of its caller ids were gone. */
  const clearedAt = new Map<string, number>();
  const key = (batchId: string, fromNumber: string): string => `${batchId} ${fromNumber}`;

  function isGone(batchId: string, fromNumber: string): boolean {
    const since = goneSince.get(key(batchId, fromNumber));
    return since !== undefined && clock.monotonicMs() - since < leftOutMs;
  }

  return {
    isGone,
    leaveOut({ id, fromNumber: first, rules }, fromNumber, askedAtMs) {
      if (askedAtMs < (clearedAt.get(id) ?? askedAtMs)) return true;
      const callerIds = callerIdsOf(first, rules.moreFromNumbers);
      goneSince.set(key(id, fromNumber), clock.monotonicMs());
      if (callerIds.some((callerId) => !isGone(id, callerId))) return true;
      for (const callerId of callerIds) goneSince.delete(key(id, callerId));
      clearedAt.set(id, clock.monotonicMs());
      return false;
    },
  };
}
