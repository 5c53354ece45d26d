import type { Idempotency, Replay } from "../batch-store.ts";
import { text } from "../columns.ts";
import type { StoredBatch } from "../records.ts";
import type { Dialect } from "./dialect.ts";
import { query, type SqlWork } from "./sql-work.ts";

const keptMs = 30 * 24 * 60 * 60 * 1000;

/** The memory of `Idempotency-Key`; parts of the caller's transaction. */
export function createIdempotencyMemory(
  { schema, skipLocked, lockName }: Dialect,
  readBatch: (organizationId: string, id: string) => SqlWork<StoredBatch | undefined>,
) {
  const find = `
    SELECT body_hash, batch_id FROM ${schema}.idempotent_requests
    WHERE organization_id = $1 AND key = $2 AND created_at > $3`;
  // Those that another request is forgetting at this moment are left to it.
  const forgetOld = `
    DELETE FROM ${schema}.idempotent_requests WHERE (organization_id, key) IN (
      SELECT organization_id, key FROM ${schema}.idempotent_requests WHERE created_at <= $1 ${skipLocked})`;
  const save = `
    INSERT INTO ${schema}.idempotent_requests (organization_id, key, body_hash, batch_id, created_at)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (organization_id, key) DO UPDATE SET body_hash = $3, batch_id = $4, created_at = $5`;

  return {
    /** Makes requests with the same key wait for each other, to the end of the transaction. */
    *lock(organizationId: string, { key }: Idempotency): SqlWork<void> {
      if (lockName) yield* query(lockName, [JSON.stringify(["Idempotency-Key", organizationId, key])]);
    },
    *find(organizationId: string, { key, bodyHash }: Idempotency, now: Date): SqlWork<Replay | undefined> {
      const [row] = yield* query(find, [organizationId, key, now.getTime() - keptMs]);
      if (!row) return undefined;
      if (text(row, "body_hash") !== bodyHash) return { kind: "key_reused" };
      const batch = yield* readBatch(organizationId, text(row, "batch_id"));
      return batch ? { kind: "replayed", batch } : { kind: "deleted" };
    },
    *save(organizationId: string, { key, bodyHash }: Idempotency, batchId: string, now: Date): SqlWork<void> {
      yield* query(forgetOld, [now.getTime() - keptMs]);
      yield* query(save, [organizationId, key, bodyHash, batchId, now.getTime()]);
    },
  };
}
