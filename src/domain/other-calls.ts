import type { Outcome } from "./batch/batch.ts";
import type { TestNumbers } from "./test-numbers.ts";

/**
 * Between the end of an attempt to a number and the claim of the next one lie at least so many ms, whatever batches of an
 * organization they belong to. The end is when we recorded it: no clock but our own brings a call forward.
 */
export const leastDistanceMs = 60_000;

/**
 * Outcomes of calls that reached somebody, if only by a message. The least number of hours between batches counts these
 * alone, and calls whose outcome nobody knows: who did not pick up, was busy or could not be called was not spoken to and
 * may be called by the next batch at once.
 */
export const reachingOutcomes = ["answered", "voicemail"] as const satisfies readonly Outcome[];

/** What is known of the attempts to a number, of all batches of an organization. */
export type OtherCalls = {
  /** Whether one of them has no end yet. */
  readonly isOpen: boolean;
  /** When the latest end was recorded. */
  readonly lastEndedAt?: Date;
  /** When the latest end was recorded of a call in which another batch reached somebody. */
  readonly lastReachedAt?: Date;
};

const hourMs = 3_600_000;

/**
 * Until when other calls to its number hold back a task that is due at `now`; undefined when they do not. A call that goes
 * on holds it back for the least distance: whenever that call ends, the task is looked at again before it may be called.
 */
export function heldBackUntil(
  { isOpen, lastEndedAt, lastReachedAt }: OtherCalls,
  minHoursBetweenBatches: number,
  now: Date,
): Date | undefined {
  const untilMs = Math.max(
    isOpen ? now.getTime() + leastDistanceMs : 0,
    lastEndedAt ? lastEndedAt.getTime() + leastDistanceMs : 0,
    lastReachedAt ? lastReachedAt.getTime() + minHoursBetweenBatches * hourMs : 0,
  );
  return untilMs > now.getTime() ? new Date(untilMs) : undefined;
}

/** Hours between batches that hold for a number: none for one that the operator named for test calls, so that it can be tried again. */
export function hoursBetweenBatches(
  toNumber: string,
  { minHoursBetweenBatches = 0, testNumbers = [] }: TestNumbers & { readonly minHoursBetweenBatches?: number },
): number {
  return testNumbers.includes(toNumber) ? 0 : minHoursBetweenBatches;
}

/** In ms since 1970: whom another batch reached before that may be called at `now`. */
export function reachedSinceMs(minHoursBetweenBatches: number, now: Date): number {
  return now.getTime() - minHoursBetweenBatches * hourMs;
}

/**
 * Whether the latest end is dated so far after `now` that it must come from before the clock was set back. Nobody can tell
 * how long ago that was, so the call counts as one that ended now.
 */
export function isDatedAhead({ lastEndedAt }: OtherCalls, now: Date): boolean {
  return lastEndedAt !== undefined && lastEndedAt.getTime() > now.getTime() + leastDistanceMs;
}
