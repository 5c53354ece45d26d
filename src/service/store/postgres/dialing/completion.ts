import { createBatchCompletion } from "../../shared/batch-rows.ts";
import { postgres } from "../../shared/dialect.ts";
import { runWork } from "../run-work.ts";
import type { Sql, SqlSession } from "../sql.ts";
import { lockBatch } from "./lock-batch.ts";

const completion = createBatchCompletion(postgres);

/** Ends a batch that is done, inside the caller's transaction, which holds it exclusively. */
export function completeIfDone(session: SqlSession, batchId: string, now: Date): Promise<void> {
  return runWork(session, completion.completeIfDone(batchId, now));
}

/** See `DialStore.completeFinished`; each batch in a transaction of its own. */
export async function completeFinished(sql: Sql, now: Date): Promise<readonly string[]> {
  const ids = await runWork(sql, completion.finished());
  for (const id of ids) {
    await sql.transaction(async (session) => {
      await lockBatch(session, id, "exclusive");
      await completeIfDone(session, id, now);
    });
  }
  return ids;
}
