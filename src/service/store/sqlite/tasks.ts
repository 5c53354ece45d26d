import { type DatabaseSync, inTransaction } from "../../../lib/sqlite.ts";
import type { BatchStore } from "../batch-store.ts";
import { whole } from "../columns.ts";
import type { NewTask } from "../records.ts";
import { toTask } from "../rows.ts";
import { createTaskIds } from "../task-id.ts";
import { createCompletion } from "./dialing/completion.ts";
import { createDoNotCallFinder } from "./do-not-call.ts";
import { limitOf } from "./pages.ts";

/** Writes the list of a batch. Its methods run inside the caller's transaction. */
export function createTaskWriter(database: DatabaseSync) {
  // Plain `?`: with a thousand rows in a row, parameters by name take three times as long.
  const insert = database.prepare(`
    INSERT INTO tasks (id, batch_id, row_number, to_number, variables_json, max_retries, status, reason, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  `);
  const removeAll = database.prepare("DELETE FROM tasks WHERE batch_id = :batchId");
  const findListed = createDoNotCallFinder(database);

  return {
    insertAll(organizationId: string, batchId: string, tasks: readonly NewTask[], now: Date): void {
      const newTaskId = createTaskIds();
      const listed = findListed(
        organizationId,
        tasks.map(({ toNumber }) => toNumber),
      );
      for (const { row, toNumber, variables, maxRetries = null } of tasks) {
        const [status, reason] = listed.has(toNumber) ? ["cancelled", "do_not_call"] : ["pending", null];
        insert.run(
          newTaskId(),
          batchId,
          row,
          toNumber,
          JSON.stringify(variables),
          maxRetries,
          status,
          reason,
          now.getTime(),
        );
      }
    },
    removeAll(batchId: string): void {
      removeAll.run({ batchId });
    },
  };
}

export function createTaskStore(database: DatabaseSync): Pick<BatchStore, "listTasks" | "redialUnknown"> {
  const matching = `
    FROM tasks JOIN batches ON batches.id = tasks.batch_id
    WHERE tasks.batch_id = :batchId AND batches.organization_id = :organizationId
      AND (:status IS NULL OR tasks.status = :status) AND (:outcome IS NULL OR tasks.outcome = :outcome)`;
  const page = database.prepare(`SELECT tasks.* ${matching} ORDER BY tasks.row_number LIMIT :limit OFFSET :offset`);
  const count = database.prepare(`SELECT COUNT(*) AS n ${matching}`);
  const redial = database.prepare(`
    UPDATE tasks SET status = 'pending', reason = NULL, due_at = :now WHERE batch_id = :batchId AND status = 'unknown'
      AND EXISTS (SELECT 1 FROM batches WHERE id = :batchId AND organization_id = :organizationId AND status IN ('sent', 'completed', 'failed'))
  `);
  const completion = createCompletion(database);

  return {
    async listTasks(organizationId, batchId, filter, query) {
      const where = { organizationId, batchId, status: filter.status ?? null, outcome: filter.outcome ?? null };
      const rows = page.all({ ...where, ...limitOf(query) });
      return { rows: rows.map(toTask), totalCount: whole(count.get(where) ?? {}, "n") };
    },
    async redialUnknown(organizationId, batchId, now) {
      return inTransaction(database, () => {
        const changed = Number(redial.run({ organizationId, batchId, now: now.getTime() }).changes);
        if (changed > 0) completion.reopen(batchId, now);
        return changed;
      });
    },
  };
}
