import { type DatabaseSync, inTransaction } from "../../../sqlite.ts";
import type { Claim, DialStore } from "../store.ts";
import { text } from "./columns.ts";
import { createCompletion } from "./completion.ts";
import { createClaiming } from "./dialing-claim.ts";
import { createDueTimes } from "./dialing-due.ts";
import { createEnding } from "./dialing-ending.ts";
import { createHandOver } from "./dialing-hand-over.ts";
import { toAttempt, toBatch, toTask } from "./rows.ts";

/** The dialer's half of the store on SQLite. The file must be at the newest schema. */
export function createDialStore(database: DatabaseSync): DialStore {
  const starts = createStarts(database);
  const claim = createClaiming(database);
  const handOver = createHandOver(database);
  const ending = createEnding(database);
  const dueTimes = createDueTimes(database);
  const openClaims = createOpenClaims(database);
  const atomically = <T>(work: () => T): T => inTransaction(database, work);

  return {
    runningBatches: async () => starts.running(),
    startScheduled: async (batchId, now) => atomically(() => starts.start(batchId, now)),
    hold: async (batchId, reason, now) => atomically(() => starts.hold(batchId, reason, now)),
    claim: async (request) => atomically(() => claim(request)),
    begin: async (token, now) => atomically(() => handOver.begin(token, now)),
    placed: async (token, startedAt) => atomically(() => handOver.placed(token, startedAt)),
    withdraw: async (token, why, now, notBefore) => atomically(() => ending.withdraw(token, why, now, notBefore)),
    finish: async (token, result, next, now) => atomically(() => ending.finish(token, result, next, now)),
    openAttempts: async () => openClaims(),
    nextDueAt: async (query) => dueTimes(query),
  };
}

function createStarts(database: DatabaseSync) {
  const { completeIfDone } = createCompletion(database);
  const running = database.prepare(
    "SELECT * FROM batches WHERE status IN ('scheduled', 'sent') ORDER BY created_at, id",
  );
  const start = database.prepare(
    `UPDATE batches SET status = 'sent', started_at = :now, updated_at = :now
     WHERE id = :batchId AND status = 'scheduled' AND is_paused = 0 AND scheduled_at <= :now`,
  );
  const hold = database.prepare(
    `UPDATE batches SET is_paused = 1, paused_at = :now, held_reason = :reason, updated_at = :now
     WHERE id = :batchId AND status = 'scheduled' AND is_paused = 0`,
  );

  return {
    running: () => running.all().map(toBatch),
    start(batchId: string, now: Date): boolean {
      const started = Number(start.run({ batchId, now: now.getTime() }).changes) === 1;
      if (started) completeIfDone(batchId, now);
      return started;
    },
    hold(batchId: string, reason: string, now: Date): void {
      hold.run({ batchId, reason, now: now.getTime() });
    },
  };
}

function createOpenClaims(database: DatabaseSync): () => readonly Claim[] {
  const open = database.prepare("SELECT * FROM attempts WHERE state <> 'ended' ORDER BY claimed_at, token");
  const task = database.prepare("SELECT * FROM tasks WHERE id = :id");
  const batch = database.prepare("SELECT * FROM batches WHERE id = :id");

  return () =>
    open.all().map((row) => ({
      attempt: toAttempt(row),
      task: toTask(task.get({ id: text(row, "task_id") }) ?? {}),
      batch: toBatch(batch.get({ id: text(row, "batch_id") }) ?? {}),
    }));
}
