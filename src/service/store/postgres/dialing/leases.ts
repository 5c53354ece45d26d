import type { Leases } from "../../dial-store.ts";
import { text } from "../../rows.ts";
import { leaseMs } from "../../shared/dialect.ts";
import type { Sql, SqlSession } from "../sql.ts";
import type { DatabaseClock } from "./moment.ts";

/** The lease of one process, by its name. */
export function createLeases(sql: Sql, owner: string, clock: DatabaseClock): Leases {
  return {
    durationMs: leaseMs,
    renew: async (now) => renewLease(sql, owner, await clock(sql, now)),
    async release() {
      await sql.query("DELETE FROM batch_call.workers WHERE id = $1", [owner]);
    },
    async isStarting(batchId) {
      const [starting] = await sql.query(
        "SELECT 1 FROM batch_call.attempts WHERE batch_id = $1 AND state = 'starting' LIMIT 1",
        [batchId],
      );
      return starting !== undefined;
    },
  };
}

export async function renewLease(session: SqlSession, owner: string, now: Date): Promise<void> {
  await session.query(
    `INSERT INTO batch_call.workers (id, lease_until) VALUES ($1, $2)
     ON CONFLICT (id) DO UPDATE SET lease_until = greatest(workers.lease_until, $2)`,
    [owner, now.getTime() + leaseMs],
  );
}

/**
 * Takes over the attempts of processes whose lease has ended, and those of `owner` itself that it does not know of: the
 * answer to a claim can be lost although the claim was committed. Runs inside the caller's transaction; returns their
 * tokens.
 */
export async function takeOver(
  session: SqlSession,
  owner: string,
  held: ReadonlySet<string>,
  given: Date,
  clock: DatabaseClock,
): Promise<readonly string[]> {
  // One at a time: who takes over must see the lease of the one who just did.
  await session.query("SELECT pg_advisory_xact_lock(hashtextextended('batch_call.take_over', 0))");
  const now = await clock(session, given);
  await renewLease(session, owner, now);
  const taken = await session.query(
    `UPDATE batch_call.attempts SET owner = $1, fence = nextval('batch_call.fences') WHERE token IN (
       SELECT token FROM batch_call.attempts WHERE state <> 'ended' AND (
         owner <> $1 AND NOT EXISTS (SELECT 1 FROM batch_call.workers WHERE workers.id = owner AND lease_until > $2)
         OR owner = $1 AND token <> ALL ($3::text[]) AND claimed_at <= $2::bigint - $4::bigint)
       FOR UPDATE SKIP LOCKED)
     RETURNING token`,
    [owner, now.getTime(), [...held], leaseMs],
  );
  if (taken.length > 0) await forgetTheDead(session, now);
  return taken.map((row) => text(row, "token"));
}

async function forgetTheDead(session: SqlSession, now: Date): Promise<void> {
  await session.query(
    `DELETE FROM batch_call.workers WHERE id IN (
       SELECT id FROM batch_call.workers WHERE lease_until <= $1 AND NOT EXISTS (
         SELECT 1 FROM batch_call.attempts WHERE owner = workers.id AND state <> 'ended') FOR UPDATE SKIP LOCKED)`,
    [now.getTime()],
  );
}
