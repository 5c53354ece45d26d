import type { Store } from "../store/index.ts";

/** `waiting` for a line, a time or a retry; `scheduled`: the batch starts later; `paused`: a person has to let it go on. */
export type QueueState = "waiting" | "scheduled" | "paused" | "calling";

/** Recipients who are not through yet, of every batch that runs, whichever organization it is of. */
export async function countQueue(store: Store, now: Date): Promise<Record<QueueState, number>> {
  const running = await store.runningBatches();
  const facts = await store.facts(
    running.map(({ id }) => id),
    now,
  );
  const figures: Record<QueueState, number> = { waiting: 0, scheduled: 0, paused: 0, calling: 0 };
  for (const { id, status, isPaused } of running) {
    const { pending = 0, calling = 0 } = facts.get(id)?.counts ?? {};
    figures.calling += calling;
    if (isPaused) figures.paused += pending;
    else figures[status === "scheduled" ? "scheduled" : "waiting"] += pending;
  }
  return figures;
}
