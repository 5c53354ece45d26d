import { whyNotGranted } from "../../domain/batch/grant.ts";
import { needsSteering } from "../../domain/batch/steering.ts";
import type { RunningBatch } from "./dial-store.ts";
import type { TurnOrder } from "./due-task.ts";

/** Who waits in a batch for a call, as far as it says when to look there again. */
export type Waiting = {
  /** The instant, in ms since 1970, at which this was read. */
  readonly asOfMs: number;
  /** That of the first one in line; absent when nobody is due. */
  readonly turn?: TurnOrder;
  /** When the next of them falls due after `asOfMs`, in ms since 1970; infinite when nobody does. */
  readonly laterMs: number;
};

/**
 * A batch that is scheduled or runs, as a process that dials keeps it in mind: it says where to look, and never whom to call. The claim
 * and the last check ask the database. Instants are in ms since 1970, and infinite for never.
 */
export type WatchedBatch = {
  readonly batch: RunningBatch;
  /** Somebody agreed to its calls, and nobody paused them, until this instant; 0 where that is not so. */
  readonly agreedMs: number;
  /** From when on it has to be started or held; 0 for at once. */
  readonly stepMs: number;
  /** When it ends by its rules. */
  readonly stopMs: number;
  readonly isSteered: boolean;
  /** Undefined when it has to be read. */
  waiting: Waiting | undefined;
};

const longAgo = new Date(0);
const never = Number.POSITIVE_INFINITY;

export function toWatched(batch: RunningBatch): WatchedBatch {
  const { status, isPaused, grant, rules } = batch;
  const isRunning = status === "sent" && !isPaused;
  // What stands at one instant stood at every one before.
  const isAgreed = isRunning && whyNotGranted(grant, batch, longAgo) === undefined;
  const agreedMs = isAgreed && grant ? grant.lastAt.getTime() : 0;
  const startMs = status === "scheduled" && !isPaused ? batch.scheduledAt?.getTime() : undefined;
  return {
    batch,
    agreedMs,
    stepMs: isRunning ? agreedMs : (startMs ?? never),
    stopMs: isPaused ? never : (rules.stopWhen?.atMs ?? never),
    isSteered: isRunning && needsSteering(batch),
    waiting: undefined,
  };
}
