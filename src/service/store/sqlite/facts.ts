import type { DatabaseSync } from "../../../lib/sqlite.ts";
import type { BatchFacts, BatchStore } from "../batch-store.ts";
import { whole } from "../columns.ts";
import { addGroup, emptyTally, tallyOf } from "../tally.ts";
import { jsonList } from "./json-list.ts";

/** Counts many batches in two statements. */
export function createFacts(database: DatabaseSync): BatchStore["facts"] {
  const groups = database.prepare(`
    SELECT batch_id, status, outcome, COUNT(*) AS recipients, SUM(attempt_count > 0) AS dialed, MIN(COALESCE(due_at, 0)) AS next_due_at
    FROM tasks WHERE batch_id IN (SELECT value FROM json_each(:ids)) GROUP BY batch_id, status, outcome
  `);
  // The index knows when an attempt began; the carrier takes a minute at the most from there.
  const starts = database.prepare(`
    SELECT batch_id, COUNT(*) AS started
    FROM attempts WHERE batch_id IN (SELECT value FROM json_each(:ids)) AND begun_at > :since - 60000 AND started_at > :since
    GROUP BY batch_id
  `);

  return async (batchIds, now) => {
    const tallies = new Map(batchIds.map((id) => [id, emptyTally()]));
    const ids = jsonList(batchIds);
    for (const row of groups.all({ ids })) addGroup(tallyOf(tallies, row), row);
    for (const row of starts.all({ ids, since: now.getTime() - 60_000 })) {
      tallyOf(tallies, row).callsPerMinute = whole(row, "started");
    }
    return tallies satisfies ReadonlyMap<string, BatchFacts>;
  };
}
