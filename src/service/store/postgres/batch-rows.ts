import type { Row } from "../columns.ts";
import type { StoredBatch } from "../records.ts";
import { type EditedBatch, fromBatch, toBatch } from "../rows.ts";
import type { SqlSession } from "./sql.ts";

/**
 * What `toBatch` reads. The last dial is looked up: a column of it would make all dials of a batch wait for each other's
 * commit.
 */
export const batchColumns = `batches.*,
  (SELECT max(begun_at) FROM batch_call.attempts WHERE attempts.batch_id = batches.id) AS last_dial_at`;

/** Whether others may read the batch meanwhile (`share`) or not; the lock lasts to the end of the transaction. */
export type BatchLock = "none" | "share" | "exclusive";
const lockClauses: { readonly [Lock in BatchLock]: string } = {
  none: "",
  share: "FOR SHARE OF batches",
  exclusive: "FOR NO KEY UPDATE OF batches",
};

export async function readBatch(
  session: SqlSession,
  organizationId: string,
  id: string,
  lock: BatchLock = "none",
): Promise<StoredBatch | undefined> {
  const [row] = await session.query(
    `SELECT ${batchColumns} FROM batch_call.batches WHERE organization_id = $1 AND id = $2 ${lockClauses[lock]}`,
    [organizationId, id],
  );
  return row && toBatch(row);
}

/** Locks a batch and answers its status; undefined when there is none. Taken before its tasks and attempts: one order, no deadlock. */
export async function lockBatch(
  session: SqlSession,
  id: string,
  lock: Exclude<BatchLock, "none">,
): Promise<Row | undefined> {
  const [row] = await session.query(`SELECT status FROM batch_call.batches WHERE id = $1 ${lockClauses[lock]}`, [id]);
  return row;
}

export async function insertBatch(session: SqlSession, batch: StoredBatch): Promise<void> {
  const columns = columnsOf(batch);
  const names = Object.keys(columns);
  await session.query(
    `INSERT INTO batch_call.batches (${names.join(", ")}) VALUES (${names.map((_, n) => `$${n + 1}`).join(", ")})`,
    Object.values(columns),
  );
}

export async function updateBatch(session: SqlSession, batch: EditedBatch): Promise<void> {
  const columns = columnsOf(batch);
  const assignments = Object.keys(columns).map((name, n) => `${name} = $${n + 1}`);
  await session.query(`UPDATE batch_call.batches SET ${assignments.join(", ")} WHERE id = $1`, Object.values(columns));
}

/** The id comes first. */
function columnsOf(batch: EditedBatch) {
  return { ...fromBatch(batch), name_folded: batch.name.toLowerCase() };
}
