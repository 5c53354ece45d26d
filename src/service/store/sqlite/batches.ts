import { type DatabaseSync, inTransaction } from "../../../lib/sqlite.ts";
import type { BatchStore } from "../batch-store.ts";
import { meetsPrecondition } from "../precondition.ts";
import type { StoredBatch } from "../records.ts";
import { type EditedBatch, fromBatch, toBatch } from "../rows.ts";
import { createCompletion } from "./dialing/completion.ts";
import { createIdempotencyMemory } from "./idempotency.ts";
import { createTaskWriter } from "./tasks.ts";

type BatchEdits = Pick<
  BatchStore,
  "createBatch" | "findReplay" | "getBatch" | "changeBatch" | "cancelBatch" | "deleteBatch"
>;

export function createBatchEdits(database: DatabaseSync): BatchEdits {
  const rows = createBatchRows(database);
  const tasks = createTaskWriter(database);
  const completion = createCompletion(database);
  const memory = createIdempotencyMemory(database, rows.get);
  const cancelPending = database.prepare(
    "UPDATE tasks SET status = 'cancelled', reason = 'batch_cancelled', due_at = NULL WHERE batch_id = :id AND status = 'pending'",
  );

  return {
    async createBatch(batch, newTasks, idempotency) {
      return inTransaction(database, () => {
        const replay = idempotency && memory.find(batch.organizationId, idempotency, batch.createdAt);
        if (replay) return replay;
        rows.insert(batch);
        tasks.insertAll(batch.organizationId, batch.id, newTasks, batch.createdAt);
        if (idempotency) memory.save(batch.organizationId, idempotency, batch.id, batch.createdAt);
        completion.completeIfDone(batch.id, batch.createdAt);
        return { kind: "created", batch: rows.get(batch.organizationId, batch.id) ?? batch };
      });
    },
    async findReplay(organizationId, idempotency, now) {
      return memory.find(organizationId, idempotency, now);
    },
    async getBatch(organizationId, id) {
      return rows.get(organizationId, id);
    },
    async changeBatch(organizationId, id, expected, change, now, newTasks) {
      return inTransaction(database, () => {
        const batch = rows.get(organizationId, id);
        if (!batch || !meetsPrecondition(batch, expected)) return undefined;
        rows.update({ ...batch, ...change, updatedAt: now });
        if (newTasks) {
          tasks.removeAll(id);
          tasks.insertAll(organizationId, id, newTasks, now);
        }
        completion.completeIfDone(id, now);
        return rows.get(organizationId, id);
      });
    },
    async cancelBatch(organizationId, id, expected, now) {
      return inTransaction(database, () => {
        const batch = rows.get(organizationId, id);
        if (!batch || !meetsPrecondition(batch, expected)) return undefined;
        rows.update({
          ...batch,
          status: "cancelled",
          isPaused: false,
          pausedAt: undefined,
          heldReason: undefined,
          updatedAt: now,
        });
        cancelPending.run({ id });
        return rows.get(organizationId, id);
      });
    },
    async deleteBatch(organizationId, id, expected) {
      return inTransaction(database, () => {
        const batch = rows.get(organizationId, id);
        if (!batch || !meetsPrecondition(batch, expected)) return false;
        rows.remove(id);
        return true;
      });
    },
  };
}

function createBatchRows(database: DatabaseSync) {
  const insert = database.prepare(`
    INSERT INTO batches (id, organization_id, name, from_number, agent_id, timezone, status, is_paused, paused_at, held_reason,
      scheduled_at, started_at, rules_json, duplicates_removed, created_at, updated_at)
    VALUES (:id, :organization_id, :name, :from_number, :agent_id, :timezone, :status, :is_paused, :paused_at, :held_reason,
      :scheduled_at, :started_at, :rules_json, :duplicates_removed, :created_at, :updated_at)
  `);
  const update = database.prepare(`
    UPDATE batches SET organization_id = :organization_id, name = :name, from_number = :from_number, agent_id = :agent_id,
      timezone = :timezone, status = :status, is_paused = :is_paused, paused_at = :paused_at, held_reason = :held_reason,
      scheduled_at = :scheduled_at, started_at = :started_at, rules_json = :rules_json,
      duplicates_removed = :duplicates_removed, created_at = :created_at, updated_at = :updated_at
    WHERE id = :id
  `);
  const get = database.prepare("SELECT * FROM batches WHERE organization_id = :organizationId AND id = :id");
  const remove = database.prepare("DELETE FROM batches WHERE id = :id");

  return {
    insert: (batch: StoredBatch) => insert.run(fromBatch(batch)),
    update: (batch: EditedBatch) => update.run(fromBatch(batch)),
    get: (organizationId: string, id: string): StoredBatch | undefined => {
      const row = get.get({ organizationId, id });
      return row && toBatch(row);
    },
    remove: (id: string) => remove.run({ id }),
  };
}
