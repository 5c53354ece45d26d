import type { DatabaseSync } from "../../lib/sqlite.ts";
import type { AuditEntry } from "./audit.ts";

/**
 * The line by which a server that has an account open tells, in that account's ledger, that a batch calls nobody any more under the stop
 * of that instant: it was paused, or was over. The command that gave the stop waits for it.
 */
export function stopMark(batchId: string, stoppedAt: Date, now: Date): AuditEntry {
  return { at: now, kind: "stopped_all", principal: "stop-all", batchId, detail: stoppedAt.toISOString() };
}

/** The batches of a ledger that have such a line of that stop. */
export function readStopMarks(database: DatabaseSync, stoppedAt: Date): ReadonlySet<string> {
  const marked = database.prepare(
    "SELECT batch_id FROM audit WHERE kind = 'stopped_all' AND batch_id IS NOT NULL AND detail = ?",
  );
  return new Set(marked.all(stoppedAt.toISOString()).map((row) => String(row["batch_id"])));
}
