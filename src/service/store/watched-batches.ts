import { whyNotGranted } from "../../domain/batch/grant.ts";
import { earliest } from "../../lib/clock.ts";
import type { DueQuery, RunningBatch } from "./dial-store.ts";
import type { TurnOrder } from "./due-task.ts";

/** A first one in line: when it is, or was, due, in ms since 1970 (0 from the beginning), and its row. */
export type FirstInLine = Pick<TurnOrder, "dueMs" | "row">;

/** Who waits in a batch for a call, as far as it says when to look there again. */
export type Waiting = {
  /** The instant, in ms since 1970, at which `laterMs` was read. */
  readonly asOfMs: number;
  readonly newPerson?: FirstInLine;
  readonly retry?: FirstInLine;
  /** When the next of them falls due after `asOfMs`, in ms since 1970; infinite when nobody does. */
  readonly laterMs: number;
};

/**
 * A batch that is scheduled or runs, as a process that dials keeps it in mind: it says where to look, and never whom to call. The claim
 * and the last check ask the database.
 */
export type WatchedBatch = {
  batch: RunningBatch;
  /** Undefined when it has to be read. */
  waiting: Waiting | undefined;
};

/** Whether what was read of a line still tells who is due. */
export function isCurrent(waiting: Waiting, nowMs: number): boolean {
  // One that is dated ahead was read before the clock was set back.
  return waiting.asOfMs <= nowMs && nowMs < waiting.laterMs;
}

/** The turn of whoever is first in line; undefined when nobody is due. */
export function firstTurn({ newPerson, retry }: Waiting, nowMs: number): TurnOrder | undefined {
  if (newPerson && newPerson.dueMs <= nowMs) return { ...newPerson, isRetry: false };
  return retry && retry.dueMs <= nowMs ? { ...retry, isRetry: true } : undefined;
}

/** Whether somebody agreed to its calls and nobody stopped them; `isStopped` tells of organizations. */
export function seemsToRing(batch: RunningBatch, isStopped: (organizationId: string) => boolean, now: Date): boolean {
  return (
    batch.status === "sent" &&
    !batch.isPaused &&
    whyNotGranted(batch.grant, batch, now) === undefined &&
    !isStopped(batch.organizationId)
  );
}

/** See `DialStore.nextDueAt`. */
export function nextDueOf(
  batches: Iterable<WatchedBatch>,
  mayRing: (batch: RunningBatch) => boolean,
  { now, opensAt }: DueQuery,
): Date | undefined {
  const nowMs = now.getTime();
  let next: Date | undefined;
  for (const { batch, waiting } of batches) {
    const { status, isPaused, scheduledAt, grant } = batch;
    if (status === "scheduled" && !isPaused && scheduledAt && scheduledAt > now) next = earliest(next, scheduledAt);
    if (!waiting || !mayRing(batch)) continue;
    next = earliest(next, grant?.lastAt);
    // What is due already counts from the hour at which its batch may dial again.
    if (firstTurn(waiting, nowMs)) {
      const opening = opensAt(batch, now);
      if (opening > now) next = earliest(next, opening);
    }
    if (Number.isFinite(waiting.laterMs) && (!next || waiting.laterMs < next.getTime()))
      next = earliest(next, opensAt(batch, new Date(waiting.laterMs)));
  }
  return next;
}
