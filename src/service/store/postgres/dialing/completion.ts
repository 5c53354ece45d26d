import type { SqlSession } from "../sql.ts";

/**
 * Ends a running batch in which nothing is pending or calling: `failed` when the carrier could place no attempt. The
 * caller's transaction holds the batch exclusively, so that of two last attempts that end at once one sees the other.
 */
export async function completeIfDone(session: SqlSession, batchId: string, now: Date): Promise<void> {
  await session.query(
    `UPDATE batch_call.batches SET updated_at = $2, is_paused = 0, paused_at = NULL, held_reason = NULL, status = CASE
       WHEN EXISTS (SELECT 1 FROM batch_call.attempts WHERE batch_id = $1)
         AND NOT EXISTS (SELECT 1 FROM batch_call.attempts WHERE batch_id = $1 AND outcome IS DISTINCT FROM 'failed')
       THEN 'failed' ELSE 'completed' END
     WHERE id = $1 AND status = 'sent'
       AND NOT EXISTS (SELECT 1 FROM batch_call.tasks WHERE batch_id = $1 AND status IN ('pending', 'calling'))`,
    [batchId, now.getTime()],
  );
}
