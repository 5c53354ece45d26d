import type { DatabaseSync } from "../../../../lib/sqlite.ts";
import { paceWindowMs } from "../../allocate-slots.ts";
import type { Claim, DialRefusal } from "../../dial-store.ts";
import { text } from "../../rows.ts";
import { sqlite } from "../../shared/dialect.ts";
import { createNumberChecks } from "../../shared/fallback-numbers.ts";
import { mayRing } from "../../shared/grants.ts";
import { createExclusionCheck } from "../../shared/recent-calls.ts";
import { query } from "../../shared/sql-work.ts";
import { createRunNow } from "../run-work.ts";

/** Builds `markDialing` and `markPlaced`, the steps before and after an attempt is given to the carrier, and what is asked in between. */
export function createAttemptTransitions(database: DatabaseSync) {
  const { isListed, isOfAnother, isTakenOut } = createNumberChecks(sqlite);
  const excludedAt = createExclusionCheck(sqlite, 3);
  const runNow = createRunNow(database);
  const mayRingNow = `
    EXISTS (SELECT 1 FROM batches WHERE batches.id = batch_id AND batches.grant_id = attempts.grant_id AND ${mayRing(sqlite, "$2")})
      AND NOT ${isListed} AND NOT ${isOfAnother} AND NOT ${isTakenOut}`;
  const start = (isExcluded: string) => `
    UPDATE attempts SET state = 'starting', begun_at = $2
    WHERE token = $1 AND state = 'claimed' AND ${mayRingNow} AND NOT ${isExcluded} RETURNING batch_id`;
  const stillMay = (isExcluded: string) => `
    SELECT 1 FROM attempts WHERE token = $1 AND state = 'starting' AND ${mayRingNow} AND NOT ${isExcluded}`;
  const handedOver = database.prepare(
    "SELECT token FROM attempts WHERE batch_id = ? AND state IN ('starting', 'placed') ORDER BY token",
  );
  const checks = (isExcluded: string) => `
    SELECT ${isTakenOut} AS is_taken_out, ${isListed} AS is_listed, ${isOfAnother} AS is_of_another, ${isExcluded} AS is_excluded
    FROM attempts WHERE token = $1`;
  const dialed = database.prepare("UPDATE batches SET last_dial_at = ? WHERE id = ?");
  const place = database.prepare(
    "UPDATE attempts SET state = 'placed', started_at = ? WHERE token = ? AND state = 'starting'",
  );

  /** The first row of a statement about the attempt of a claim. */
  function ask(statement: (isExcluded: string) => string, claim: Claim, now: Date) {
    const { isExcluded, values } = excludedAt(claim, now);
    const [row] = runNow(query(statement(isExcluded), [claim.attempt.token, now.getTime(), ...values]));
    return row;
  }

  function whyNot(claim: Claim, now: Date): DialRefusal {
    const found = ask(checks, claim, now);
    if (found?.["is_listed"] === 1) return "do_not_call";
    if (found?.["is_excluded"] === 1) return "excluded";
    if (found?.["is_taken_out"] === 1) return "check_expired";
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
    markDialing(claim: Claim, now: Date, startsPerSecond: number): DialRefusal | undefined {
      const { fromNumber } = claim.attempt;
      const recent = recentDials(fromNumber, now);
      if (recent.length >= startsPerSecond) return "pace";
      const started = ask(start, claim, now);
      if (!started) return whyNot(claim, now);
      begun.set(fromNumber, [...recent, now.getTime()]);
      dialed.run(now.getTime(), text(started, "batch_id"));
      return undefined;
    },
    mayStillDial: (claim: Claim, now: Date): boolean => ask(stillMay, claim, now) !== undefined,
    handedOver: (batchId: string): readonly string[] => handedOver.all(batchId).map((row) => text(row, "token")),
    markPlaced({ attempt: { token } }: Claim, startedAt: Date): void {
      place.run(startedAt.getTime(), token);
    },
  };
}
