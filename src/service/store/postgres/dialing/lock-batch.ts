import type { Row } from "../../rows.ts";
import { postgres } from "../../shared/dialect.ts";
import { agreedUntilColumn } from "../../shared/grants.ts";
import type { SqlSession } from "../sql.ts";

/** Whether others may read the batch meanwhile (`share`) or not; the lock lasts to the end of the transaction. */
const lockClauses = { share: "FOR SHARE", exclusive: "FOR NO KEY UPDATE" } as const;

/** Locks a batch and returns its status, rules and zone; undefined when there is none. Taken before its tasks and attempts: one order, no deadlock. */
export async function lockBatch(
  session: SqlSession,
  id: string,
  lock: keyof typeof lockClauses,
): Promise<Row | undefined> {
  const [row] = await session.query(
    `SELECT status, rules_json, timezone, ${agreedUntilColumn(postgres)} FROM batch_call.batches WHERE id = $1 ${lockClauses[lock]}`,
    [id],
  );
  return row;
}
