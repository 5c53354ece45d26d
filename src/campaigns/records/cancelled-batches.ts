import type { Batch, Task } from "../../domain/batch/batch.ts";
import { type DatabaseSync, inTransaction } from "../../lib/sqlite.ts";

/** A batch that ended before anybody was called, with its whole list; `tasks` is absent where that could not be read. */
export type CancelledBatch = { readonly batch: Batch; readonly tasks?: readonly Task[] };

/** Batches that were cancelled here at an API without a cancel, which has deleted them. They are kept as long as a list is, 30 days. */
export type CancelledBatches = {
  find(account: string, batchId: string): CancelledBatch | undefined;
  /** Written before the request to delete it leaves: it counts only once the API does not have the batch any more. */
  keep(account: string, cancelled: CancelledBatch, now: Date): void;
  /** For one that was not deleted after all. */
  forget(account: string, batchId: string): void;
  /** Newest first, so many that were created before a place: epoch ms and id. */
  list(account: string, limit: number, after: { readonly createdAt: number; readonly id: string }): readonly Batch[];
};

const keptForMs = 30 * 24 * 60 * 60 * 1000;

export function createCancelledBatches(database: DatabaseSync): CancelledBatches {
  const find = database.prepare("SELECT * FROM cancelled_batches WHERE account = ? AND batch_id = ?");
  const insert = database.prepare("INSERT OR REPLACE INTO cancelled_batches VALUES (?, ?, ?, ?, ?, ?)");
  const prune = database.prepare("DELETE FROM cancelled_batches WHERE cancelled_at < ?");
  const forget = database.prepare("DELETE FROM cancelled_batches WHERE account = ? AND batch_id = ?");
  const page = database.prepare(
    "SELECT batch_json FROM cancelled_batches WHERE account = ? AND (created_at < ? OR (created_at = ? AND batch_id > ?)) ORDER BY created_at DESC, batch_id LIMIT ?",
  );

  return {
    find(account, batchId) {
      const row = find.get(account, batchId);
      if (!row) return undefined;
      const tasks = row["tasks_json"] === null ? undefined : toTasks(String(row["tasks_json"]));
      return { batch: toBatch(String(row["batch_json"])), ...(tasks && { tasks }) };
    },
    keep(account, { batch, tasks }, now) {
      const createdAt = batch.createdAt ?? now;
      const people = tasks?.map(({ taskId, row, toNumber }) => ({ taskId, row, toNumber }));
      inTransaction(database, () => {
        prune.run(now.getTime() - keptForMs);
        insert.run(
          account,
          batch.batchId,
          createdAt.getTime(),
          now.getTime(),
          JSON.stringify({ ...batch, createdAt }),
          people ? JSON.stringify(people) : null,
        );
      });
    },
    forget: (account, batchId) => void forget.run(account, batchId),
    list: (account, limit, { createdAt, id }) =>
      page.all(account, createdAt, createdAt, id, limit).map((row) => toBatch(String(row["batch_json"]))),
  };
}

type Instants = "createdAt" | "scheduledAt" | "pausedAt" | "nextAttemptAt";
type WrittenBatch = Omit<Batch, Instants | "lineWait"> & { readonly [field in Instants]?: string };

// Safe: the columns are only ever written from these types, whose instants JSON carries as text.
function toBatch(json: string): Batch {
  const { createdAt, scheduledAt, pausedAt: _, nextAttemptAt: _next, ...batch }: WrittenBatch = JSON.parse(json);
  return {
    ...batch,
    ...(createdAt !== undefined && { createdAt: new Date(createdAt) }),
    ...(scheduledAt !== undefined && { scheduledAt: new Date(scheduledAt) }),
  };
}

function toTasks(json: string): readonly Task[] {
  const people: readonly Pick<Task, "taskId" | "row" | "toNumber">[] = JSON.parse(json);
  return people.map((person) => ({ ...person, status: "cancelled" }));
}
