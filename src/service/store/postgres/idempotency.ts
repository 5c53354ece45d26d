import type { Idempotency, Replay } from "../batch-store.ts";
import { text } from "../columns.ts";
import { keptSince } from "../kept-keys.ts";
import { readBatch } from "./batch-rows.ts";
import type { SqlSession } from "./sql.ts";

export async function findReplay(
  session: SqlSession,
  organizationId: string,
  { key, bodyHash }: Idempotency,
  now: Date,
): Promise<Replay | undefined> {
  const [row] = await session.query(
    `SELECT body_hash, batch_id FROM batch_call.idempotent_requests
     WHERE organization_id = $1 AND key = $2 AND created_at > $3`,
    [organizationId, key, keptSince(now)],
  );
  if (!row) return undefined;
  if (text(row, "body_hash") !== bodyHash) return { kind: "key_reused" };
  const batch = await readBatch(session, organizationId, text(row, "batch_id"));
  return batch ? { kind: "replayed", batch } : { kind: "deleted" };
}

/** Makes requests with the same key wait for each other, to the end of the transaction. */
export async function lockKey(session: SqlSession, organizationId: string, { key }: Idempotency): Promise<void> {
  await session.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [
    JSON.stringify(["Idempotency-Key", organizationId, key]),
  ]);
}

export async function saveKey(
  session: SqlSession,
  organizationId: string,
  { key, bodyHash }: Idempotency,
  batchId: string,
  now: Date,
): Promise<void> {
  // Those that another request is forgetting at this moment are left to it.
  await session.query(
    `DELETE FROM batch_call.idempotent_requests WHERE (organization_id, key) IN (
       SELECT organization_id, key FROM batch_call.idempotent_requests WHERE created_at <= $1 FOR UPDATE SKIP LOCKED)`,
    [keptSince(now)],
  );
  await session.query(
    `INSERT INTO batch_call.idempotent_requests (organization_id, key, body_hash, batch_id, created_at)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (organization_id, key) DO UPDATE SET body_hash = $3, batch_id = $4, created_at = $5`,
    [organizationId, key, bodyHash, batchId, now.getTime()],
  );
}
