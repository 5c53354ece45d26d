const firstMs = 5_000;
const longestMs = 6 * 60 * 60 * 1000;

/**
 * How long to wait after so many failures in a row (1 for the first): 5 s, four times as long each time, at most 6 h, and up to a fifth
 * more or less so that what failed together is not tried together. `chance` is from 0 to 1. A longer wait that the receiver asks for
 * counts, up to 6 h.
 */
export function retryWaitMs(failures: number, chance: number, askedMs = 0): number {
  const waitMs = Math.min(firstMs * 4 ** (failures - 1), longestMs);
  return Math.max(Math.round(waitMs * (0.8 + 0.4 * chance)), Math.min(askedMs, longestMs));
}
