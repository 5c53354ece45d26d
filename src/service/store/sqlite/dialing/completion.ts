import type { DatabaseSync } from "../../../../lib/sqlite.ts";

/** The end of a batch, and its way back. The methods run inside the caller's transaction. */
export function createCompletion(database: DatabaseSync) {
  const complete = database.prepare(`
    UPDATE batches SET updated_at = :now, is_paused = 0, paused_at = NULL, held_reason = NULL, status = iif(
      EXISTS (SELECT 1 FROM attempts WHERE batch_id = :batchId)
        AND NOT EXISTS (SELECT 1 FROM attempts WHERE batch_id = :batchId AND outcome IS NOT 'failed'),
      'failed', 'completed')
    WHERE id = :batchId AND status = 'sent'
      AND NOT EXISTS (SELECT 1 FROM tasks WHERE batch_id = :batchId AND status IN ('pending', 'calling'))
  `);
  const reopen = database.prepare(
    "UPDATE batches SET status = 'sent', updated_at = :now WHERE id = :batchId AND status IN ('completed', 'failed')",
  );

  return {
    /** Ends a running batch in which nothing is pending or calling: `failed` when the carrier could place no attempt. */
    completeIfDone(batchId: string, now: Date): void {
      complete.run({ batchId, now: now.getTime() });
    },
    /** Lets a batch that ended run again. */
    reopen(batchId: string, now: Date): void {
      reopen.run({ batchId, now: now.getTime() });
    },
  };
}
