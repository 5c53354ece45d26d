import type { BatchStore, Precondition } from "../batch-store.ts";
import { meetsPrecondition } from "../precondition.ts";
import type { StoredBatch } from "../records.ts";
import { insertBatch, readBatch, updateBatch } from "./batch-rows.ts";
import { completeIfDone } from "./dialing/completion.ts";
import { findReplay, lockKey, saveKey } from "./idempotency.ts";
import type { Sql, SqlSession } from "./sql.ts";
import { createStatistics } from "./statistics.ts";
import { insertTasks } from "./tasks.ts";

type BatchEdits = Pick<
  BatchStore,
  "createBatch" | "findReplay" | "getBatch" | "changeBatch" | "cancelBatch" | "deleteBatch"
>;

export function createBatchEdits(sql: Sql): BatchEdits {
  const statistics = createStatistics(sql);

  return {
    async createBatch(batch, tasks, idempotency) {
      const { id, organizationId, createdAt: now } = batch;
      const result = await sql.transaction(async (session) => {
        if (idempotency) await lockKey(session, organizationId, idempotency);
        const replay = idempotency && (await findReplay(session, organizationId, idempotency, now));
        if (replay) return replay;
        await insertBatch(session, batch);
        await insertTasks(session, organizationId, id, tasks, now);
        if (idempotency) await saveKey(session, organizationId, idempotency, id, now);
        await completeIfDone(session, id, now);
        return { kind: "created" as const, batch: (await readBatch(session, organizationId, id)) ?? batch };
      });
      if (result.kind === "created") await statistics.loaded(tasks.length);
      return result;
    },
    findReplay: (organizationId, idempotency, now) => findReplay(sql, organizationId, idempotency, now),
    getBatch: (organizationId, id) => readBatch(sql, organizationId, id),
    changeBatch(organizationId, id, expected, change, now, tasks) {
      return sql.transaction(async (session) => {
        const batch = await lockExpected(session, organizationId, id, expected);
        if (!batch) return undefined;
        await updateBatch(session, { ...batch, ...change, updatedAt: now });
        if (tasks) {
          await session.query("DELETE FROM batch_call.tasks WHERE batch_id = $1", [id]);
          await insertTasks(session, organizationId, id, tasks, now);
        }
        await completeIfDone(session, id, now);
        return readBatch(session, organizationId, id);
      });
    },
    cancelBatch(organizationId, id, expected, now) {
      return sql.transaction(async (session) => {
        const batch = await lockExpected(session, organizationId, id, expected);
        if (!batch) return undefined;
        const unpaused = { isPaused: false, pausedAt: undefined, heldReason: undefined };
        await updateBatch(session, { ...batch, ...unpaused, status: "cancelled", updatedAt: now });
        await session.query(
          `UPDATE batch_call.tasks SET status = 'cancelled', reason = 'batch_cancelled', due_at = NULL
           WHERE batch_id = $1 AND status = 'pending'`,
          [id],
        );
        return readBatch(session, organizationId, id);
      });
    },
    deleteBatch(organizationId, id, expected) {
      return sql.transaction(async (session) => {
        if (!(await lockExpected(session, organizationId, id, expected))) return false;
        await session.query("DELETE FROM batch_call.batches WHERE id = $1", [id]);
        return true;
      });
    },
  };
}

async function lockExpected(
  session: SqlSession,
  organizationId: string,
  id: string,
  expected: Precondition,
): Promise<StoredBatch | undefined> {
  const batch = await readBatch(session, organizationId, id, "exclusive");
  return batch && meetsPrecondition(batch, expected) ? batch : undefined;
}
