import { whyNotGranted } from "../../domain/batch/grant.ts";
import type { DueQuery, RunningBatch } from "./dial-store.ts";
import type { TurnOrder } from "./due-task.ts";

/** Who waits in a batch for a call, as far as it says when to look there again. */
export type Waiting = {
  /** The instant, in ms since 1970, at which `laterMs` was read. */
  readonly asOfMs: number;
  /** The first ones in line: with `dueMs` of when they are, or were, due. */
  readonly newPerson?: TurnOrder;
  readonly retry?: TurnOrder;
  /** When the next of them falls due after `asOfMs`, in ms since 1970; infinite when nobody does. */
  readonly laterMs: number;
};

/**
 * A batch that is scheduled or runs, as a process that dials keeps it in mind: it says where to look, and never whom to call. The claim
 * and the last check ask the database.
 */
export type WatchedBatch = {
  readonly batch: RunningBatch;
  /** Somebody agreed to its calls, and nobody paused them, until this instant, in ms since 1970; 0 where that is not so. */
  readonly agreedMs: number;
  /** Undefined when it has to be read. */
  waiting: Waiting | undefined;
};

const longAgo = new Date(0);

export function toWatched(batch: RunningBatch): WatchedBatch {
  const { status, isPaused, grant } = batch;
  // What stands at one instant stood at every one before.
  const isAgreed = status === "sent" && !isPaused && whyNotGranted(grant, batch, longAgo) === undefined;
  return { batch, agreedMs: isAgreed && grant ? grant.lastAt.getTime() : 0, waiting: undefined };
}

/** Whether what was read of a line still tells who is due. */
export function isCurrent(waiting: Waiting, nowMs: number): boolean {
  // One that is dated ahead was read before the clock was set back.
  return waiting.asOfMs <= nowMs && nowMs < waiting.laterMs;
}

/** The turn of whoever is first in line; undefined when nobody is due. */
export function firstTurn({ newPerson, retry }: Waiting, nowMs: number): TurnOrder | undefined {
  if (newPerson && newPerson.dueMs <= nowMs) return newPerson;
  return retry && retry.dueMs <= nowMs ? retry : undefined;
}

/** See `DialStore.nextDueAt`; `mayRing` tells of a batch as it is at `now`. */
export function nextDueOf(
  batches: Iterable<WatchedBatch>,
  mayRing: (batch: WatchedBatch) => boolean,
  { now, opensAt }: DueQuery,
): Date | undefined {
  const nowMs = now.getTime();
  let nextMs = Number.POSITIVE_INFINITY;
  const notLaterThan = (atMs: number): void => {
    if (atMs < nextMs) nextMs = atMs;
  };
  for (const watched of batches) {
    const { batch, waiting, agreedMs } = watched;
    const { status, isPaused, scheduledAt } = batch;
    if (status === "scheduled" && !isPaused && scheduledAt && scheduledAt > now) notLaterThan(scheduledAt.getTime());
    if (!waiting || !mayRing(watched)) continue;
    notLaterThan(agreedMs);
    // What is due already counts from the hour at which its batch may dial again.
    if (firstTurn(waiting, nowMs)) {
      const openingMs = opensAt(batch, now).getTime();
      if (openingMs > nowMs) notLaterThan(openingMs);
    }
    if (waiting.laterMs < nextMs) notLaterThan(opensAt(batch, new Date(waiting.laterMs)).getTime());
  }
  return Number.isFinite(nextMs) ? new Date(nextMs) : undefined;
}
