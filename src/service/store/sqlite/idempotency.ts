import type { DatabaseSync } from "../../../lib/sqlite.ts";
import type { Idempotency, Replay } from "../batch-store.ts";
import { text } from "../columns.ts";
import { keptSince } from "../kept-keys.ts";
import type { StoredBatch } from "../records.ts";

/** The memory of `Idempotency-Key`. Its methods run inside the caller's transaction. */
export function createIdempotencyMemory(
  database: DatabaseSync,
  getBatch: (organizationId: string, id: string) => StoredBatch | undefined,
) {
  const find = database.prepare(
    "SELECT body_hash, batch_id FROM idempotent_requests WHERE organization_id = :organizationId AND key = :key AND created_at > :keptSince",
  );
  const save = database.prepare(
    "INSERT OR REPLACE INTO idempotent_requests (organization_id, key, body_hash, batch_id, created_at) VALUES (:organizationId, :key, :bodyHash, :batchId, :now)",
  );
  const forgetOld = database.prepare("DELETE FROM idempotent_requests WHERE created_at <= :keptSince");

  return {
    find(organizationId: string, { key, bodyHash }: Idempotency, now: Date): Replay | undefined {
      const row = find.get({ organizationId, key, keptSince: keptSince(now) });
      if (!row) return undefined;
      if (text(row, "body_hash") !== bodyHash) return { kind: "key_reused" };
      const batch = getBatch(organizationId, text(row, "batch_id"));
      return batch ? { kind: "replayed", batch } : { kind: "deleted" };
    },
    save(organizationId: string, { key, bodyHash }: Idempotency, batchId: string, now: Date): void {
      forgetOld.run({ keptSince: keptSince(now) });
      save.run({ organizationId, key, bodyHash, batchId, now: now.getTime() });
    },
  };
}
