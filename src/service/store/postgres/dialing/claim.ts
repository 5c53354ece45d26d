import { randomUUID } from "node:crypto";
import { allocateSlots } from "../../allocate-slots.ts";
import type { Claim, ClaimRequest, ClaimResult, RunningBatch } from "../../dial-store.ts";
import type { DueTask } from "../../due-task.ts";
import { withoutLineReason } from "../../line-wait.ts";
import type { StoredBatch, StoredTask } from "../../records.ts";
import { instant, known, optional, type Row, toTask } from "../../rows.ts";
import { lastDialColumn, postgres } from "../../shared/dialect.ts";
import { dialedNumberColumn } from "../../shared/fallback-numbers.ts";
import { mayRing } from "../../shared/grants.ts";
import type { SqlSession } from "../sql.ts";
import type { BatchMemory } from "./batch-memory.ts";
import { byId, toClaims } from "./claim-rows.ts";
import { firstTurnColumn, toFirstTurn } from "./due.ts";
import { renewLease } from "./leases.ts";
import { type DatabaseClock, refuseNewerSchema } from "./moment.ts";
import { type DueBatch, nearestInTurn, withAll } from "./nearest.ts";
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
  memory: BatchMemory,
): Promise<ClaimResult> {
  await session.query("SELECT pg_advisory_xact_lock(hashtextextended('batch_call.claim', 0))");
  await refuseNewerSchema(session);
  const request = { ...asked, now: await clock(session, asked.now) };
  const found = await memory.read(session, { ...ringing, values: [request.now.getTime()] });
  const batches = found.flatMap(({ batch, row }) => {
    const turn = toFirstTurn(row);
    return turn && request.isOpen(batch, request.now) ? [{ batch: withLastDial(batch, row), turn }] : [];
  });
  if (batches.length === 0) return { claims: [], isCut: false };
  const claims: Claim[] = [];
  let areAllRead = false;
  for (let left = request.limit; ; ) {
    const asOfNow = withRoomLeft({ ...request, limit: left }, claims);
    const part = await claimPart(session, owner, batches, asOfNow, areAllRead);
    claims.push(...part.claims);
    left -= part.chosen;
    const { paceOpensAt } = part;
    areAllRead = areAllRead || part.isShort;
    if (part.isComplete) return { claims, isCut: left <= 0, ...(paceOpensAt && { paceOpensAt }) };
  }
}

/** The carrier told its room before the first part of this claim. */
function withRoomLeft(request: ClaimRequest, claims: readonly Claim[]): ClaimRequest {
  const { roomOf } = request;
  if (!roomOf || claims.length === 0) return request;
  const claimed = new Map<string, number>();
  for (const { attempt } of claims) claimed.set(attempt.batchId, (claimed.get(attempt.batchId) ?? 0) + 1);
  return { ...request, roomOf: (id) => roomOf(id) - (claimed.get(id) ?? 0) };
}

const ringing = { condition: mayRing(postgres, "$1"), columns: `${lastDialColumn}, ${firstTurnColumn("$1")}` };

/** By what was read of them without it: of a thousand batches most were not dialed since the claim before. */
const dialed = new WeakMap<RunningBatch, StoredBatch>();

function withLastDial(batch: RunningBatch, row: Row): StoredBatch {
  const lastDialAt = optional(row, "last_dial_at", instant);
  const before = dialed.get(batch);
  if (before && before.lastDialAt?.getTime() === lastDialAt?.getTime()) return before;
  const { grant, ...stored } = batch;
  const after = { ...stored, ...known({ lastDialAt }) };
  dialed.set(batch, after);
  return after;
}

type ChosenTask = DueTask & { readonly fromNumber: string };

/**
 * Claims as far as the lines were read; `isComplete` unless one was used up that may go on, or a place was left free. Unless all lines are to
 * be read, those of the batches that come first are; `isShort` when they left places that others may take.
 */
async function claimPart(
  session: SqlSession,
  owner: string,
  due: readonly DueBatch[],
  asked: ClaimRequest,
  areAllRead: boolean,
) {
  const batches = due.map(({ batch }) => batch);
  const usage = await readUsage(session, batches, asked.now);
  const { nearest, roomOf, othersWait } = areAllRead ? withAll(batches, asked) : nearestInTurn(due, usage, asked);
  const request = { ...asked, ...(roomOf && { roomOf }) };
  const queues = await readQueues(session, nearest, usage, request);
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
  const isShort = othersWait(free.map(({ batch }) => batch.organizationId));
  const goesOn = free.length < chosen.length || (isUsedUp && claims.length > 0) || isShort;
  return { claims, chosen: chosen.length, paceOpensAt, isShort, isComplete: !goesOn || chosen.length >= request.limit };
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
