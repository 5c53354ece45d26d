import { text } from "../../rows.ts";
import { createBatchCompletion } from "../../shared/batch-rows.ts";
import { postgres } from "../../shared/dialect.ts";
import { runWork } from "../run-work.ts";
import type { Sql, SqlSession } from "../sql.ts";
import { createGroups, latestOf } from "./groups.ts";
import type { DatabaseClock } from "./moment.ts";

const completion = createBatchCompletion(postgres);

/** Ends a batch that is done, inside the caller's transaction, which holds it exclusively. */
export function completeIfDone(session: SqlSession, batchId: string, now: Date): Promise<void> {
  return runWork(session, completion.completeIfDone(batchId, now));
}

/** See `DialStore.completeFinished`. */
export async function completeFinished(sql: Sql, now: Date): Promise<readonly string[]> {
  const ids = await runWork(sql, completion.finished());
  for (const id of ids) await endBatch(sql, id, now);
  return ids;
}

type FinishJob = { readonly batchId: string; readonly now: Date };

/**
 * Builds what is asked after an attempt is over and committed: ends its batch when nobody is left to call. Of two attempts that are the
 * last ones, each in its process, the one that was committed later sees the other. Asked once for all that end together.
 */
export function createFinishing(sql: Sql, clock: DatabaseClock): (job: FinishJob) => Promise<void> {
  return createGroups<FinishJob, void>({
    namesOf: () => [],
    async doTogether(jobs) {
      const ids = new Set(jobs.map(({ batchId }) => batchId));
      const done = await sql.query(nobodyLeft, [[...ids]]);
      for (const row of done) await endBatch(sql, text(row, "id"), await clock(sql, latestOf(jobs)));
      return jobs.map(() => undefined);
    },
  });
}

// Each runs along an index of those who wait; who is being called is looked for in a batch where nobody does.
const nobodyLeft = `
  SELECT id FROM batch_call.batches WHERE id = ANY($1::text[]) AND status = 'sent'
    AND NOT EXISTS (SELECT 1 FROM batch_call.tasks WHERE batch_id = batches.id AND status = 'pending' AND attempt_count = 0)
    AND NOT EXISTS (SELECT 1 FROM batch_call.tasks WHERE batch_id = batches.id AND status = 'pending' AND attempt_count > 0)
    AND NOT EXISTS (SELECT 1 FROM batch_call.tasks WHERE batch_id = batches.id AND status = 'calling')`;

function endBatch(sql: Sql, id: string, now: Date): Promise<void> {
  return sql.transaction(async (session) => {
    await session.query("SELECT 1 FROM batch_call.batches WHERE id = $1 FOR NO KEY UPDATE", [id]);
    await completeIfDone(session, id, now);
  });
}
