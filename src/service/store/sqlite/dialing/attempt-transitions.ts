import type { DatabaseSync } from "../../../../lib/sqlite.ts";
import type { Claim, DialRefusal } from "../../dial-store.ts";
import { text } from "../../rows.ts";
import { sqlite } from "../../shared/dialect.ts";
import { createNumberChecks } from "../../shared/fallback-numbers.ts";
import { mayRing } from "../../shared/grants.ts";

/** Builds `markDialing` and `markPlaced`, the steps before and after an attempt is given to the carrier. */
export function createAttemptTransitions(database: DatabaseSync) {
  const { isListed, isOfAnother } = createNumberChecks(sqlite);
  const start = database.prepare(
    `UPDATE attempts SET state = 'starting', begun_at = ?
     WHERE token = ? AND state = 'claimed'
       AND EXISTS (SELECT 1 FROM batches WHERE batches.id = batch_id AND batches.grant_id = attempts.grant_id AND ${mayRing(sqlite, "?")})
       AND NOT ${isListed} AND NOT ${isOfAnother}
     RETURNING batch_id`,
  );
  const checks = database.prepare(
    `SELECT ${isListed} AS is_listed, ${isOfAnother} AS is_of_another FROM attempts WHERE token = :token`,
  );
  const dialed = database.prepare("UPDATE batches SET last_dial_at = ? WHERE id = ?");
  const place = database.prepare(
    "UPDATE attempts SET state = 'placed', started_at = ? WHERE token = ? AND state = 'starting'",
  );

  function whyNot(token: string): DialRefusal {
    const found = checks.get({ token });
    if (found?.["is_listed"] === 1) return "do_not_call";
    return found?.["is_of_another"] === 1 ? "number_of_another" : "batch_not_running";
  }

  return {
    markDialing({ attempt: { token } }: Claim, now: Date): DialRefusal | undefined {
      const started = start.get(now.getTime(), token, now.getTime());
      if (!started) return whyNot(token);
      dialed.run(now.getTime(), text(started, "batch_id"));
      return undefined;
    },
    markPlaced({ attempt: { token } }: Claim, startedAt: Date): void {
      place.run(startedAt.getTime(), token);
    },
  };
}
