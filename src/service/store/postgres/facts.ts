import type { BatchFacts, BatchStore } from "../batch-store.ts";
import { whole } from "../columns.ts";
import { addGroup, emptyTally, tallyOf } from "../tally.ts";
import type { Sql } from "./sql.ts";

/** Counts many batches in two statements. */
export function createFacts(sql: Sql): BatchStore["facts"] {
  return async (batchIds, now) => {
    const tallies = new Map(batchIds.map((id) => [id, emptyTally()]));
    const groups = await sql.query(
      `SELECT batch_id, status, outcome, count(*) AS recipients, count(*) FILTER (WHERE attempt_count > 0) AS dialed,
         min(coalesce(due_at, 0)) AS next_due_at
       FROM batch_call.tasks WHERE batch_id = ANY($1::text[]) GROUP BY batch_id, status, outcome`,
      [batchIds],
    );
    for (const row of groups) addGroup(tallyOf(tallies, row), row);
    // The index knows when an attempt began; the carrier takes a minute at the most from there.
    const starts = await sql.query(
      `SELECT batch_id, count(*) AS started FROM batch_call.attempts
       WHERE batch_id = ANY($1::text[]) AND begun_at > $2::bigint - 60000 AND started_at > $2 GROUP BY batch_id`,
      [batchIds, now.getTime() - 60_000],
    );
    for (const row of starts) tallyOf(tallies, row).callsPerMinute = whole(row, "started");
    return tallies satisfies ReadonlyMap<string, BatchFacts>;
  };
}
