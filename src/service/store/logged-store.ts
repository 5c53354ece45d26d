import type { Log } from "../../lib/log.ts";
import type { StoredBatch } from "./records.ts";
import type { Store } from "./store.ts";

/** The store, with one line in the log for every batch that is created, changes its state, ends or is deleted. */
export function logged(store: Store, log: Log): Store {
  function tell(batch: StoredBatch, what: string): void {
    const { id: batchId, organizationId, status, isPaused } = batch;
    log.info({ batchId, organizationId, status, isPaused }, what);
  }

  return {
    ...store,
    async createBatch(...given) {
      const result = await store.createBatch(...given);
      if (result.kind === "created") tell(result.batch, "A batch was created");
      return result;
    },
    async changeBatch(organizationId, id, expected, change, ...rest) {
      let isOfNote = false;
      const noting: typeof change = (...current) => {
        const changes = change(...current);
        isOfNote = changes.status !== undefined || changes.isPaused !== undefined;
        return changes;
      };
      const batch = await store.changeBatch(organizationId, id, expected, noting, ...rest);
      if (batch && isOfNote) tell(batch, "A batch was changed");
      return batch;
    },
    async changeList(...given) {
      const changed = await store.changeList(...given);
      if (changed) {
        const { added, changed: rewritten, removed } = changed.list;
        const counts = { added: added.length, changed: rewritten.length, removed: removed.length };
        log.info(
          { batchId: changed.batch.id, organizationId: changed.batch.organizationId, ...counts },
          "The list of a batch was changed",
        );
      }
      return changed;
    },
    async cancelBatch(...given) {
      const batch = await store.cancelBatch(...given);
      if (batch) tell(batch, "A batch was cancelled");
      return batch;
    },
    async deleteBatch(organizationId, batchId, expected) {
      const isGone = await store.deleteBatch(organizationId, batchId, expected);
      if (isGone) log.info({ batchId, organizationId }, "A batch was deleted");
      return isGone;
    },
    /** A batch ends with the last of its calls, which nobody asks for: it is seen by its absence. */
    async dueSteps(now) {
      const steps = await store.dueSteps(now);
      for (const { organizationId, id } of steps.left) {
        const batch = await store.getBatch(organizationId, id);
        if (batch?.status === "completed" || batch?.status === "failed") tell(batch, "A batch ended");
      }
      return steps;
    },
  };
}
