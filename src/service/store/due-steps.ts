import type { DialStore, DueSteps, RunningBatch } from "./dial-store.ts";
import { toWatched } from "./watched-batches.ts";

/** For a store that reads all of them each time. */
export function createDueSteps({
  runningBatches,
  firstDueAt,
}: Pick<DialStore, "runningBatches" | "firstDueAt">): Pick<DialStore, "dueSteps" | "batchesDue"> {
  let before: readonly RunningBatch[] = [];

  return {
    async dueSteps(now) {
      const running = await runningBatches();
      const ids = new Set(running.map(({ id }) => id));
      const left = before.filter(({ id }) => !ids.has(id));
      before = running;
      return { ...dueStepsOf(running, now), left };
    },
    async batchesDue(now, isOpen) {
      const due: RunningBatch[] = [];
      for (const batch of await runningBatches()) {
        if (batch.status !== "sent" || batch.isPaused || !isOpen(batch, now)) continue;
        const dueAt = await firstDueAt(batch.id);
        if (dueAt && dueAt <= now) due.push(batch);
      }
      return due;
    },
  };
}

/** `running` in the order of their creation. */
export function dueStepsOf(running: readonly RunningBatch[], now: Date): Omit<DueSteps, "left"> {
  const watched = running.map(toWatched);
  const nextStopMs = watched.reduce(
    (next, { stopMs }) => (stopMs > now.getTime() ? Math.min(next, stopMs) : next),
    Number.POSITIVE_INFINITY,
  );
  return {
    toStartOrHold: watched.filter(({ stepMs }) => stepMs <= now.getTime()).map(({ batch }) => batch),
    steered: watched.filter(({ isSteered }) => isSteered).map(({ batch }) => batch),
    ...(Number.isFinite(nextStopMs) && { nextStopAt: new Date(nextStopMs) }),
  };
}
