import { paceWindowMs } from "../../allocate-slots.ts";
import type { Claim, DialRefusal } from "../../dial-store.ts";
import { text } from "../../rows.ts";
import { postgres } from "../../shared/dialect.ts";
import { createNumberChecks } from "../../shared/fallback-numbers.ts";
import { mayRing } from "../../shared/grants.ts";
import { createExclusionCheck, numbersOfPerson } from "../../shared/recent-calls.ts";
import type { Sql, SqlSession } from "../sql.ts";
import { isKnownSchema } from "./moment.ts";

const { isListed, isOfAnother, isTakenOut } = createNumberChecks(postgres);
const excludedAtStart = createExclusionCheck(postgres, 8);
const excludedAt = createExclusionCheck(postgres, 4);
const whyExcluded = createExclusionCheck(postgres, 5);

/** The dials of a caller id in the second before. What is dated further ahead comes from before a clock that was set back. */
const recentDials = `SELECT at FROM unnest(paces.begun) AS dials (at) WHERE abs($4 - at) < ${paceWindowMs}`;

/**
 * `claimed` -> `starting`. A pause or cancellation that was answered is seen, and one that is under way waits: it changes
 * the batch, which is locked here until this is committed. So is the row of its caller id, where processes count their
 * dials: one that waits for it sees the dials of the others, for which a count of attempts would be too old. A dial that
 * comes to nothing keeps its place in that second.
 *
 * What the statement saw when it began can be older than its lock. So it goes by the batch as it was claimed: a change of the list, and an
 * entry on the do-not-call list that concerns it, give the batch another `updated_at`, and the attempt is claimed again.
 */
export async function markDialing(
  sql: Sql,
  claim: Claim,
  now: Date,
  startsPerSecond: number,
): Promise<DialRefusal | undefined> {
  if (!claim.batch.rules.exclude) return tryToStart(sql, claim, now, startsPerSecond);
  return sql.transaction(async (session) => {
    await waitForOtherDials(session, claim);
    return tryToStart(session, claim, now, startsPerSecond);
  });
}

/**
 * Of two batches that exclude each other's people, and dial different numbers of one person at once, the second one has to see the
 * first: it waits here for its commit.
 */
async function waitForOtherDials(session: SqlSession, claim: Claim): Promise<void> {
  await session.query(
    "SELECT pg_advisory_xact_lock(hashtextextended('batch_call.dial ' || number, 0)) FROM unnest($1::text[]) AS numbers (number)",
    [numbersOfPerson(claim)],
  );
}

async function tryToStart(
  sql: SqlSession,
  claim: Claim,
  now: Date,
  startsPerSecond: number,
): Promise<DialRefusal | undefined> {
  const { attempt, fence, batch } = claim;
  const { isExcluded, values } = excludedAtStart(claim, now);
  const [begun] = await sql.query(
    `WITH running AS MATERIALIZED (
       SELECT id, grant_id FROM batch_call.batches WHERE id = $3 AND updated_at = $7 AND ${mayRing(postgres, "$4")} FOR SHARE OF batches),
     paced AS (
       INSERT INTO batch_call.paces (from_number, begun) SELECT $5, ARRAY[$4::bigint] FROM running
       ON CONFLICT (from_number) DO UPDATE SET begun = ARRAY(${recentDials}) || $4::bigint
       WHERE (SELECT count(*) FROM (${recentDials}) AS recent) < $6
       RETURNING 1)
     UPDATE batch_call.attempts SET state = 'starting', begun_at = $4 FROM running, paced
     WHERE token = $1 AND fence = $2 AND state = 'claimed' AND batch_id = running.id AND attempts.grant_id = running.grant_id
       AND NOT ${isListed} AND NOT ${isOfAnother} AND NOT ${isTakenOut} AND NOT ${isExcluded} AND ${isKnownSchema}
     RETURNING 1`,
    [
      attempt.token,
      fence,
      attempt.batchId,
      now.getTime(),
      attempt.fromNumber,
      startsPerSecond,
      batch.updatedAt.getTime(),
      ...values,
    ],
  );
  return begun ? undefined : whyNot(sql, claim, now);
}

async function whyNot(sql: SqlSession, claim: Claim, now: Date): Promise<DialRefusal> {
  const { attempt, fence, batch } = claim;
  const { isExcluded, values } = whyExcluded(claim, now);
  const [found] = await sql.query(
    `SELECT fence = $2 AS is_ours, ${isTakenOut} AS is_taken_out, ${isListed} AS is_listed, ${isOfAnother} AS is_of_another, ${isExcluded} AS is_excluded,
       ${isKnownSchema} AS is_known,
       state = 'claimed' AND EXISTS (SELECT 1 FROM batch_call.batches WHERE id = attempts.batch_id AND batches.grant_id = attempts.grant_id
         AND ${mayRing(postgres, "$3")}) AS is_running,
       EXISTS (SELECT 1 FROM batch_call.batches WHERE id = attempts.batch_id AND updated_at = $4) AS is_as_claimed
     FROM batch_call.attempts WHERE token = $1`,
    [attempt.token, fence, now.getTime(), batch.updatedAt.getTime(), ...values],
  );
  if (found?.["is_ours"] === false) return "taken_over";
  if (found?.["is_known"] === false) return "newer_schema";
  if (found?.["is_listed"] === true) return "do_not_call";
  if (found?.["is_excluded"] === true) return "excluded";
  if (found?.["is_taken_out"] === true) return "check_expired";
  if (found?.["is_of_another"] === true) return "number_of_another";
  if (found?.["is_running"] !== true) return "batch_not_running";
  return found["is_as_claimed"] === true ? "pace" : "check_expired";
}

/** Whether what `markDialing` let through would still pass, pace aside. */
export async function mayStillDial(sql: Sql, claim: Claim, now: Date): Promise<boolean> {
  const { isExcluded, values } = excludedAt(claim, now);
  const [found] = await sql.query(
    `SELECT 1 FROM batch_call.attempts
     WHERE token = $1 AND fence = $2 AND state = 'starting'
       AND EXISTS (SELECT 1 FROM batch_call.batches
         WHERE batches.id = attempts.batch_id AND batches.grant_id = attempts.grant_id AND ${mayRing(postgres, "$3")})
       AND NOT ${isListed} AND NOT ${isOfAnother} AND NOT ${isTakenOut} AND NOT ${isExcluded} AND ${isKnownSchema}`,
    [claim.attempt.token, claim.fence, now.getTime(), ...values],
  );
  return found !== undefined;
}

/** Tokens of the attempts of a batch that passed their last check and have no outcome. */
export async function handedOver(sql: Sql, batchId: string): Promise<readonly string[]> {
  const rows = await sql.query(
    "SELECT token FROM batch_call.attempts WHERE batch_id = $1 AND state IN ('starting', 'placed') ORDER BY token",
    [batchId],
  );
  return rows.map((row) => text(row, "token"));
}

/** `starting` -> `placed`. */
export async function markPlaced(sql: Sql, { attempt: { token }, fence }: Claim, startedAt: Date): Promise<void> {
  await sql.query(
    `UPDATE batch_call.attempts SET state = 'placed', started_at = $3
     WHERE token = $1 AND fence = $2 AND state = 'starting'`,
    [token, fence, startedAt.getTime()],
  );
}
