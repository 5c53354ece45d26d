import { randomUUID } from "node:crypto";
import { allowanceOf, campaignKey, type SteeringFacts, steeringKey } from "../../../../domain/batch/steering.ts";
import type { DatabaseSync } from "../../../../lib/sqlite.ts";
import { allocateSlots, paceWindowMs, type SlotQueue, type SlotUsage, toUnreadQueue } from "../../allocate-slots.ts";
import type { Claim, ClaimRequest, ClaimResult } from "../../dial-store.ts";
import type { DueTask } from "../../due-task.ts";
import { withoutLineReason } from "../../line-wait.ts";
import { dialedNumber, type StoredAttempt, type StoredBatch, type StoredTask } from "../../records.ts";
import { known, optional, text, toBatch, toTask, whole } from "../../rows.ts";
import { campaignOf } from "../../shared/campaign.ts";
import { sqlite } from "../../shared/dialect.ts";
import { agreedUntilColumn, mayRing } from "../../shared/grants.ts";
import { createSteeringFacts } from "../../shared/steering.ts";
import type { WatchedBatch } from "../../watched-batches.ts";
import { createRunNow } from "../run-work.ts";
import { fence } from "./fence.ts";
import { createPostponing } from "./postponing.ts";
import { createQueues } from "./queues.ts";
import type { WatchedBatches } from "./watched-batches.ts";

/**
 * Builds `claim`, which runs inside the caller's write transaction: nobody else claims or edits meanwhile. The batches in memory say
 * where somebody may be due; whether they may be called is read of each batch before its line is.
 */
export function createClaiming(
  database: DatabaseSync,
  batches: Pick<WatchedBatches, "dueGroups" | "dueOf" | "noteLine">,
): (request: ClaimRequest) => ClaimResult {
  const usageAt = createUsage(database);
  const queueOf = createQueues(database);
  const take = createTake(database);
  const postpone = createPostponing(database);
  const dialing = database.prepare(
    `SELECT *, ${agreedUntilColumn(sqlite)} FROM batches WHERE ${mayRing(sqlite, "?")} AND id = ?`,
  );

  return (request) => {
    const { now, isOpen } = request;
    const openQueue = ({ id }: StoredBatch): SlotQueue | undefined => {
      const row = dialing.get(now.getTime(), id);
      const queue = row && queueOf(toBatch(row), now);
      // What was expected here is not: it is looked at again.
      if (queue?.first(true) === undefined) batches.noteLine(id);
      return queue && isOpen(queue.batch, now) ? queue : undefined;
    };
    const groups = batches.dueGroups(now, isOpen);
    if (groups.length === 0) return { claims: [], isCut: false };
    const usage = usageAt(now);
    const mayDial = ({ batch, agreedMs }: WatchedBatch): boolean => now.getTime() < agreedMs && isOpen(batch, now);
    const toQueue = ({ batch, waiting }: WatchedBatch): SlotQueue => toUnreadQueue(batch, waiting?.turn, openQueue);
    const busy = [...usage.busyBatches].flatMap((id) => batches.dueOf(id) ?? []).filter((batch) => !batch.isSteered);
    const queues = [...groups.flatMap(({ steeredDue }) => steeredDue.items), ...busy].filter(mayDial).map(toQueue);
    const idle = groups.map(({ organizationId, due }) => {
      const others = due.items.values();
      const next = (): SlotQueue | undefined => {
        for (const batch of others) if (mayDial(batch) && !usage.busyBatches.has(batch.batch.id)) return toQueue(batch);
        return undefined;
      };
      return { organizationId, next };
    });
    const claims: Claim[] = [];
    let heldBack = 0;
    const place = (task: DueTask, fromNumber: string): boolean => {
      const isFree = !postpone(task, request);
      if (isFree) claims.push(take(task, fromNumber, now));
      else heldBack += 1;
      return isFree;
    };
    const paceOpensAt = allocateSlots(queues, usage, request, place, idle);
    const isCut = claims.length + heldBack >= request.limit;
    return { claims, isCut, ...(paceOpensAt && { paceOpensAt }) };
  };
}

/** Commits the intention to dial: the task is `calling`, its attempt `claimed`. */
function createTake(database: DatabaseSync): (task: DueTask, fromNumber: string, now: Date) => Claim {
  // Plain `?` here and in the other steps of a call: parameters by name take several times as long to bind.
  const take = database.prepare(
    `UPDATE tasks SET status = 'calling', attempt_count = attempt_count + 1, call_id = ?, reason = ${withoutLineReason}
     WHERE id = ? RETURNING *`,
  );
  const insert = database.prepare(
    `INSERT INTO attempts (token, task_id, batch_id, organization_id, attempt_number, call_id, from_number, to_number, agent_id, claimed_at, grant_id, state)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'claimed')`,
  );

  return ({ batch, taskId }, from, now) => {
    const callId = `call_${randomUUID()}`;
    const task = toTask(take.get(callId, taskId) ?? {});
    const attempt = toClaimedAttempt(task, batch, { callId, fromNumber: from }, now);
    const { token, batchId, organizationId, attemptNumber, fromNumber, toNumber, agentId, grantId } = attempt;
    insert.run(
      token,
      taskId,
      batchId,
      organizationId,
      attemptNumber,
      callId,
      fromNumber,
      toNumber,
      agentId,
      now.getTime(),
      grantId ?? null,
    );
    return { attempt, task, batch, fence };
  };
}

function toClaimedAttempt(
  task: StoredTask,
  batch: StoredBatch,
  chosen: Pick<StoredAttempt, "callId" | "fromNumber">,
  now: Date,
): StoredAttempt {
  return {
    token: `${task.id}:${task.attemptCount}`,
    taskId: task.id,
    batchId: batch.id,
    organizationId: batch.organizationId,
    attemptNumber: task.attemptCount,
    ...chosen,
    toNumber: dialedNumber(task),
    agentId: batch.agentId,
    state: "claimed",
    claimedAt: now,
    ...known({ grantId: batch.grantId }),
  };
}

/** Ids of the batches with calls in progress. */
type BusyBatches = { readonly busyBatches: ReadonlySet<string> };

/** Builds a reader of what is in use; the claim reads it inside its write transaction. */
export function createUsage(database: DatabaseSync): (now: Date) => SlotUsage & BusyBatches {
  const open = database.prepare(
    `SELECT attempts.organization_id, batch_id, campaign_id, count(*) AS n FROM attempts JOIN batches ON batches.id = batch_id
     WHERE state <> 'ended' GROUP BY attempts.organization_id, batch_id`,
  );
  // A claim dated after `now` comes from before the clock was set back; it must not stop the caller id until then.
  const recentWhere = (condition: string) =>
    database.prepare(
      `SELECT json_group_array(claimed_at) AS starts FROM (
         SELECT claimed_at FROM attempts WHERE ${condition} AND claimed_at > :since AND claimed_at <= :now
         ORDER BY claimed_at DESC)`,
    );
  const recent = recentWhere("from_number = :of");
  const recentOfCampaign = recentWhere(
    `organization_id = :organizationId AND batch_id IN ${campaignOf(sqlite, ":of")}`,
  );
  const runNow = createRunNow(database);
  const steeringFacts = createSteeringFacts(sqlite);

  return (now) => {
    const ofOrganization = new Map<string, number>();
    const ofBatch = new Map<string, number>();
    const ofCampaign = new Map<string, number>();
    for (const row of open.all()) {
      const [organizationId, id, n] = [text(row, "organization_id"), text(row, "batch_id"), whole(row, "n")];
      const campaign = campaignKey({ id, ...known({ campaignId: optional(row, "campaign_id", text) }) });
      add(ofOrganization, organizationId, n);
      add(ofBatch, id, n);
      add(ofCampaign, `${organizationId} ${campaign}`, n);
    }
    const window = { now: now.getTime(), since: now.getTime() - paceWindowMs };
    const counted = new Map<string, SteeringFacts>();
    /** Counted once for all batches that are steered as one. */
    const factsOf = (batch: StoredBatch): SteeringFacts => {
      const key = steeringKey(batch);
      const facts = counted.get(key) ?? runNow(steeringFacts(batch));
      counted.set(key, facts);
      return facts;
    };
    return {
      busyBatches: new Set(ofBatch.keys()),
      openOfOrganization: (id) => ofOrganization.get(id) ?? 0,
      openOfBatch: (id) => ofBatch.get(id) ?? 0,
      startsOf: (fromNumber) => readInstants(text(recent.get({ of: fromNumber, ...window }) ?? {}, "starts")),
      openOfCampaign: (batch) => ofCampaign.get(`${batch.organizationId} ${campaignKey(batch)}`) ?? 0,
      startsOfCampaign: ({ id, organizationId }) =>
        readInstants(text(recentOfCampaign.get({ of: id, organizationId, ...window }) ?? {}, "starts")),
      allowanceOf: (batch) => allowanceOf(batch, factsOf(batch), now),
    };
  };
}

function add(counts: Map<string, number>, key: string, n: number): void {
  counts.set(key, (counts.get(key) ?? 0) + n);
}

// Safe: the statement makes the list, of a column that holds whole numbers only.
function readInstants(json: string): readonly Date[] {
  const list: readonly number[] = JSON.parse(json);
  return list.map((at) => new Date(at));
}
