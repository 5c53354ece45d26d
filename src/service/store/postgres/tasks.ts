import type { BatchStore } from "../batch-store.ts";
import { whole } from "../columns.ts";
import type { NewTask } from "../records.ts";
import { toTask } from "../rows.ts";
import { createTaskIds } from "../task-id.ts";
import { findListed } from "./do-not-call.ts";
import { limitOf } from "./pages.ts";
import type { Sql, SqlSession } from "./sql.ts";

/** Writes the list of a batch, those on the do-not-call list as cancelled. */
export async function insertTasks(
  session: SqlSession,
  organizationId: string,
  batchId: string,
  tasks: readonly NewTask[],
  now: Date,
): Promise<void> {
  const numbers = tasks.map(({ toNumber }) => toNumber);
  const listed = await findListed(session, organizationId, numbers);
  await session.query(
    `INSERT INTO batch_call.tasks (id, batch_id, row_number, to_number, variables_json, max_retries, status, reason, created_at)
     SELECT id, $1, row_number, to_number, variables_json, max_retries,
       CASE WHEN is_listed = 1 THEN 'cancelled' ELSE 'pending' END, CASE WHEN is_listed = 1 THEN 'do_not_call' END, $2
     FROM unnest($3::text[], $4::int[], $5::text[], $6::text[], $7::int[], $8::int[])
       AS new_tasks (id, row_number, to_number, variables_json, max_retries, is_listed)`,
    [
      batchId,
      now.getTime(),
      tasks.map(createTaskIds()),
      tasks.map(({ row }) => row),
      numbers,
      tasks.map(({ variables }) => JSON.stringify(variables)),
      tasks.map(({ maxRetries }) => maxRetries ?? null),
      numbers.map((number) => (listed.has(number) ? 1 : 0)),
    ],
  );
}

export function createTaskStore(sql: Sql): Pick<BatchStore, "listTasks" | "redialUnknown"> {
  const matching = `
    FROM batch_call.tasks JOIN batch_call.batches ON batches.id = tasks.batch_id
    WHERE tasks.batch_id = $1 AND batches.organization_id = $2
      AND ($3::text IS NULL OR tasks.status = $3) AND ($4::text IS NULL OR tasks.outcome = $4)`;

  return {
    async listTasks(organizationId, batchId, filter, query) {
      const where = [batchId, organizationId, filter.status ?? null, filter.outcome ?? null];
      const rows = await sql.query(`SELECT tasks.* ${matching} ORDER BY tasks.row_number LIMIT $5 OFFSET $6`, [
        ...where,
        ...limitOf(query),
      ]);
      const [count] = await sql.query(`SELECT count(*) AS n ${matching}`, where);
      return { rows: rows.map(toTask), totalCount: whole(count ?? {}, "n") };
    },
    redialUnknown(organizationId, batchId, now) {
      return sql.transaction(async (session) => {
        const [batch] = await session.query(
          `SELECT 1 FROM batch_call.batches WHERE id = $1 AND organization_id = $2
             AND status IN ('sent', 'completed', 'failed') FOR NO KEY UPDATE`,
          [batchId, organizationId],
        );
        if (!batch) return 0;
        const changed = await session.query(
          `UPDATE batch_call.tasks SET status = 'pending', reason = NULL, due_at = $2
           WHERE batch_id = $1 AND status = 'unknown' RETURNING 1`,
          [batchId, now.getTime()],
        );
        if (changed.length > 0) await reopen(session, batchId, now);
        return changed.length;
      });
    },
  };
}

/** Lets a batch that ended run again. */
async function reopen(session: SqlSession, batchId: string, now: Date): Promise<void> {
  await session.query(
    "UPDATE batch_call.batches SET status = 'sent', updated_at = $2 WHERE id = $1 AND status IN ('completed', 'failed')",
    [batchId, now.getTime()],
  );
}
