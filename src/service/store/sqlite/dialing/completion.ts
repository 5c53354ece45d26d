import type { DatabaseSync } from "../../../../lib/sqlite.ts";
import { createBatchCompletion } from "../../shared/batch-rows.ts";
import { sqlite } from "../../shared/dialect.ts";
import { createRunNow } from "../run-work.ts";

/** Ends batches that are done, inside the caller's transaction. */
export function createCompletion(database: DatabaseSync): {
  completeIfDone(batchId: string, now: Date): void;
  completeFinished(now: Date): readonly string[];
} {
  const runNow = createRunNow(database);
  const { completeIfDone, finished } = createBatchCompletion(sqlite);
  return {
    completeIfDone: (batchId, now) => runNow(completeIfDone(batchId, now)),
    completeFinished(now) {
      const ids = runNow(finished());
      for (const id of ids) runNow(completeIfDone(id, now));
      return ids;
    },
  };
}
