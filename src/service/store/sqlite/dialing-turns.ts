import type { DatabaseSync } from "../../../sqlite.ts";
import type { StoredBatch } from "../store.ts";
import { optional, text, whole } from "./columns.ts";

/** A task that is due, with what decides whose turn it is. */
export type Turn = {
  readonly batch: StoredBatch;
  readonly taskId: string;
  readonly isRetry: boolean;
  /** ms since 1970; 0 when the task was due from the beginning. */
  readonly dueMs: number;
  readonly row: number;
};

/** Builds a reader of the first `limit` due tasks of a batch, in the order of their turns. */
export function createTurns(database: DatabaseSync): (batch: StoredBatch, now: Date, limit: number) => readonly Turn[] {
  const due = (attempts: string) =>
    database.prepare(
      `SELECT id, due_at, row_number FROM tasks
       WHERE batch_id = :batchId AND status = 'pending' AND ${attempts} AND (due_at IS NULL OR due_at <= :now)
       ORDER BY due_at, row_number LIMIT :limit`,
    );
  const first = due("attempt_count = 0");
  const again = due("attempt_count > 0");

  return (batch, now, limit) => {
    const read = (statement: typeof first, isRetry: boolean, most: number): readonly Turn[] =>
      statement.all({ batchId: batch.id, now: now.getTime(), limit: most }).map((row) => ({
        batch,
        taskId: text(row, "id"),
        isRetry,
        dueMs: optional(row, "due_at", whole) ?? 0,
        row: whole(row, "row_number"),
      }));
    const firstTurns = read(first, false, limit);
    return firstTurns.length < limit ? [...firstTurns, ...read(again, true, limit - firstTurns.length)] : firstTurns;
  };
}

/** Orders turns of several batches: those never dialed before retries, then by due time, then by row. */
export function compareTurns(a: Turn, b: Turn): number {
  return Number(a.isRetry) - Number(b.isRetry) || a.dueMs - b.dueMs || a.row - b.row;
}
