import type { DatabaseSync } from "../../../../lib/sqlite.ts";
import { paceWindowMs } from "../../allocate-slots.ts";
import type { Claim, DialRefusal } from "../../dial-store.ts";
import { text } from "../../rows.ts";
import { sqlite } from "../../shared/dialect.ts";
import { createNumberChecks } from "../../shared/fallback-numbers.ts";
import { mayRing } from "../../shared/grants.ts";

/** Builds `markDialing` and `markPlaced`, the steps before and after an attempt is given to the carrier, and what is asked in between. */
export function createAttemptTransitions(database: DatabaseSync) {
  const { isListed, isOfAnother } = createNumberChecks(sqlite);
  const mayRingNow = `
    EXISTS (SELECT 1 FROM batches WHERE batches.id = batch_id AND batches.grant_id = attempts.grant_id AND ${mayRing(sqlite, "?")})
      AND NOT ${isListed} AND NOT ${isOfAnother}`;
  const start = database.prepare(
    `UPDATE attempts SET state = 'starting', begun_at = ? WHERE token = ? AND state = 'claimed' AND ${mayRingNow}
     RETURNING batch_id`,
  );
  const stillMay = database.prepare(`SELECT 1 FROM attempts WHERE token = ? AND state = 'starting' AND ${mayRingNow}`);
  const handedOver = database.prepare(
    "SELECT token FROM attempts WHERE batch_id = ? AND state IN ('starting', 'placed') ORDER BY token",
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

  /** The last dials of each caller id. In memory, as one process dials on a file, and takes longer than a second to start. */
  const begun = new Map<string, readonly number[]>();

  /** Those of the second before. What is dated ahead comes from before the clock was set back. */
  function recentDials(fromNumber: string, now: Date): readonly number[] {
    const age = (at: number): number => now.getTime() - at;
    return (begun.get(fromNumber) ?? []).filter((at) => age(at) >= 0 && age(at) < paceWindowMs);
  }

  return {
    markDialing(
      { attempt: { token, fromNumber } }: Claim,
      now: Date,
      startsPerSecond: number,
    ): DialRefusal | undefined {
      const recent = recentDials(fromNumber, now);
      if (recent.length >= startsPerSecond) return "pace";
      const started = start.get(now.getTime(), token, now.getTime());
      if (!started) return whyNot(token);
      begun.set(fromNumber, [...recent, now.getTime()]);
      dialed.run(now.getTime(), text(started, "batch_id"));
      return undefined;
    },
    mayStillDial: ({ attempt: { token } }: Claim, now: Date): boolean =>
      stillMay.get(token, now.getTime()) !== undefined,
    handedOver: (batchId: string): readonly string[] => handedOver.all(batchId).map((row) => text(row, "token")),
    markPlaced({ attempt: { token } }: Claim, startedAt: Date): void {
      place.run(startedAt.getTime(), token);
    },
  };
}
