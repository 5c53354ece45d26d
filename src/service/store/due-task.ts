import { mayRingFrom } from "../../domain/time/recipient-hours.ts";
import type { ClaimRequest } from "./dial-store.ts";
import type { StoredBatch } from "./records.ts";

/** What decides whose turn it is. */
export type TurnOrder = {
  readonly isRetry: boolean;
  /** ms since 1970; 0 when the task was due from the beginning. */
  readonly dueMs: number;
  readonly row: number;
};

/** A task that is due. */
export type DueTask = TurnOrder & {
  readonly batch: StoredBatch;
  readonly taskId: string;
  /** The number that is to be dialed. */
  readonly toNumber: string;
  /** It is the recipient's second number. */
  readonly isSecond?: boolean;
  readonly timezone?: string;
  readonly notBefore?: Date;
  /** The caller id of the first attempt, of a retry. */
  readonly keptNumber?: string;
};

/**
 * Until when its recipient's own time and clock, or the operator, hold back a task that is due at `now`; undefined when they do not.
 * One that may never be dialed is not held back: the last check before a dial ends it.
 */
export function heldByClock(
  { batch, ...recipient }: DueTask,
  { now, mayDialAt }: Pick<ClaimRequest, "now" | "mayDialAt">,
): Date | undefined {
  const byRules = mayRingFrom(recipient, batch, now);
  const byOperator = mayDialAt?.(recipient.toNumber, now, recipient.timezone) ?? now;
  if (byRules === "never" || byOperator === "never") return undefined;
  const from = byOperator > byRules ? byOperator : byRules;
  return from <= now ? undefined : from;
}

/** Orders turns of several batches: those never dialed before retries, then by due time, then by row. */
export function compareTurns(a: TurnOrder, b: TurnOrder): number {
  return Number(a.isRetry) - Number(b.isRetry) || a.dueMs - b.dueMs || a.row - b.row;
}
