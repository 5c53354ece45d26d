import type { Claim } from "../../dial-store.ts";
import type { StoredBatch, StoredTask } from "../../records.ts";
import { type Row, text, toAttempt, toBatch, toTask, whole } from "../../rows.ts";
import { batchColumns, postgres } from "../../shared/dialect.ts";
import { agreedUntilColumn } from "../../shared/grants.ts";
import type { SqlSession } from "../sql.ts";

/** The attempts of those tokens with their tasks and batches, oldest first. */
export async function readClaims(session: SqlSession, tokens: readonly string[]): Promise<readonly Claim[]> {
  if (tokens.length === 0) return [];
  const attempts = await session.query(
    "SELECT * FROM batch_call.attempts WHERE token = ANY($1::text[]) ORDER BY claimed_at, token",
    [tokens],
  );
  const tasks = await session.query("SELECT * FROM batch_call.tasks WHERE id = ANY($1::text[])", [
    idsIn(attempts, "task_id"),
  ]);
  const batches = await session.query(
    `SELECT ${batchColumns}, ${agreedUntilColumn(postgres)} FROM batch_call.batches WHERE id = ANY($1::text[])`,
    [idsIn(attempts, "batch_id")],
  );
  return toClaims(attempts, byId(tasks.map(toTask)), byId(batches.map(toBatch)));
}

/** An attempt whose task or batch was deleted meanwhile is left out. */
export function toClaims(
  attempts: readonly Row[],
  tasks: ReadonlyMap<string, StoredTask>,
  batches: ReadonlyMap<string, StoredBatch>,
): readonly Claim[] {
  return attempts.flatMap((row) => {
    const task = tasks.get(text(row, "task_id"));
    const batch = batches.get(text(row, "batch_id"));
    return task && batch ? [{ attempt: toAttempt(row), task, batch, fence: whole(row, "fence") }] : [];
  });
}

export function byId<T extends { readonly id: string }>(things: readonly T[]): ReadonlyMap<string, T> {
  return new Map(things.map((thing) => [thing.id, thing]));
}

function idsIn(rows: readonly Row[], column: string): readonly string[] {
  return [...new Set(rows.map((row) => text(row, column)))];
}
