import { paceWindowMs } from "../../allocate-slots.ts";
import type { Claim, DialRefusal } from "../../dial-store.ts";
import { type Row, text } from "../../rows.ts";
import { postgres } from "../../shared/dialect.ts";
import { createNumberChecks } from "../../shared/fallback-numbers.ts";
import { mayRing } from "../../shared/grants.ts";
import { createExclusionCheck, exclusionCondition, exclusionOf, numbersOfPerson } from "../../shared/recent-calls.ts";
import type { Sql, SqlSession } from "../sql.ts";
import { latestOf } from "./groups.ts";
import { type DatabaseClock, isKnownSchema } from "./moment.ts";

const { isListed, isOfAnother, isTakenOut } = createNumberChecks(postgres);
const isExcluded = exclusionCondition(postgres, {
  numbers: "asked.numbers",
  exceptions: "asked.exceptions",
  called: "asked.called",
  reachedSince: "asked.reached_since",
});
const excludedAt = createExclusionCheck(postgres, 4);

/** The dials of a caller id in the second before. What is dated further ahead comes from before a clock that was set back. */
const recentDials = `SELECT at FROM unnest(paces.begun) AS dials (at) WHERE abs($9 - at) < ${paceWindowMs}`;

/** A claim that is to be dialed, and how many of its caller id may begin within a second. */
export type DialJob = { readonly claim: Claim; readonly now: Date; readonly startsPerSecond: number };

/**
 * `claimed` -> `starting`, for a group of claims that has each person once. A pause or cancellation that was answered is seen, and one
 * that is under way waits: it changes the batch, which is locked here until this is committed. So is the row of each caller id, where
 * processes count their dials: one that waits for it sees the dials of the others. What is checked is read after all locks are had.
 * A change of a batch since it was claimed gives it another `updated_at`, and the attempt is claimed again. Returns why not, for each.
 */
export function markDialing(
  sql: Sql,
  jobs: readonly DialJob[],
  clock: DatabaseClock,
): Promise<readonly (DialRefusal | undefined)[]> {
  return sql.transaction(async (session) => {
    await waitForOtherDials(session, jobs);
    await lockBatches(session, jobs);
    await lockPaces(session, jobs);
    const now = await clock(session, latestOf(jobs));
    const rows = await session.query(start, [...toColumns(jobs, now), now.getTime(), fromNumbersOf(jobs)]);
    const byToken = new Map(rows.map((row) => [text(row, "token"), row]));
    return jobs.map(({ claim }) => whyNot(byToken.get(claim.attempt.token)));
  });
}

/** The numbers of the person of a claim: of two claims with one of them the second has to see what became of the first. */
export function peopleOf({ claim }: DialJob): readonly string[] {
  return numbersOfPerson(claim);
}

/**
 * Of two batches that exclude each other's people, and dial different numbers of one person at once, the second one has to see the
 * first: it waits here for its commit.
 */
async function waitForOtherDials(session: SqlSession, jobs: readonly DialJob[]): Promise<void> {
  const numbers = jobs.flatMap(({ claim }) => (claim.batch.rules.exclude ? numbersOfPerson(claim) : []));
  if (numbers.length === 0) return;
  await session.query(
    "SELECT pg_advisory_xact_lock(hashtextextended('batch_call.dial ' || number, 0)) FROM unnest($1::text[]) AS numbers (number)",
    [[...new Set(numbers)].toSorted()],
  );
}

// In one order, here and below: no two groups wait for each other in a circle.
async function lockBatches(session: SqlSession, jobs: readonly DialJob[]): Promise<void> {
  const ids = new Set(jobs.map(({ claim }) => claim.attempt.batchId));
  await session.query("SELECT 1 FROM batch_call.batches WHERE id = ANY($1::text[]) ORDER BY id FOR SHARE", [[...ids]]);
}

async function lockPaces(session: SqlSession, jobs: readonly DialJob[]): Promise<void> {
  const numbers = fromNumbersOf(jobs);
  const lock = `SELECT 1 FROM batch_call.paces WHERE from_number = ANY($1::text[]) ORDER BY from_number FOR NO KEY UPDATE`;
  if ((await session.query(lock, [numbers])).length === numbers.length) return;
  await session.query(
    `INSERT INTO batch_call.paces (from_number, begun) SELECT number, '{}' FROM unnest($1::text[]) AS numbers (number)
     ON CONFLICT (from_number) DO NOTHING`,
    [numbers],
  );
  await session.query(lock, [numbers]);
}

function fromNumbersOf(jobs: readonly DialJob[]): readonly string[] {
  return [...new Set(jobs.map(({ claim }) => claim.attempt.fromNumber))].toSorted();
}

function toColumns(jobs: readonly DialJob[], now: Date) {
  const exclusions = jobs.map(({ claim }) => exclusionOf(claim, now));
  return [
    jobs.map(({ claim }) => claim.attempt.token),
    jobs.map(({ claim }) => claim.fence),
    jobs.map(({ claim }) => claim.batch.updatedAt.getTime()),
    jobs.map(({ startsPerSecond }) => startsPerSecond),
    exclusions.map((asked) => toArrayText(asked?.numbers ?? [])),
    exclusions.map((asked) => toArrayText(asked?.exceptions ?? [])),
    exclusions.map((asked) => asked?.called ?? 0),
    exclusions.map((asked) => asked?.reachedSince ?? 0),
  ] as const;
}

/** As PostgreSQL writes an array: arrays of arrays have to be all of one length there. */
function toArrayText(texts: readonly string[]): string {
  return `{${texts.map((each) => `"${each.replaceAll(/["\\]/g, "\\$&")}"`).join(",")}}`;
}

/**
 * The batches and caller ids of all are locked by whoever asks. Of those of a caller id that pass everything else the first ones go, as
 * many as its pace lets through. An attempt that passes into other hands at this moment is left to them.
 */
const start = `
  WITH asked AS (
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::float8[], $5::text[], $6::text[], $7::bigint[], $8::bigint[])
      WITH ORDINALITY AS asked (token, fence, updated_at, most, numbers, exceptions, called, reached_since, place)),
  checked AS MATERIALIZED (
    SELECT attempts.token, attempts.from_number, asked.fence, asked.most, asked.place, attempts.fence = asked.fence AS is_ours,
      ${isTakenOut} AS is_taken_out, ${isListed} AS is_listed, ${isOfAnother} AS is_of_another, ${isExcluded} AS is_excluded,
      ${isKnownSchema} AS is_known,
      attempts.state = 'claimed' AND EXISTS (SELECT 1 FROM batch_call.batches WHERE id = attempts.batch_id
        AND batches.grant_id = attempts.grant_id AND ${mayRing(postgres, "$9")}) AS is_running,
      EXISTS (SELECT 1 FROM batch_call.batches WHERE id = attempts.batch_id AND updated_at = asked.updated_at) AS is_as_claimed
    FROM asked JOIN batch_call.attempts ON attempts.token = asked.token),
  recent AS MATERIALIZED (
    SELECT from_number, ARRAY(${recentDials}) AS dials FROM batch_call.paces WHERE from_number = ANY($10::text[])),
  ready AS (
    SELECT token, fence, from_number, most, row_number() OVER (PARTITION BY from_number ORDER BY place) AS turn FROM checked
    WHERE is_ours AND is_running AND is_as_claimed AND is_known
      AND NOT is_taken_out AND NOT is_listed AND NOT is_of_another AND NOT is_excluded),
  paced AS MATERIALIZED (
    SELECT token, fence, from_number FROM ready JOIN recent USING (from_number) WHERE cardinality(dials) + turn <= ceil(most)),
  counted AS (
    UPDATE batch_call.paces SET begun = dials || array_fill($9::bigint, ARRAY[n])
    FROM recent JOIN (SELECT from_number, count(*)::int AS n FROM paced GROUP BY from_number) AS passed USING (from_number)
    WHERE paces.from_number = recent.from_number),
  started AS (
    UPDATE batch_call.attempts SET state = 'starting', begun_at = $9 FROM paced
    WHERE attempts.token = paced.token AND attempts.fence = paced.fence AND attempts.state = 'claimed'
    RETURNING attempts.token)
  SELECT checked.*, paced.token IS NOT NULL AS is_paced, started.token IS NOT NULL AS has_started
  FROM checked LEFT JOIN paced USING (token) LEFT JOIN started USING (token)`;

function whyNot(found: Row | undefined): DialRefusal | undefined {
  if (found?.["has_started"] === true) return undefined;
  if (found?.["is_ours"] === false) return "taken_over";
  if (found?.["is_known"] === false) return "newer_schema";
  if (found?.["is_listed"] === true) return "do_not_call";
  if (found?.["is_excluded"] === true) return "excluded";
  if (found?.["is_taken_out"] === true) return "check_expired";
  if (found?.["is_of_another"] === true) return "number_of_another";
  if (found?.["is_running"] !== true) return "batch_not_running";
  return found["is_as_claimed"] === true && found["is_paced"] !== true ? "pace" : "check_expired";
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

export type PlacedJob = { readonly claim: Claim; readonly startedAt: Date };

/** `starting` -> `placed`, for a group that has each attempt once. */
export async function markPlaced(sql: Sql, jobs: readonly PlacedJob[]): Promise<readonly undefined[]> {
  await sql.query(
    `UPDATE batch_call.attempts SET state = 'placed', started_at = asked.started_at
     FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS asked (token, fence, started_at)
     WHERE attempts.token = asked.token AND attempts.fence = asked.fence AND state = 'starting'`,
    [
      jobs.map(({ claim }) => claim.attempt.token),
      jobs.map(({ claim }) => claim.fence),
      jobs.map(({ startedAt }) => startedAt.getTime()),
    ],
  );
  return jobs.map(() => undefined);
}
