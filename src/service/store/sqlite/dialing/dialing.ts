import type { DatabaseSync } from "../../../../lib/sqlite.ts";
import { type Row, text } from "../../columns.ts";
import type { Claim, DialStore } from "../../dial-store.ts";
import { toAttempt, toBatch, toTask } from "../../rows.ts";
import { createHandOver } from "./attempt-transitions.ts";
import { createClaiming } from "./claim.ts";
import { createCompletion } from "./completion.ts";
import { createDueTimes } from "./due.ts";
import { createEnding } from "./ending.ts";
import { fence } from "./fence.ts";
import type { GroupCommit } from "./group-commit.ts";

/** The dialer's half of the store on SQLite. The file must be at the newest schema. */
export function createSqliteDialStore(database: DatabaseSync, { run: commit }: GroupCommit): DialStore {
  const starts = createStarts(database);
  const claiming = createClaiming(database);
  const handOver = createHandOver(database);
  const ending = createEnding(database);
  const dueTimes = createDueTimes(database);
  const claims = createClaimReader(database);

  return {
    runningBatches: async () => starts.running(),
    startScheduled: (batchId, now) => commit(() => starts.start(batchId, now)),
    hold: (batchId, reason, now) => commit(() => starts.hold(batchId, reason, now)),
    claim: (request) => commit(() => claiming(request)),
    markDialing: (claim, now) => commit(() => handOver.markDialing(claim, now)),
    markPlaced: (claim, startedAt) => commit(() => handOver.markPlaced(claim, startedAt)),
    release: (claim, why, now, notBefore) => commit(() => ending.release(claim, why, now, notBefore)),
    complete: (claim, result, next, now) => commit(() => ending.complete(claim, result, next, now)),
    openAttempts: async (held) => claims.open().filter(({ attempt }) => !held.has(attempt.token)),
    getClaim: async (token) => claims.byToken(token),
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
     WHERE id = :batchId AND status = 'scheduled' AND is_paused = 0 AND scheduled_at <= :now`,
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

function createClaimReader(database: DatabaseSync) {
  const open = database.prepare("SELECT * FROM attempts WHERE state <> 'ended' ORDER BY claimed_at, token");
  const byToken = database.prepare("SELECT * FROM attempts WHERE token = :token");
  const task = database.prepare("SELECT * FROM tasks WHERE id = :id");
  const batch = database.prepare("SELECT * FROM batches WHERE id = :id");

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
