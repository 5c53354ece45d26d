import { randomBytes } from "node:crypto";
import type { BatchStore } from "../batch-store.ts";
import type { NewTask } from "../records.ts";
import { toTask } from "../rows.ts";
import { createBatchCompletion } from "./completion.ts";
import type { Dialect } from "./dialect.ts";
import { createDoNotCallFinder } from "./do-not-call.ts";
import { readPage } from "./pages.ts";
import { query, type SqlRunner, type SqlWork } from "./sql-work.ts";

/** Writes the list of a batch; parts of the caller's transaction. */
export function createTaskWriter(dialect: Dialect) {
  const { schema, rowsOf } = dialect;
  const findListed = createDoNotCallFinder(dialect);
  // All rows in one parameter: quicker than a statement for each on either database.
  const insert = `
    INSERT INTO ${schema}.tasks (id, batch_id, row_number, to_number, variables_json, max_retries, status, reason, created_at)
    SELECT value ->> 0, $1, CAST(value ->> 1 AS INTEGER), value ->> 2, value ->> 3, CAST(value ->> 4 AS INTEGER),
      value ->> 5, value ->> 6, $2
    FROM ${rowsOf("$3")}`;
  const cancelPending = `
    UPDATE ${schema}.tasks SET status = 'cancelled', reason = 'batch_cancelled', due_at = NULL
    WHERE batch_id = $1 AND status = 'pending'`;

  /** Those on the do-not-call list are written as cancelled. */
  function* insertAll(organizationId: string, batchId: string, tasks: readonly NewTask[], now: Date): SqlWork<void> {
    const numbers = tasks.map(({ toNumber }) => toNumber);
    const listed = yield* findListed(organizationId, numbers);
    const newTaskId = createTaskIds();
    const rows = tasks.map(({ row, toNumber, variables, maxRetries = null }) => {
      const [status, reason] = listed.has(toNumber) ? ["cancelled", "do_not_call"] : ["pending", null];
      return [newTaskId(), row, toNumber, JSON.stringify(variables), maxRetries, status, reason];
    });
    yield* query(insert, [batchId, now.getTime(), JSON.stringify(rows)]);
  }

  return {
    insertAll,
    *replaceAll(organizationId: string, batchId: string, tasks: readonly NewTask[], now: Date): SqlWork<void> {
      yield* query(`DELETE FROM ${schema}.tasks WHERE batch_id = $1`, [batchId]);
      yield* insertAll(organizationId, batchId, tasks, now);
    },
    *cancelPending(batchId: string): SqlWork<void> {
      yield* query(cancelPending, [batchId]);
    },
  };
}

/**
 * Makes the ids of one list. They are random in their first part and counted in their last: rows that are dialed one
 * after another then stand side by side in every index, which spares the store most of its page writes.
 */
function createTaskIds(): () => string {
  const list = randomBytes(12).toString("hex");
  let made = 0;
  return () => {
    made += 1;
    return `task_${list}${made.toString(16).padStart(8, "0")}`;
  };
}

export function createTaskStore(
  { run, transaction }: SqlRunner,
  dialect: Dialect,
): Pick<BatchStore, "listTasks" | "redialUnknown"> {
  const { schema, lockBatch } = dialect;
  const { reopen } = createBatchCompletion(dialect);
  const matching = `
    FROM ${schema}.tasks JOIN ${schema}.batches ON batches.id = tasks.batch_id
    WHERE tasks.batch_id = $1 AND batches.organization_id = $2
      AND (tasks.status = $3 OR $3 IS NULL) AND (tasks.outcome = $4 OR $4 IS NULL)`;
  const lockStarted = `
    SELECT id FROM ${schema}.batches WHERE id = $1 AND organization_id = $2
      AND status IN ('sent', 'completed', 'failed') ${lockBatch}`;
  const redial = `
    UPDATE ${schema}.tasks SET status = 'pending', reason = NULL, due_at = $2
    WHERE batch_id = $1 AND status = 'unknown' RETURNING 1`;

  function* redialUnknown(organizationId: string, batchId: string, now: Date): SqlWork<number> {
    const [started] = yield* query(lockStarted, [batchId, organizationId]);
    if (!started) return 0;
    const redialed = yield* query(redial, [batchId, now.getTime()]);
    if (redialed.length > 0) yield* reopen(batchId, now);
    return redialed.length;
  }

  return {
    listTasks(organizationId, batchId, { status, outcome }, page) {
      const parameters = [batchId, organizationId, status ?? null, outcome ?? null];
      return run(readPage({ columns: "tasks.*", matching, parameters, order: "tasks.row_number" }, page, toTask));
    },
    redialUnknown: (organizationId, batchId, now) => transaction(redialUnknown(organizationId, batchId, now)),
  };
}
