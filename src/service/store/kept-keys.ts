const keptMs = 30 * 24 * 60 * 60 * 1000;

/** `Idempotency-Key`s used up to this instant (ms since 1970) are forgotten. */
export function keptSince(now: Date): number {
  return now.getTime() - keptMs;
}
