import type { BatchStore, CreateResult, Idempotency, Precondition } from "../batch-store.ts";
import type { NewTask, StoredBatch } from "../records.ts";
import { createBatchRows } from "./batch-rows.ts";
import { createBatchCompletion } from "./completion.ts";
import type { Dialect } from "./dialect.ts";
import { createIdempotencyMemory } from "./idempotency.ts";
import type { SqlRunner, SqlWork } from "./sql-work.ts";
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
        yield* rows.update({ ...batch, ...change, updatedAt: now });
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
