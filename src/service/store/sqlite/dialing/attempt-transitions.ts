import type { DatabaseSync } from "../../../../lib/sqlite.ts";
import type { Claim, DialRefusal } from "../../dial-store.ts";
import { text } from "../../rows.ts";
import { sqlite } from "../../shared/dialect.ts";
import { mayRing } from "../../shared/grants.ts";

/** Builds `markDialing` and `markPlaced`, the steps before and after an attempt is given to the carrier. */
export function createAttemptTransitions(database: DatabaseSync) {
  const start = database.prepare(
    `UPDATE attempts SET state = 'starting', begun_at = ?
     WHERE token = ? AND state = 'claimed'
       AND EXISTS (SELECT 1 FROM batches WHERE batches.id = batch_id AND batches.grant_id = attempts.grant_id AND ${mayRing(sqlite, "?")})
       AND NOT EXISTS (
         SELECT 1 FROM do_not_call d WHERE d.organization_id = attempts.organization_id AND d.phone_number = to_number)
     RETURNING batch_id`,
  );
  const listed = database.prepare(
    `SELECT 1 FROM attempts JOIN do_not_call d ON d.organization_id = attempts.organization_id AND d.phone_number = to_number
     WHERE token = :token`,
  );
  const dialed = database.prepare("UPDATE batches SET last_dial_at = ? WHERE id = ?");
  const place = database.prepare(
    "UPDATE attempts SET state = 'placed', started_at = ? WHERE token = ? AND state = 'starting'",
  );

  return {
    markDialing({ attempt: { token } }: Claim, now: Date): DialRefusal | undefined {
      const started = start.get(now.getTime(), token, now.getTime());
      if (!started) return listed.get({ token }) ? "do_not_call" : "batch_not_running";
      dialed.run(now.getTime(), text(started, "batch_id"));
      return undefined;
    },
    markPlaced({ attempt: { token } }: Claim, startedAt: Date): void {
      place.run(startedAt.getTime(), token);
    },
  };
}
