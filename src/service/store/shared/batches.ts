import { isDeepStrictEqual } from "node:util";
import { batchStatuses } from "../../../domain/batch/batch.ts";
import { triedAgain, usableCallerIds, withCallerId, withoutCallerId } from "../../../domain/batch/caller-ids.ts";
import { contentDigest } from "../../../domain/batch/fingerprint.ts";
import type { Grant } from "../../../domain/batch/grant.ts";
import type { CallingRules } from "../../../domain/batch/plan.ts";
import { mostAttemptsOf } from "../../../domain/retry-rules.ts";
import type {
  BatchChange,
  BatchStore,
  CreateResult,
  GrantChange,
  Idempotency,
  Precondition,
  Replay,
} from "../batch-store.ts";
import type { Claim, SharedDialing } from "../dial-store.ts";
import type { NewTask, StoredBatch, UnstoredBatch } from "../records.ts";
import { type EditedBatch, instant, known, optional, text } from "../rows.ts";
import { eventOfChange } from "../to-events.ts";
import { createBatchCompletion, createBatchRows } from "./batch-rows.ts";
import { createCampaignSteering } from "./campaign-steering.ts";
import type { Dialect } from "./dialect.ts";
import { createEventWriter } from "./events.ts";
import { createGrants, everybody } from "./grants.ts";
import { query, type SqlRunner, type SqlWork } from "./sql-work.ts";
import { createTaskWriter, prepareList } from "./tasks.ts";

type BatchEdits = Pick<
  BatchStore,
  | "createBatch"
  | "findReplay"
  | "getBatch"
  | "changeBatch"
  | "changeList"
  | "setPace"
  | "redialUnknown"
  | "cancelBatch"
  | "deleteBatch"
  | "setKillSwitch"
> &
  SharedDialing;

export function createBatchEdits({ run, transaction }: SqlRunner, dialect: Dialect): BatchEdits {
  const { schema, lockBatch, otherActivity } = dialect;
  const rows = createBatchRows(dialect);
  const tasks = createTaskWriter(dialect);
  const grants = createGrants(dialect);
  const memory = createIdempotencyMemory(dialect, rows.read);
  const { completeIfDone } = createBatchCompletion(dialect);
  const { tell } = createEventWriter(dialect);
  const steering = createCampaignSteering(dialect, { write, cancelPending: tasks.cancelPending });
  const lastActivity = `
    SELECT max(at) AS at FROM (
      SELECT max(claimed_at) AS at FROM ${schema}.attempts WHERE claimed_at <= $1
      UNION ALL SELECT max(recorded_at) FROM ${schema}.attempts WHERE recorded_at <= $1
      UNION ALL SELECT max(updated_at) FROM ${schema}.batches WHERE updated_at <= $1 ${otherActivity}) AS activity`;
  const firstDue = `
    SELECT min(coalesce(due_at, 0)) AS at FROM ${schema}.tasks WHERE batch_id = $1 AND status = 'pending'`;
  const runningOf = `
    SELECT organization_id, id FROM ${schema}.batches
    WHERE status IN ('scheduled', 'sent') AND (organization_id = $1 OR $1 = '${everybody}') ORDER BY id`;
  const stop = `
    INSERT INTO ${schema}.kill_switches (organization_id, since) VALUES ($1, $2) ON CONFLICT (organization_id) DO NOTHING`;
  const isSet = `SELECT 1 FROM ${schema}.kill_switches WHERE organization_id = $1`;
  const release = `DELETE FROM ${schema}.kill_switches WHERE organization_id = $1`;
  // Drafts, and what ended and may be called again: nothing of it runs, but a start of it may be on its way.
  const noteStop = `
    UPDATE ${schema}.batches SET state_version = state_version + 1 WHERE id IN (
      SELECT id FROM ${schema}.batches
      WHERE status NOT IN ('scheduled', 'sent') AND (organization_id = $1 OR $1 = '${everybody}') ORDER BY id ${lockBatch})`;
  const since = `SELECT min(since) AS since FROM ${schema}.kill_switches WHERE organization_id IN ('${everybody}', $1)`;

  function* create(
    wanted: UnstoredBatch,
    list: readonly NewTask[],
    idempotency?: Idempotency,
    grant?: GrantChange,
  ): SqlWork<CreateResult> {
    const { id, organizationId, createdAt: now } = wanted;
    if (idempotency) yield* memory.lock(organizationId, idempotency);
    const replay = idempotency && (yield* memory.find(organizationId, idempotency, now));
    if (replay) return replay;
    const prepared = prepareList(list);
    const inherited = yield* steering.inherited(wanted);
    const batch = withDigest({
      ...wanted,
      ...inherited,
      stateVersion: 0,
      ...listFacts(wanted.rules, list, prepared.listDigest),
    });
    yield* rows.insert(batch);
    yield* tasks.insertAll(organizationId, id, prepared, now);
    if (grant) yield* rows.update({ ...batch, ...known({ grantId: yield* grants.change(batch, grant, now) }) });
    if (idempotency) yield* memory.save(organizationId, idempotency, id, now);
    yield* tellChange(undefined, batch, now);
    yield* completeIfDone(id, now);
    return { kind: "created", batch: (yield* rows.read(organizationId, id)) ?? batch };
  }

  function* tellChange(before: StoredBatch | undefined, after: StoredBatch, now: Date): SqlWork<void> {
    const event = eventOfChange(before, after);
    if (event) yield* tell(event, now);
  }

  /** Writes a change of a batch that the transaction holds, and its agreement with it. `list` is its list from here on. */
  function* write(batch: StoredBatch, change: BatchChange, now: Date, list?: readonly NewTask[]): SqlWork<void> {
    const { grant, ...fields } = change;
    const { rules = batch.rules } = fields;
    const listed = list ?? (fields.rules && (yield* tasks.readAll(batch.id)));
    const facts = listed && listFacts(rules, listed, prepareList(listed).listDigest);
    const stateVersion = batch.stateVersion + (isTurn(fields) ? 1 : 0);
    const gone = isTriedAgain(batch, fields) ? { goneCallerIds: triedAgain(batch.goneCallerIds, now) } : {};
    const changed = withDigest({ ...batch, ...gone, ...fields, ...facts, stateVersion, updatedAt: now });
    if (listed) yield* tasks.endUsedUp(batch.id, rules);
    if (fields.rules && !isDeepStrictEqual(rules.quietHours, batch.rules.quietHours))
      yield* tasks.makeDueAnew(batch.id);
    // What is undefined in a change clears a field, which a stored batch spells by its absence.
    const { grantId: _, ...rest } = changed;
    const grantId = yield* grants.change(toStored(changed), grant, now);
    yield* rows.update({ ...rest, ...known({ grantId }) });
    yield* tellChange(batch, toStored(changed), now);
  }

  /** Does the work with the batch when it is as expected; undefined otherwise. */
  function* edit<T>(
    organizationId: string,
    id: string,
    expected: Precondition,
    work: (batch: StoredBatch) => SqlWork<T>,
  ): SqlWork<T | undefined> {
    const batch = yield* rows.readLocked(organizationId, id);
    return batch && meetsPrecondition(batch, expected) ? yield* work(batch) : undefined;
  }

  /** With `isStop`, what is held already has another state version from here on: a start that is on its way is refused. */
  function* hold(
    organizationId: string,
    id: string,
    whyOf: (batch: StoredBatch, grant: Grant | undefined) => string | undefined,
    now: Date,
    isStop = false,
  ): SqlWork<string | undefined> {
    return yield* edit(organizationId, id, { status: ["scheduled", "sent"] }, function* (batch) {
      const standing = yield* grants.of(batch);
      if (batch.isPaused && standing?.state !== "suspended") {
        if (isStop) yield* write(batch, { isPaused: true }, now);
        return undefined;
      }
      const heldReason = whyOf(batch, standing);
      if (heldReason === undefined) return undefined;
      yield* write(batch, toHeld(batch, heldReason, now), now);
      return heldReason;
    });
  }

  function* leaveOut({ attempt, batch: claimed }: Claim, whyHeld: string, now: Date): SqlWork<"held" | undefined> {
    const { organizationId, id } = claimed;
    return yield* edit(organizationId, id, { status: ["scheduled", "sent"] }, function* (batch) {
      const goneCallerIds = withoutCallerId(batch, attempt, now);
      if (!goneCallerIds) return undefined;
      const isLast = usableCallerIds({ ...batch, goneCallerIds }, now).length === 0;
      const mayBeHeld = !batch.isPaused || (yield* grants.of(batch))?.state === "suspended";
      const held = isLast && mayBeHeld ? toHeld(batch, whyHeld, now) : {};
      yield* write(batch, { goneCallerIds, ...held }, now);
      return isLast ? "held" : undefined;
    });
  }

  function* takeBackIn({ attempt, batch: { organizationId, id } }: Claim, now: Date): SqlWork<undefined> {
    yield* edit(organizationId, id, { status: batchStatuses }, function* (batch) {
      if (!batch.goneCallerIds) return;
      yield* write(batch, { goneCallerIds: withCallerId(batch.goneCallerIds, attempt.fromNumber) }, now);
    });
    return undefined;
  }

  return {
    createBatch: (batch, list, idempotency, grant) => transaction(create(batch, list, idempotency, grant)),
    findReplay: (organizationId, idempotency, now) => run(memory.find(organizationId, idempotency, now)),
    getBatch: (organizationId, id) => run(rows.read(organizationId, id)),
    changeBatch(organizationId, id, expected, change, now, list) {
      const work = edit(organizationId, id, expected, function* (batch) {
        const changed = change(batch, yield* grants.of(batch));
        if (list) yield* tasks.replaceAll(organizationId, id, prepareList(list), now);
        yield* write(batch, changed, now, list);
        yield* completeIfDone(id, now);
        return yield* rows.read(organizationId, id);
      });
      return transaction(work);
    },
    changeList(organizationId, id, expected, { plan, change }, now) {
      const work = edit(organizationId, id, expected, function* (batch) {
        const list = plan(batch, yield* tasks.readLocked(id));
        const leaving = yield* tasks.leave(list);
        const isOther = list.added.length + list.changed.length + list.removed.length > 0;
        if (!isOther && leaving === 0) return { batch, list };
        const changed = isOther ? change(batch, yield* grants.of(batch), list) : {};
        yield* tasks.change(batch, list, now);
        yield* write(batch, changed, now, yield* tasks.readAll(id));
        yield* completeIfDone(id, now);
        return { batch: (yield* rows.read(organizationId, id)) ?? batch, list };
      });
      return transaction(work);
    },
    redialUnknown(organizationId, id, change, now) {
      const work = edit(organizationId, id, { status: ["sent", "completed", "failed"] }, function* (batch) {
        const redialed = yield* tasks.redialUnknown(id, now);
        if (redialed === 0) return undefined;
        yield* write(batch, { ...change(batch), status: "sent" }, now);
        return yield* rows.read(organizationId, id);
      });
      return transaction(work);
    },
    cancelBatch(organizationId, id, expected, now) {
      const work = edit(organizationId, id, expected, function* (batch) {
        const unpaused = { isPaused: false, pausedAt: undefined, heldReason: undefined };
        const grant = { kind: "end", why: "The batch was cancelled." } as const;
        yield* write(batch, { ...unpaused, status: "cancelled", grant }, now);
        yield* tasks.cancelPending(id, "batch_cancelled");
        return yield* rows.read(organizationId, id);
      });
      return transaction(work);
    },
    async deleteBatch(organizationId, id, expected) {
      const work = edit(organizationId, id, expected, function* () {
        yield* rows.remove(id);
        return true;
      });
      return (await transaction(work)) ?? false;
    },
    async lastActivityAt(now) {
      const [row] = await run(query(lastActivity, [now.getTime()]));
      return row && optional(row, "at", instant);
    },
    async firstDueAt(batchId) {
      const [row] = await run(query(firstDue, [batchId]));
      return row && optional(row, "at", instant);
    },
    leaveOutCallerId: async (claim, whyHeld, now) => (await transaction(leaveOut(claim, whyHeld, now))) ?? "left_out",
    callerIdIsBack: (claim, now) => transaction(takeBackIn(claim, now)),
    steer: ({ organizationId, id }, now) => transaction(steering.steer(organizationId, id, now)),
    setPace: (organizationId, id, pace, now) => transaction(steering.setPace(organizationId, id, pace, now)),
    hold: ({ organizationId, id }, whyOf, now) => transaction(hold(organizationId, id, whyOf, now)),
    async setKillSwitch(organizationId, isOn, why, now) {
      // The switch first, by itself: from then on nothing new is claimed, however long the rest takes.
      if (isOn) await run(query(stop, [organizationId, now.getTime()]));
      else if ((await run(query(isSet, [organizationId]))).length === 0) return [];
      // Before a release too: the process that stopped may have died before it came to the last batch.
      const held: string[] = [];
      for (const row of await run(query(runningOf, [organizationId]))) {
        const id = text(row, "id");
        if (await transaction(hold(text(row, "organization_id"), id, () => why, now, true))) held.push(id);
      }
      await transaction(query(noteStop, [organizationId]));
      if (!isOn) await run(query(release, [organizationId]));
      return held;
    },
    async stoppedSince(organizationId) {
      const [row] = await run(query(since, [organizationId]));
      return row && optional(row, "since", instant);
    },
  };
}

/** A change after which a start that was planned before it is another one. */
function isTurn(change: BatchChange): boolean {
  return "status" in change || "isPaused" in change || "scheduledAt" in change || "notBeforeLocal" in change;
}

/** A list, as far as its batch tells of it. */
function listFacts(rules: CallingRules, list: readonly NewTask[], listDigest: string) {
  return { listDigest, maxAttempts: mostAttemptsOf(rules, list) };
}

function withDigest<T extends Omit<EditedBatch, "contentDigest">>(batch: T): T & Pick<StoredBatch, "contentDigest"> {
  return { ...batch, contentDigest: contentDigest(batch) };
}

function toStored({
  pausedAt,
  heldReason,
  scheduledAt,
  notBeforeLocal,
  consent,
  answersWanted,
  steering,
  goneCallerIds,
  ...batch
}: EditedBatch): StoredBatch {
  return {
    ...batch,
    ...known({ pausedAt, heldReason, scheduledAt, notBeforeLocal, consent, answersWanted, steering, goneCallerIds }),
  };
}

function toHeld({ pausedAt }: StoredBatch, heldReason: string, now: Date): BatchChange {
  return { isPaused: true, pausedAt: pausedAt ?? now, heldReason, grant: { kind: "end", why: heldReason } };
}

/** Whether all caller ids are tried again after a change: of what is resumed or started, and of a batch that gets others. */
function isTriedAgain(before: StoredBatch, { isPaused, fromNumber, rules }: BatchChange): boolean {
  if (isPaused === false) return true;
  if (fromNumber !== undefined && fromNumber !== before.fromNumber) return true;
  return rules !== undefined && !isDeepStrictEqual(rules.moreFromNumbers, before.rules.moreFromNumbers);
}

function meetsPrecondition(batch: StoredBatch, { status, isPaused }: Precondition): boolean {
  return status.includes(batch.status) && (isPaused === undefined || batch.isPaused === isPaused);
}

const keptMs = 30 * 24 * 60 * 60 * 1000;
/** No index leads to the old ones: looking for them reads all. What is old is not found in between either. */
const forgetEveryMs = 60 * 60 * 1000;

/** The memory of `Idempotency-Key`; parts of the caller's transaction. */
export function createIdempotencyMemory(
  { schema, skipLocked, lockName }: Dialect,
  readBatch: (organizationId: string, id: string) => SqlWork<StoredBatch | undefined>,
) {
  const find = `
    SELECT body_hash, batch_id FROM ${schema}.idempotent_requests
    WHERE organization_id = $1 AND key = $2 AND created_at > $3`;
  // Those that another request is forgetting at this moment are left to it.
  const forgetOld = `
    DELETE FROM ${schema}.idempotent_requests WHERE (organization_id, key) IN (
      SELECT organization_id, key FROM ${schema}.idempotent_requests WHERE created_at <= $1 ${skipLocked})`;
  const save = `
    INSERT INTO ${schema}.idempotent_requests (organization_id, key, body_hash, batch_id, created_at)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (organization_id, key) DO UPDATE SET body_hash = $3, batch_id = $4, created_at = $5`;
  let forgetAt = 0;

  return {
    /** Makes requests with the same key wait for each other, to the end of the transaction. */
    *lock(organizationId: string, { key }: Idempotency): SqlWork<void> {
      if (lockName) yield* query(lockName, [JSON.stringify(["Idempotency-Key", organizationId, key])]);
    },
    *find(organizationId: string, { key, bodyHash }: Idempotency, now: Date): SqlWork<Replay | undefined> {
      const [row] = yield* query(find, [organizationId, key, now.getTime() - keptMs]);
      if (!row) return undefined;
      if (text(row, "body_hash") !== bodyHash) return { kind: "key_reused" };
      const batch = yield* readBatch(organizationId, text(row, "batch_id"));
      return batch ? { kind: "replayed", batch } : { kind: "deleted" };
    },
    *save(organizationId: string, { key, bodyHash }: Idempotency, batchId: string, now: Date): SqlWork<void> {
      if (now.getTime() >= forgetAt) {
        yield* query(forgetOld, [now.getTime() - keptMs]);
        forgetAt = now.getTime() + forgetEveryMs;
      }
      yield* query(save, [organizationId, key, bodyHash, batchId, now.getTime()]);
    },
  };
}
