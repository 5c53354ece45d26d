import { randomUUID } from "node:crypto";
import { allocateSlots } from "../../allocate-slots.ts";
import type { Claim, ClaimRequest, ClaimResult } from "../../dial-store.ts";
import type { DueTask } from "../../due-task.ts";
import { withoutLineReason } from "../../line-wait.ts";
import type { StoredBatch, StoredTask } from "../../records.ts";
import { toBatch, toTask } from "../../rows.ts";
import { batchColumns, postgres } from "../../shared/dialect.ts";
import { dialedNumberColumn } from "../../shared/fallback-numbers.ts";
import { agreedUntilColumn, mayRing } from "../../shared/grants.ts";
import type { SqlSession } from "../sql.ts";
import { byId, toClaims } from "./claim-rows.ts";
import { renewLease } from "./leases.ts";
import { type DatabaseClock, refuseNewerSchema } from "./moment.ts";
import { postponeHeldBack } from "./postponing.ts";
import { readQueues } from "./queues.ts";
import { readUsage } from "./usage.ts";

/**
 * Claims for `owner`, inside the caller's transaction. One claim at a time in the whole database: the limits of
 * organizations, batches and caller ids are counted and used up without anybody in between, at an instant that is read under the same lock. Throws for a schema that
 * is newer than this program.
 */
export async function claimDue(
  session: SqlSession,
  owner: string,
  asked: ClaimRequest,
  clock: DatabaseClock,
): Promise<ClaimResult> {
  await session.query("SELECT pg_advisory_xact_lock(hashtextextended('batch_call.claim', 0))");
  await refuseNewerSchema(session);
  const request = { ...asked, now: await clock(session, asked.now) };
  const rows = await session.query(
    `SELECT ${batchColumns}, ${agreedUntilColumn(postgres)} FROM batch_call.batches WHERE ${mayRing(postgres, "$1")} ORDER BY created_at, id`,
    [request.now.getTime()],
  );
  const batches = rows.map(toBatch).filter((batch) => request.isOpen(batch, request.now));
  if (batches.length === 0) return { claims: [], isCut: false };
  const claims: Claim[] = [];
  for (let left = request.limit; ; ) {
    const part = await claimPart(session, owner, batches, { ...request, limit: left });
    claims.push(...part.claims);
    left -= part.chosen;
    const { paceOpensAt } = part;
    if (part.isComplete) return { claims, isCut: left <= 0, ...(paceOpensAt && { paceOpensAt }) };
  }
}

type ChosenTask = DueTask & { readonly fromNumber: string };

/** Claims as far as the lines were read; `isComplete` unless one was used up that may go on, or a place was left free. */
async function claimPart(session: SqlSession, owner: string, batches: readonly StoredBatch[], request: ClaimRequest) {
  const usage = await readUsage(session, batches, request.now);
  const queues = await readQueues(session, batches, usage, request);
  const chosen: ChosenTask[] = [];
  const paceOpensAt = allocateSlots(
    queues,
    usage,
    request,
    (task, fromNumber) => chosen.push({ ...task, fromNumber }) > 0,
  );
  const free = await postponeHeldBack(session, chosen, request);
  const claims = await take(session, owner, free, request.now);
  const isUsedUp = queues.some((queue) => queue.isCut && queue.first(true) === undefined);
  const goesOn = free.length < chosen.length || (isUsedUp && claims.length > 0);
  return { claims, chosen: chosen.length, paceOpensAt, isComplete: !goesOn || chosen.length >= request.limit };
}

/**
 * Commits the intention to dial. A task that somebody cancels, deletes or gives another number at this moment is left to them:
 * what was looked at are the other calls to the number that it had.
 */
async function take(
  session: SqlSession,
  owner: string,
  dueTasks: readonly ChosenTask[],
  now: Date,
): Promise<readonly Claim[]> {
  if (dueTasks.length === 0) return [];
  await renewLease(session, owner, now);
  const rows = await session.query(
    `WITH due AS (
       SELECT tasks.id, chosen.call_id FROM batch_call.tasks
         JOIN unnest($1::text[], $2::text[], $3::text[]) AS chosen (id, call_id, number) ON chosen.id = tasks.id
       WHERE status = 'pending' AND ${dialedNumberColumn} = chosen.number FOR UPDATE OF tasks SKIP LOCKED)
     UPDATE batch_call.tasks SET status = 'calling', attempt_count = attempt_count + 1, call_id = due.call_id,
       reason = ${withoutLineReason}
     FROM due WHERE tasks.id = due.id RETURNING tasks.*`,
    [
      dueTasks.map(({ taskId }) => taskId),
      dueTasks.map(() => `call_${randomUUID()}`),
      dueTasks.map(({ toNumber }) => toNumber),
    ],
  );
  const tasks = byId(rows.map(toTask));
  const taken = dueTasks.flatMap(({ taskId, fromNumber }) => {
    const task = tasks.get(taskId);
    return task ? [{ ...task, fromNumber }] : [];
  });
  const batches = byId(dueTasks.map(({ batch }) => batch));
  const claims = toClaims(await insertAttempts(session, owner, taken, batches, now), tasks, batches);
  const places = new Map(taken.map(({ id }, place) => [id, place]));
  return claims.toSorted((a, b) => (places.get(a.task.id) ?? 0) - (places.get(b.task.id) ?? 0));
}

/** Under the agreement that the batch had when it was read: what was read goes with no other. */
function insertAttempts(
  session: SqlSession,
  owner: string,
  tasks: readonly (StoredTask & { readonly fromNumber: string })[],
  batches: ReadonlyMap<string, StoredBatch>,
  now: Date,
) {
  return session.query(
    `INSERT INTO batch_call.attempts (token, task_id, batch_id, organization_id, attempt_number, call_id, from_number,
       to_number, agent_id, grant_id, state, owner, fence, claimed_at)
     SELECT tasks.id || ':' || attempt_count, tasks.id, batches.id, organization_id, attempt_count, call_id, chosen.from_number,
       ${dialedNumberColumn}, agent_id, chosen.grant_id, 'claimed', $2, nextval('batch_call.fences'), $3
     FROM batch_call.tasks JOIN batch_call.batches ON batches.id = batch_id
       JOIN unnest($1::text[], $4::text[], $5::text[]) AS chosen (id, grant_id, from_number) ON chosen.id = tasks.id
     RETURNING *`,
    [
      tasks.map(({ id }) => id),
      owner,
      now.getTime(),
      tasks.map(({ batchId }) => batches.get(batchId)?.grantId ?? null),
      tasks.map(({ fromNumber }) => fromNumber),
    ],
  );
}
