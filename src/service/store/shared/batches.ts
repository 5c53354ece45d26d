import type { BatchStore, CreateResult, Idempotency, Precondition, Replay } from "../batch-store.ts";
import type { NewTask, StoredBatch } from "../records.ts";
import { text } from "../rows.ts";
import { createBatchCompletion, createBatchRows } from "./batch-rows.ts";
import type { Dialect } from "./dialect.ts";
import { query, type SqlRunner, type SqlWork } from "./sql-work.ts";
import { createTaskWriter } from "./tasks.ts";

type BatchEdits = Pick<
  BatchStore,
  "createBatch" | "findReplay" | "getBatch" | "changeBatch" | "cancelBatch" | "deleteBatch"
>;

export function createBatchEdits({ run, transaction }: SqlRunner, dialect: Dialect): BatchEdits {
  const rows = createBatchRows(dialect);
  const tasks = createTaskWriter(dialect);
  const memory = createIdempotencyMemory(dialect, rows.read);
  const { completeIfDone } = createBatchCompletion(dialect);

  function* create(batch: StoredBatch, list: readonly NewTask[], idempotency?: Idempotency): SqlWork<CreateResult> {
    const { id, organizationId, createdAt: now } = batch;
    if (idempotency) yield* memory.lock(organizationId, idempotency);
    const replay = idempotency && (yield* memory.find(organizationId, idempotency, now));
    if (replay) return replay;
    yield* rows.insert(batch);
    yield* tasks.insertAll(organizationId, id, list, now);
    if (idempotency) yield* memory.save(organizationId, idempotency, id, now);
    yield* completeIfDone(id, now);
    return { kind: "created", batch: (yield* rows.read(organizationId, id)) ?? batch };
  }

  /** Does the work with the batch when it is as expected; undefined otherwise. */
  function* edit<T>(
    organizationId: string,
    id: string,
    expected: Precondition,
    work: (batch: StoredBatch) => SqlWork<T>,
  ): SqlWork<T | undefined> {
    const batch = yield* rows.readLocked(organizationId, id);
    return batch && meetsPrecondition(batch, expected) ? yield* work(batch) : undefined;
  }

  return {
    createBatch: (batch, list, idempotency) => transaction(create(batch, list, idempotency)),
    findReplay: (organizationId, idempotency, now) => run(memory.find(organizationId, idempotency, now)),
    getBatch: (organizationId, id) => run(rows.read(organizationId, id)),
    changeBatch(organizationId, id, expected, change, now, list) {
      const work = edit(organizationId, id, expected, function* (batch) {
        yield* rows.update({ ...batch, ...change(batch), updatedAt: now });
        if (list) yield* tasks.replaceAll(organizationId, id, list, now);
        yield* completeIfDone(id, now);
        return yield* rows.read(organizationId, id);
      });
      return transaction(work);
    },
    cancelBatch(organizationId, id, expected, now) {
      const work = edit(organizationId, id, expected, function* (batch) {
        const unpaused = { isPaused: false, pausedAt: undefined, heldReason: undefined };
        yield* rows.update({ ...batch, ...unpaused, status: "cancelled", updatedAt: now });
        yield* tasks.cancelPending(id);
        return yield* rows.read(organizationId, id);
      });
      return transaction(work);
    },
    async deleteBatch(organizationId, id, expected) {
      const work = edit(organizationId, id, expected, function* () {
        yield* rows.remove(id);
        return true;
      });
      return (await transaction(work)) ?? false;
    },
  };
}

function meetsPrecondition(batch: StoredBatch, { status, isPaused }: Precondition): boolean {
  return status.includes(batch.status) && (isPaused === undefined || batch.isPaused === isPaused);
}

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
