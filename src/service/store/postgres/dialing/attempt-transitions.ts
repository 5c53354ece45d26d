import type { Claim, DialRefusal } from "../../dial-store.ts";
import { postgres } from "../../shared/dialect.ts";
import { createNumberChecks } from "../../shared/fallback-numbers.ts";
import { mayRing } from "../../shared/grants.ts";
import type { Sql } from "../sql.ts";
import { isKnownSchema } from "./moment.ts";

const { isListed, isOfAnother } = createNumberChecks(postgres);

/**
 * `claimed` -> `starting`. A pause or cancellation that was answered is seen, and one that is under way waits: it changes
 * the batch, which is locked here until this is committed.
 */
export async function markDialing(sql: Sql, { attempt, fence }: Claim, now: Date): Promise<DialRefusal | undefined> {
  const [begun] = await sql.query(
    `WITH running AS MATERIALIZED (
       SELECT id, grant_id FROM batch_call.batches WHERE id = $3 AND ${mayRing(postgres, "$4")} FOR SHARE OF batches)
     UPDATE batch_call.attempts SET state = 'starting', begun_at = $4 FROM running
     WHERE token = $1 AND fence = $2 AND state = 'claimed' AND batch_id = running.id AND attempts.grant_id = running.grant_id
       AND NOT ${isListed} AND NOT ${isOfAnother} AND ${isKnownSchema}
     RETURNING 1`,
    [attempt.token, fence, attempt.batchId, now.getTime()],
  );
  return begun ? undefined : whyNot(sql, attempt.token, fence);
}

async function whyNot(sql: Sql, token: string, fence: number): Promise<DialRefusal> {
  const [found] = await sql.query(
    `SELECT fence = $2 AS is_ours, ${isListed} AS is_listed, ${isOfAnother} AS is_of_another, ${isKnownSchema} AS is_known
     FROM batch_call.attempts WHERE token = $1`,
    [token, fence],
  );
  if (found?.["is_ours"] === false) return "taken_over";
  if (found?.["is_known"] === false) return "newer_schema";
  if (found?.["is_listed"] === true) return "do_not_call";
  return found?.["is_of_another"] === true ? "number_of_another" : "batch_not_running";
}

/** `starting` -> `placed`. */
export async function markPlaced(sql: Sql, { attempt: { token }, fence }: Claim, startedAt: Date): Promise<void> {
  await sql.query(
    `UPDATE batch_call.attempts SET state = 'placed', started_at = $3
     WHERE token = $1 AND fence = $2 AND state = 'starting'`,
    [token, fence, startedAt.getTime()],
  );
}
