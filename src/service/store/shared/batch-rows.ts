import { batchStatuses } from "../../../domain/batch/batch.ts";
import type { StoredBatch } from "../records.ts";
import { type EditedBatch, fromBatch, oneOf, text, toBatch } from "../rows.ts";
import type { Dialect } from "./dialect.ts";
import { createEventWriter } from "./events.ts";
import { query, type SqlWork } from "./sql-work.ts";

/** Reads and writes single batches. */
export function createBatchRows({ schema, batchColumns, lockBatch }: Dialect) {
  const read = `SELECT ${batchColumns} FROM ${schema}.batches WHERE organization_id = $1 AND id = $2`;

  function* readWith(text: string, organizationId: string, id: string): SqlWork<StoredBatch | undefined> {
    const [row] = yield* query(text, [organizationId, id]);
    return row && toBatch(row);
  }

  return {
    read: (organizationId: string, id: string) => readWith(read, organizationId, id),
    /** Reads it for a change: it stays as it was read until the transaction ends. */
    readLocked: (organizationId: string, id: string) => readWith(`${read} ${lockBatch}`, organizationId, id),
    *insert(batch: StoredBatch): SqlWork<void> {
      const columns = fromBatch(batch);
      const names = Object.keys(columns);
      const places = names.map((_, n) => `$${n + 1}`);
      yield* query(
        `INSERT INTO ${schema}.batches (${names.join(", ")}) VALUES (${places.join(", ")})`,
        Object.values(columns),
      );
    },
    *update(batch: EditedBatch): SqlWork<void> {
      const { id, ...columns } = fromBatch(batch);
      const assignments = Object.keys(columns).map((name, n) => `${name} = $${n + 2}`);
      yield* query(`UPDATE ${schema}.batches SET ${assignments.join(", ")} WHERE id = $1`, [
        id,
        ...Object.values(columns),
      ]);
    },
    *remove(id: string): SqlWork<void> {
      yield* query(`DELETE FROM ${schema}.batches WHERE id = $1`, [id]);
    },
  };
}

/** The end of a batch, and its way back; parts of the caller's transaction. */
export function createBatchCompletion(dialect: Dialect) {
  const { schema } = dialect;
  const { tellFinished } = createEventWriter(dialect);
  const complete = `
    UPDATE ${schema}.batches SET updated_at = $2, is_paused = 0, paused_at = NULL, held_reason = NULL, status = CASE
      WHEN EXISTS (SELECT 1 FROM ${schema}.attempts WHERE batch_id = $1)
        AND NOT EXISTS (SELECT 1 FROM ${schema}.attempts WHERE batch_id = $1 AND outcome IS DISTINCT FROM 'failed')
      THEN 'failed' ELSE 'completed' END
    WHERE id = $1 AND status = 'sent'
      AND NOT EXISTS (SELECT 1 FROM ${schema}.tasks WHERE batch_id = $1 AND status IN ('pending', 'calling'))
    RETURNING organization_id, id, name, status`;
  const reopen = `
    UPDATE ${schema}.batches SET status = 'sent', updated_at = $2 WHERE id = $1 AND status IN ('completed', 'failed')`;

  // The first condition is that of the index: SQLite does not see that the second is in it.
  const finished = `
    SELECT id FROM ${schema}.batches WHERE status IN ('scheduled', 'sent') AND status = 'sent'
      AND NOT EXISTS (SELECT 1 FROM ${schema}.tasks WHERE batch_id = batches.id AND status IN ('pending', 'calling'))`;

  return {
    /** Running batches in which nobody is left to call: none, unless the end of one was lost. */
    *finished(): SqlWork<readonly string[]> {
      return (yield* query(finished, [])).map((row) => text(row, "id"));
    },
    /**
     * Ends a running batch in which nothing is pending or calling: `failed` when the carrier could place no attempt. The
     * transaction holds the batch exclusively, so that of two last attempts that end at once one sees the other.
     */
    *completeIfDone(batchId: string, now: Date): SqlWork<void> {
      const [row] = yield* query(complete, [batchId, now.getTime()]);
      if (!row) return;
      const [organizationId, id, name] = [text(row, "organization_id"), text(row, "id"), text(row, "name")];
      yield* tellFinished({ organizationId, id, name, status: oneOf(row, "status", batchStatuses) }, now);
    },
    /** Lets a batch that ended run again. */
    *reopen(batchId: string, now: Date): SqlWork<void> {
      yield* query(reopen, [batchId, now.getTime()]);
    },
  };
}
