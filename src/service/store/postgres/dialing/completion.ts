import { createBatchCompletion } from "../../shared/batch-rows.ts";
import { postgres } from "../../shared/dialect.ts";
import { runWork } from "../run-work.ts";
import type { SqlSession } from "../sql.ts";

const completion = createBatchCompletion(postgres);

/** Ends a batch that is done, inside the caller's transaction, which holds it exclusively. */
export function completeIfDone(session: SqlSession, batchId: string, now: Date): Promise<void> {
  return runWork(session, completion.completeIfDone(batchId, now));
}
