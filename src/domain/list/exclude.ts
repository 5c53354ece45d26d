/** Whom a list leaves out though its rows could be called. */
export type Exclude = {
  /** Everybody in these batches, whatever came of their calls. Sorted, each once. */
  readonly batchIds: readonly string[];
  /** Whoever was called, or reached, in so many times 24 hours before the list is judged. */
  readonly calledWithinDays?: number;
  readonly reachedWithinDays?: number;
};

/** Whoever one of the two leaves out. */
export function eitherExclude(one: Exclude | undefined, other: Exclude): Exclude {
  const called = larger(one?.calledWithinDays, other.calledWithinDays);
  const reached = larger(one?.reachedWithinDays, other.reachedWithinDays);
  return {
    batchIds: [...new Set([...(one?.batchIds ?? []), ...other.batchIds])].sort(),
    ...(called !== undefined && { calledWithinDays: called }),
    ...(reached !== undefined && { reachedWithinDays: reached }),
  };
}

function larger(one = 0, other = 0): number | undefined {
  return Math.max(one, other) || undefined;
}

/** Code of a row that is left out by it. */
export const excludedCode = "excluded";
