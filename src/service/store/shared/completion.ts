import type { Dialect } from "./dialect.ts";
import { query, type SqlWork } from "./sql-work.ts";

/** The end of a batch, and its way back; parts of the caller's transaction. */
export function createBatchCompletion({ schema }: Dialect) {
  const complete = `
    UPDATE ${schema}.batches SET updated_at = $2, is_paused = 0, paused_at = NULL, held_reason = NULL, status = CASE
      WHEN EXISTS (SELECT 1 FROM ${schema}.attempts WHERE batch_id = $1)
        AND NOT EXISTS (SELECT 1 FROM ${schema}.attempts WHERE batch_id = $1 AND outcome IS DISTINCT FROM 'failed')
      THEN 'failed' ELSE 'completed' END
    WHERE id = $1 AND status = 'sent'
      AND NOT EXISTS (SELECT 1 FROM ${schema}.tasks WHERE batch_id = $1 AND status IN ('pending', 'calling'))`;
  const reopen = `
    UPDATE ${schema}.batches SET status = 'sent', updated_at = $2 WHERE id = $1 AND status IN ('completed', 'failed')`;

  return {
    /**
     * Ends a running batch in which nothing is pending or calling: `failed` when the carrier could place no attempt. The
     * transaction holds the batch exclusively, so that of two last attempts that end at once one sees the other.
     */
    *completeIfDone(batchId: string, now: Date): SqlWork<void> {
      yield* query(complete, [batchId, now.getTime()]);
    },
    /** Lets a batch that ended run again. */
    *reopen(batchId: string, now: Date): SqlWork<void> {
      yield* query(reopen, [batchId, now.getTime()]);
    },
  };
}
