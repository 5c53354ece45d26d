import { createHash, randomBytes } from "node:crypto";
import { outcomes, taskStatuses } from "../../../domain/batch/batch.ts";
import type { Grant } from "../../../domain/batch/grant.ts";
import type { CallingRules } from "../../../domain/batch/plan.ts";
import { leavingReason, removedReason } from "../../../domain/batch/taken-out.ts";
import { allowedAttempts, isUnreached } from "../../../domain/retry-rules.ts";
import type { BatchFacts, BatchStore, ListChange, WaitingGroup } from "../batch-store.ts";
import { hasLineReason } from "../line-wait.ts";
import type { NewTask, StoredBatch, StoredTask } from "../records.ts";
import { instant, known, ms, oneOf, optional, type Row, text, toGrant, toTask, whole } from "../rows.ts";
import type { Dialect } from "./dialect.ts";
import { createDoNotCallFinder } from "./do-not-call.ts";
import { doNotCallReason } from "./drop-listed.ts";
import { readPage } from "./pages.ts";
import { excludedReason } from "./recent-calls.ts";
import { mayStillRing } from "./sends.ts";
import { query, type SqlRunner, type SqlWork } from "./sql-work.ts";

/** Writes the list of a batch; parts of the caller's transaction. */
export function createTaskWriter(dialect: Dialect) {
  const { schema, rowsOf, isOneOf, lockTasks } = dialect;
  const findListed = createDoNotCallFinder(dialect);
  // All rows in one parameter: quicker than a statement for each on either database.
  const insert = `
    INSERT INTO ${schema}.tasks (id, batch_id, row_number, to_number, variables_json, max_retries, status, reason,
      fallback_number, timezone, not_before, due_at, created_at)
    SELECT value ->> 0, $1, CAST(value ->> 1 AS INTEGER), value ->> 2, value ->> 3, CAST(value ->> 4 AS INTEGER),
      value ->> 5, value ->> 6, value ->> 7, value ->> 8, CAST(value ->> 9 AS BIGINT), CAST(value ->> 9 AS BIGINT), $2
    FROM ${rowsOf("$3")}`;
  const cancelPending = `
    UPDATE ${schema}.tasks SET status = 'cancelled', reason = $2, due_at = NULL
    WHERE batch_id = $1 AND status = 'pending'`;
  const redial = `
    UPDATE ${schema}.tasks SET status = 'pending', reason = NULL, due_at = $2
    WHERE batch_id = $1 AND status = 'unknown' AND coalesce(reason, '') NOT LIKE '${leavingReason}%' RETURNING 1`;
  const readAll = `SELECT * FROM ${schema}.tasks WHERE batch_id = $1 ORDER BY row_number`;
  const readLocked = `${readAll} ${lockTasks}`;
  const remove = `
    UPDATE ${schema}.tasks SET status = 'cancelled', reason = '${removedReason}', due_at = NULL
    WHERE ${isOneOf("id", "$1")}`;
  const removeFromDraft = `DELETE FROM ${schema}.tasks WHERE ${isOneOf("id", "$1")}`;
  // A retry without a due time would never be due.
  const rewrite = `
    UPDATE ${schema}.tasks SET variables_json = list.value ->> 1, max_retries = CAST(list.value ->> 2 AS INTEGER),
      status = list.value ->> 3, reason = list.value ->> 4, fallback_number = list.value ->> 5,
      fallback_after = CAST(list.value ->> 6 AS INTEGER),
      timezone = list.value ->> 7, not_before = CAST(list.value ->> 8 AS BIGINT),
      due_at = CASE WHEN attempt_count > 0 THEN coalesce(due_at, $2) ELSE CAST(list.value ->> 8 AS BIGINT) END
    FROM ${rowsOf("$1")} WHERE tasks.id = list.value ->> 0`;
  // Not those whose call had an unknown end: somebody agreed to call them again, whatever the rules say.
  const waitingForRetry = `
    SELECT * FROM ${schema}.tasks
    WHERE batch_id = $1 AND (id = $2 OR $2 IS NULL) AND status = 'pending' AND outcome IS NOT NULL ${lockTasks}`;
  const correctFallback = `
    UPDATE ${schema}.tasks SET fallback_number = list.value ->> 1
    FROM ${rowsOf("$1")} WHERE tasks.id = list.value ->> 0 AND fallback_after IS NULL`;
  const leave = `
    UPDATE ${schema}.tasks SET reason = '${leavingReason}' || coalesce(reason, 'its call goes on')
    WHERE ${isOneOf("id", "$1")} AND coalesce(reason, '') NOT LIKE '${leavingReason}%' RETURNING 1`;
  const stay = `
    UPDATE ${schema}.tasks SET reason = substr(reason, ${leavingReason.length + 1})
    WHERE ${isOneOf("id", "$1")} AND reason LIKE '${leavingReason}%'`;
  const dueAnew = `
    UPDATE ${schema}.tasks SET due_at = not_before
    WHERE batch_id = $1 AND status = 'pending' AND attempt_count = 0 AND due_at IS NOT NULL`;
  const fallBack = `
    UPDATE ${schema}.tasks SET fallback_after = attempt_count,
      reason = 'no attempt is left to the first number by the rules of the batch; the fallback number is called next'
    WHERE ${isOneOf("id", "$1")}`;
  const useUp = `
    UPDATE ${schema}.tasks SET status = 'failed', reason = 'no attempt is left by the rules of the batch', due_at = NULL
    WHERE ${isOneOf("id", "$1")}`;

  /** Those on the do-not-call list are written as cancelled. */
  function* insertAll(organizationId: string, batchId: string, { tasks }: PreparedList, now: Date): SqlWork<void> {
    const numbers = tasks.map(({ toNumber }) => toNumber);
    const listed = yield* findListed(organizationId, numbers);
    const newTaskId = createTaskIds();
    const rows = tasks.map(({ row, toNumber, variables, maxRetries, fallbackNumber, timezone, notBeforeMs }) => {
      const [status, reason] = listed.has(toNumber) ? ["cancelled", doNotCallReason] : ["pending", null];
      const own = [newTaskId(), row, toNumber, variables, maxRetries, status, reason];
      return [...own, fallbackNumber, timezone, notBeforeMs];
    });
    yield* query(insert, [batchId, now.getTime(), JSON.stringify(rows)]);
  }

  function* rewriteAll(organizationId: string, changed: readonly StoredTask[], now: Date): SqlWork<void> {
    const listed = yield* findListed(
      organizationId,
      changed.map(({ toNumber }) => toNumber),
    );
    const rows = changed.map((task) => {
      const { id, toNumber, variables, maxRetries = null, fallbackNumber = null, fallbackAfter = null } = task;
      const isLeft = fallbackAfter === null || fallbackNumber !== null;
      const whyNot = isLeft
        ? undefined
        : ["failed", "the first number was not reached, and there is no fallback number"];
      const [status, reason] = listed.has(toNumber) ? ["cancelled", doNotCallReason] : (whyNot ?? ["pending", null]);
      const said = [id, JSON.stringify(variables), maxRetries, status, reason, fallbackNumber];
      return [...said, isLeft ? fallbackAfter : null, task.timezone ?? null, ms(task.notBefore)];
    });
    yield* query(rewrite, [JSON.stringify(rows), now.getTime()]);
  }

  return {
    insertAll,
    /** The list under a lock of its own, besides that of its batch: claims take tasks without the batch. */
    *readLocked(batchId: string): SqlWork<readonly StoredTask[]> {
      return (yield* query(readLocked, [batchId])).map(toTask);
    },
    /** Carries out a change that was planned under the lock. */
    *change({ organizationId, id, status }: StoredBatch, list: ListChange, now: Date): SqlWork<void> {
      const gone = list.removed.map((task) => task.id);
      yield* query(status === "draft" ? removeFromDraft : remove, [gone]);
      // Of a call under way only what follows it can change.
      const calling = list.changed.filter(isUnderWay);
      const others = list.changed.filter((task) => !isUnderWay(task));
      if (others.length > 0) yield* rewriteAll(organizationId, others, now);
      const fallbacks = calling.map((task) => [task.id, task.fallbackNumber ?? null]);
      if (fallbacks.length > 0) {
        yield* query(correctFallback, [JSON.stringify(fallbacks)]);
        yield* query(stay, [calling.map((task) => task.id)]);
      }
      if (list.added.length > 0) yield* insertAll(organizationId, id, prepareList(list.added), now);
    },
    /** Nobody of these is called again when their call ends: it is committed with its outcome. Returns of how many that is new. */
    *leave({ leaving }: ListChange): SqlWork<number> {
      return leaving.length === 0 ? 0 : (yield* query(leave, [leaving.map(({ id }) => id)])).length;
    },
    /** Ends the wait of all, or of one, who have no attempt left by these rules, which may allow fewer than before. */
    *endUsedUp(batchId: string, rules: CallingRules, taskId?: string): SqlWork<void> {
      const waiting = (yield* query(waitingForRetry, [batchId, taskId ?? null])).map(toTask);
      const usedUp = waiting.filter(
        ({ attemptCount, maxRetries, fallbackAfter = 0 }) =>
          attemptCount - fallbackAfter >= allowedAttempts(rules, maxRetries),
      );
      const next = usedUp.filter(mayFallBack).map(({ id }) => id);
      const over = usedUp.filter((task) => !mayFallBack(task)).map(({ id }) => id);
      if (next.length > 0) yield* query(fallBack, [next]);
      if (over.length > 0) yield* query(useUp, [over]);
    },
    /** Looks again at those who were put off and never called: other hours may suit them sooner. */
    *makeDueAnew(batchId: string): SqlWork<void> {
      yield* query(dueAnew, [batchId]);
    },
    *replaceAll(organizationId: string, batchId: string, list: PreparedList, now: Date): SqlWork<void> {
      yield* query(`DELETE FROM ${schema}.tasks WHERE batch_id = $1`, [batchId]);
      yield* insertAll(organizationId, batchId, list, now);
    },
    /** Cancels who waits, with that reason. */
    *cancelPending(batchId: string, reason: string): SqlWork<void> {
      yield* query(cancelPending, [batchId, reason]);
    },
    /** Puts those of whom nothing is known back to pending; returns how many. */
    *redialUnknown(batchId: string, now: Date): SqlWork<number> {
      return (yield* query(redial, [batchId, now.getTime()])).length;
    },
    /** Those on the list, without those who were taken out: what its name is computed of. */
    *readAll(batchId: string): SqlWork<readonly NewTask[]> {
      return (yield* query(readAll, [batchId])).map(toTask).filter(isOnList);
    },
  };
}

/** False for somebody who was taken out of the list. */
export function isOnList({ status, reason }: Pick<StoredTask, "status" | "reason">): boolean {
  return status !== "cancelled" || reason !== removedReason;
}

/** Whether their call is under way, or has an end that nobody knows. */
export function isUnderWay({ status }: Pick<StoredTask, "status">): boolean {
  return status === "calling" || status === "unknown";
}

/** Whether the fallback number follows when no attempt is left to the first one; its last check before a dial is still to come. */
function mayFallBack({ fallbackNumber, fallbackAfter, outcome }: StoredTask): boolean {
  return fallbackNumber !== undefined && fallbackAfter === undefined && outcome !== undefined && isUnreached(outcome);
}

type PreparedTask = {
  readonly row: number;
  readonly toNumber: string;
  /** JSON text. */
  readonly variables: string;
  readonly maxRetries: number | null;
  readonly fallbackNumber: string | null;
  readonly timezone: string | null;
  readonly notBeforeMs: number | null;
};

/** A list as it is written, and its name. */
type PreparedList = { readonly tasks: readonly PreparedTask[]; readonly listDigest: string };

/**
 * The name of a list is that of what it stores: rows, numbers, fallback numbers, variables, their own retries, zones and times
 * before which they are not called. SHA-256, hex. A list without some of these has the name that it had before there were any.
 */
export function prepareList(list: readonly NewTask[]): PreparedList {
  const hash = createHash("sha256");
  const tasks = list.map((task) => {
    const { row, toNumber, maxRetries = null, fallbackNumber = null, timezone = null } = task;
    const variables = JSON.stringify(task.variables);
    const notBeforeMs = ms(task.notBefore);
    const numbers = fallbackNumber === null ? toNumber : `${toNumber}>${fallbackNumber}`;
    const clock = timezone === null && notBeforeMs === null ? "" : `@${timezone ?? ""}@${notBeforeMs ?? ""}`;
    hash.update(`${row} ${numbers}${clock} ${maxRetries} ${variables}\n`);
    return { row, toNumber, variables, maxRetries, fallbackNumber, timezone, notBeforeMs };
  });
  return { tasks, listDigest: hash.digest("hex") };
}

/**
 * Makes the ids of one list. They are random in their first part and counted in their last: rows that are dialed one
 * after another then stand side by side in every index, which spares the store most of its page writes.
 */
function createTaskIds(): () => string {
  const list = randomBytes(12).toString("hex");
  let made = 0;
  return () => {
    made += 1;
    return `task_${list}${made.toString(16).padStart(8, "0")}`;
  };
}

export function createTaskStore({ run }: SqlRunner, { schema }: Dialect): Pick<BatchStore, "listTasks"> {
  const matching = `
    FROM ${schema}.tasks JOIN ${schema}.batches ON batches.id = tasks.batch_id
    WHERE tasks.batch_id = $1 AND batches.organization_id = $2
      AND (tasks.status = $3 OR $3 IS NULL) AND (tasks.outcome = $4 OR $4 IS NULL)`;

  return {
    listTasks(organizationId, batchId, { status, outcome }, page) {
      const parameters = [batchId, organizationId, status ?? null, outcome ?? null];
      const listing = { columns: "tasks.*", matching, parameters, keys: ["tasks.row_number"], order: "ASC" } as const;
      return run(readPage(listing, page, toTask));
    },
  };
}

/** Counts who waits in one statement: most of a batch are alike, so that a thousand tasks are a few rows. */
export function createWaiting({ run }: SqlRunner, { schema }: Dialect): BatchStore["waiting"] {
  const groups = (columns: string) => `
    SELECT ${columns}, not_before, due_at, CASE WHEN attempt_count > 0 THEN 1 ELSE 0 END AS attempts,
      CASE WHEN ${hasLineReason} THEN reason END AS reason, count(*) AS recipients
    FROM ${schema}.tasks WHERE batch_id = $1 AND status = 'pending' GROUP BY 1, 2, 3, 4, 5, 6, 7`;
  const alike = groups("NULL AS to_number, NULL AS timezone, 0 AS is_second");
  const apart = groups(
    "CASE WHEN fallback_after IS NULL THEN to_number ELSE fallback_number END AS to_number, timezone, CASE WHEN fallback_after IS NULL THEN 0 ELSE 1 END AS is_second",
  );
  return async (batchId, byClock) =>
    (await run(query(byClock ? apart : alike, [batchId]))).map(
      (row): WaitingGroup => ({
        toNumber: optional(row, "to_number", text) ?? "",
        ...(whole(row, "is_second") > 0 && { isSecond: true }),
        attemptCount: whole(row, "attempts"),
        recipients: whole(row, "recipients"),
        ...known({
          timezone: optional(row, "timezone", text),
          notBefore: optional(row, "not_before", instant),
          dueAt: optional(row, "due_at", instant),
          reason: optional(row, "reason", text),
        }),
      }),
    );
}

const minuteMs = 60_000;
/** Within which a carrier takes an attempt on that passed its last check. */
const dispatchMs = 60_000;

/** Counts many batches in a few statements. */
export function createFacts({ run }: SqlRunner, { schema, isOneOf }: Dialect): BatchStore["facts"] {
  const groups = `
    SELECT batch_id, status, outcome, count(*) AS recipients, count(*) FILTER (WHERE attempt_count > 0) AS dialed,
      min(coalesce(due_at, 0)) AS next_due_at
    FROM ${schema}.tasks WHERE ${isOneOf("batch_id", "$1")} GROUP BY batch_id, status, outcome`;
  // The index knows when an attempt began, and only that bounds how much of it is read.
  const starts = `
    SELECT batch_id, count(*) AS started FROM ${schema}.attempts
    WHERE ${isOneOf("batch_id", "$1")} AND begun_at > $2 AND started_at > $3 GROUP BY batch_id`;

  // Few are cancelled, and fewer asked for it: the index leads to these rows alone.
  const dropped = `
    SELECT batch_id, count(*) FILTER (WHERE reason LIKE '${doNotCallReason}%') AS listed,
      count(*) FILTER (WHERE reason = '${excludedReason}') AS excluded
    FROM ${schema}.tasks WHERE ${isOneOf("batch_id", "$1")} AND status = 'cancelled' GROUP BY batch_id`;
  const optedOut = `
    SELECT batch_id, count(DISTINCT task_id) AS recipients FROM ${schema}.attempts
    WHERE ${isOneOf("batch_id", "$1")} AND opted_out_at IS NOT NULL GROUP BY batch_id`;

  const ringing = mayStillRing({ schema, isOneOf });
  const granted = `
    SELECT grants.* FROM ${schema}.grants JOIN ${schema}.batches ON batches.grant_id = grants.id
    WHERE ${isOneOf("batches.id", "$1")}`;

  function* count(batchIds: readonly string[], now: Date): SqlWork<ReadonlyMap<string, BatchFacts>> {
    const tallies = new Map(batchIds.map((id) => [id, emptyTally()]));
    for (const row of yield* query(granted, [batchIds])) tallyOf(tallies, row).grant = toGrant(row);
    for (const row of yield* query(groups, [batchIds])) addGroup(tallyOf(tallies, row), row);
    for (const row of yield* query(dropped, [batchIds])) {
      const tally = tallyOf(tallies, row);
      tally.doNotCall = whole(row, "listed");
      tally.excluded = whole(row, "excluded");
    }
    for (const row of yield* query(optedOut, [batchIds])) tallyOf(tallies, row).optedOut = whole(row, "recipients");
    for (const row of yield* query(ringing, [batchIds])) tallyOf(tallies, row).mayStillRing = whole(row, "calls");
    const since = now.getTime() - minuteMs;
    for (const row of yield* query(starts, [batchIds, since - dispatchMs, since]))
      tallyOf(tallies, row).callsPerMinute = whole(row, "started");
    return tallies;
  }

  return (batchIds, now) => run(count(batchIds, now));
}

/** The facts of a batch while they are being counted. */
type Tally = {
  counts: { -readonly [K in keyof BatchFacts["counts"]]: number };
  outcomes: { -readonly [K in keyof BatchFacts["outcomes"]]: number };
  sent: number;
  neverCalled: number;
  optedOut: number;
  doNotCall: number;
  excluded: number;
  callsPerMinute: number;
  mayStillRing?: number;
  nextDueAt?: Date;
  grant?: Grant;
};

function emptyTally(): Tally {
  return {
    counts: { total: 0, pending: 0, calling: 0, completed: 0, failed: 0, unknown: 0, cancelled: 0 },
    outcomes: { answered: 0, no_answer: 0, busy: 0, voicemail: 0, failed: 0 },
    sent: 0,
    neverCalled: 0,
    optedOut: 0,
    doNotCall: 0,
    excluded: 0,
    callsPerMinute: 0,
  };
}

function tallyOf(tallies: Map<string, Tally>, row: Row): Tally {
  const tally = tallies.get(text(row, "batch_id"));
  if (!tally) throw new Error("The store counted a batch that was not asked for.");
  return tally;
}

/** Adds tasks of one batch that have status and outcome in common. */
function addGroup(tally: Tally, row: Row): void {
  const recipients = whole(row, "recipients");
  const status = oneOf(row, "status", taskStatuses);
  const outcome = optional(row, "outcome", (from, column) => oneOf(from, column, outcomes));
  tally.counts[status] += recipients;
  tally.counts.total += recipients;
  tally.sent += whole(row, "dialed");
  if (status === "cancelled") tally.neverCalled += recipients - whole(row, "dialed");
  if (outcome) tally.outcomes[outcome] += recipients;
  if (status === "pending") keepEarlier(tally, optional(row, "next_due_at", instant));
}

function keepEarlier(tally: Tally, dueAt: Date | undefined): void {
  if (dueAt && (!tally.nextDueAt || dueAt < tally.nextDueAt)) tally.nextDueAt = dueAt;
}
