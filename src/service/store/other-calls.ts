/** Two attempts to one number of an organization begin at least so far apart, whatever batches they belong to. */
export const leastDistanceMs = 60_000;

/** What is known of other attempts to a number, of any batch of the organization. */
export type OtherCalls = {
  /** Whether one of them has no outcome yet. */
  readonly isOpen: boolean;
  /**
   * When the latest passed its last check, or was claimed where it has not yet; ms since 1970, by our own clock. One that
   * is dated more than the least distance after now comes from before the clock was set back, and does not count.
   */
  readonly lastBegunMs: number | undefined;
};

/**
 * Until when other calls to its number hold back a task that is due at `now`; undefined when they do not. A phone is
 * called by one call at a time; whether the other is over shows after the least distance again.
 */
export function heldBackUntil({ isOpen, lastBegunMs }: OtherCalls, now: Date): Date | undefined {
  if (isOpen) return new Date(now.getTime() + leastDistanceMs);
  if (lastBegunMs === undefined || lastBegunMs + leastDistanceMs <= now.getTime()) return undefined;
  return new Date(lastBegunMs + leastDistanceMs);
}
