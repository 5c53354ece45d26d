import type { DatabaseSync } from "../../../../lib/sqlite.ts";
import type { Claim, DialStore, SharedDialing } from "../../dial-store.ts";
import { type Row, text, toAttempt, toBatch, toTask } from "../../rows.ts";
import { sqlite } from "../../shared/dialect.ts";
import { createEventWriter } from "../../shared/events.ts";
import { agreedUntilColumn } from "../../shared/grants.ts";
import { createOptOut } from "../../shared/opt-out.ts";
import { toBatchData } from "../../to-events.ts";
import { createRunNow, type GroupCommit } from "../run-work.ts";
import { createAttemptTransitions } from "./attempt-transitions.ts";
import { createClaiming } from "./claim.ts";
import { createCompletion } from "./completion.ts";
import { createEnding } from "./ending.ts";
import { fence } from "./fence.ts";
import type { WatchedBatches } from "./watched-batches.ts";

/** The dialer's half of the store on SQLite. The file must be at the newest schema. */
export function createSqliteDialStore(
  database: DatabaseSync,
  { run: commit }: GroupCommit,
  batches: WatchedBatches,
): Omit<DialStore, keyof SharedDialing> {
  const starts = createStarts(database);
  const claiming = createClaiming(database, batches);
  const handOver = createAttemptTransitions(database);
  const ending = createEnding(database);
  const claims = createClaimReader(database);
  const optOut = createOptOut(sqlite);
  const runNow = createRunNow(database);

  return {
    startScheduled: (batchId, now) => commit(() => starts.start(batchId, now)),
    completeFinished: (now) => commit(() => starts.completeFinished(now)),
    claim: (request) => commit(() => claiming(request)),
    markDialing: (claim, now, startsPerSecond) => commit(() => handOver.markDialing(claim, now, startsPerSecond)),
    mayStillDial: async (claim, now) => handOver.mayStillDial(claim, now),
    handedOver: async (batchId) => handOver.handedOver(batchId),
    markPlaced: (claim, startedAt) => commit(() => handOver.markPlaced(claim, startedAt)),
    release: (claim, why, now, notBefore, waitsForLine) =>
      commit(() => ending.release(claim, why, now, notBefore, waitsForLine)),
    complete: (claim, result, next, now) => commit(() => ending.complete(claim, result, next, now)),
    optOut: (request, now) => commit(() => runNow(optOut(request, now))),
    openAttempts: async (held) => claims.open().filter(({ attempt }) => !held.has(attempt.token)),
    getClaim: async (token) => claims.byToken(token),
    runningBatches: async () => batches.batches(),
    dueSteps: async (now) => batches.dueSteps(now),
    batchesDue: async (now, isOpen) => batches.batchesDue(now, isOpen),
    nextDueAt: async (query) => batches.nextDueAt(query),
  };
}

function createStarts(database: DatabaseSync) {
  const { completeIfDone, completeFinished } = createCompletion(database);
  const { tell } = createEventWriter(sqlite);
  const runNow = createRunNow(database);
  const start = database.prepare(
    `UPDATE batches SET status = 'sent', started_at = :now, updated_at = :now
     WHERE id = :batchId AND status = 'scheduled' AND is_paused = 0 AND scheduled_at <= :now
     RETURNING *`,
  );

  return {
    completeFinished,
    start(batchId: string, now: Date): boolean {
      const started = start.get({ batchId, now: now.getTime() });
      if (!started) return false;
      runNow(tell({ type: "batch.started", data: toBatchData(toBatch(started)) }, now));
      completeIfDone(batchId, now);
      return true;
    },
  };
}

function createClaimReader(database: DatabaseSync) {
  const open = database.prepare("SELECT * FROM attempts WHERE state <> 'ended' ORDER BY claimed_at, token");
  const byToken = database.prepare("SELECT * FROM attempts WHERE token = :token");
  const task = database.prepare("SELECT * FROM tasks WHERE id = :id");
  const batch = database.prepare(`SELECT *, ${agreedUntilColumn(sqlite)} FROM batches WHERE id = :id`);

  const toClaim = (row: Row): Claim => ({
    attempt: toAttempt(row),
    task: toTask(task.get({ id: text(row, "task_id") }) ?? {}),
    batch: toBatch(batch.get({ id: text(row, "batch_id") }) ?? {}),
    fence,
  });

  return {
    open: (): readonly Claim[] => open.all().map(toClaim),
    byToken(token: string): Claim | undefined {
      const row = byToken.get({ token });
      return row && toClaim(row);
    },
  };
}
