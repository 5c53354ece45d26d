import { whyNotGranted } from "../../../src/domain/batch/grant.ts";
import { needsSteering } from "../../../src/domain/batch/steering.ts";
import { earliest } from "../../../src/lib/clock.ts";
import { SortedList } from "../../../src/lib/sorted-list.ts";
import type { DatabaseSync } from "../../../src/lib/sqlite.ts";
import type { BatchGroup } from "../../../src/service/store/batch-index.ts";
import type { ClaimRequest, DueQuery, DueSteps, IsOpen, RunningBatch } from "../../../src/service/store/dial-store.ts";
import { compareTurns, type TurnOrder } from "../../../src/service/store/due-task.ts";
import { sqlite } from "../../../src/service/store/shared/dialect.ts";
import { selectRunning, toRunningBatch } from "../../../src/service/store/shared/running.ts";
import { createClaiming } from "../../../src/service/store/sqlite/dialing/claim.ts";
import type { WatchedBatch } from "../../../src/service/store/watched-batches.ts";

type Asked = { readonly batch: RunningBatch; readonly turn: TurnOrder | undefined; readonly laterMs: number };

/** What a pass asks, answered by looking at every batch and everybody who waits, each time: what a quicker way has to equal. */
export class PlainPass {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Who would be claimed, in their order, from which caller id, and what is said of the others; nothing is. */
  claim(request: ClaimRequest) {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const { claims, ...rest } = createClaiming(this.#database, {
        // Every batch in a group by itself, and among those that are asked for at once.
        dueGroups: (now, isOpen) => this.#due(now, isOpen).map((asked) => groupOf(asked, now)),
        dueOf: () => undefined,
        noteLine() {},
      })(request);
      return { ...rest, calls: claims.map(({ attempt }) => [attempt.token, attempt.fromNumber]) };
    } finally {
      this.#database.exec("ROLLBACK");
    }
  }

  batchesDue(now: Date, isOpen: IsOpen): readonly string[] {
    return this.#due(now, isOpen).map(({ batch }) => batch.id);
  }

  dueSteps(now: Date): Omit<DueSteps, "left"> {
    const unpaused = this.#running().filter(({ isPaused }) => !isPaused);
    const stops = unpaused.flatMap(({ rules }) => rules.stopWhen?.atMs ?? []).filter((at) => at > now.getTime());
    const isDue = (batch: RunningBatch): boolean =>
      batch.status === "sent"
        ? whyNotGranted(batch.grant, batch, now) !== undefined
        : batch.scheduledAt !== undefined && batch.scheduledAt <= now;
    return {
      toStartOrHold: unpaused.filter(isDue),
      steered: unpaused.filter((batch) => batch.status === "sent" && needsSteering(batch)),
      ...(stops.length > 0 && { nextStopAt: new Date(Math.min(...stops)) }),
    };
  }

  nextDueAt({ now, opensAt }: DueQuery): Date | undefined {
    const starts = this.#running().flatMap(({ isPaused, scheduledAt, status }) =>
      status === "scheduled" && !isPaused && scheduledAt && scheduledAt > now ? scheduledAt : [],
    );
    const others = this.#ringing(now).flatMap(({ batch, turn, laterMs }) => [
      batch.agreedUntil,
      turn && opensAt(batch, now),
      Number.isFinite(laterMs) ? opensAt(batch, new Date(laterMs)) : undefined,
    ]);
    return earliest(...[...starts, ...others].filter((at) => at && at > now));
  }

  #running(): RunningBatch[] {
    return this.#database.prepare(selectRunning(sqlite)).all().map(toRunningBatch);
  }

  #due(now: Date, isOpen: IsOpen): Asked[] {
    return this.#ringing(now).filter(({ batch, turn }) => turn && isOpen(batch, now));
  }

  #ringing(now: Date): Asked[] {
    const stopped = this.#database.prepare("SELECT organization_id AS id FROM kill_switches").all();
    const isStopped = ({ organizationId }: RunningBatch): boolean =>
      stopped.some(({ id }) => id === "*" || id === organizationId);
    return this.#running()
      .filter((batch) => batch.status === "sent" && !batch.isPaused && !isStopped(batch))
      .filter((batch) => whyNotGranted(batch.grant, batch, now) === undefined)
      .map((batch) => ({ batch, ...this.#lineOf(batch, now) }));
  }

  #lineOf({ id }: RunningBatch, now: Date) {
    const nowMs = now.getTime();
    const line = this.#database
      .prepare("SELECT attempt_count, due_at, row_number FROM tasks WHERE batch_id = ? AND status = 'pending'")
      .all(id)
      .map((row): TurnOrder => {
        const isRetry = Number(row["attempt_count"]) > 0;
        return { isRetry, dueMs: Number(row["due_at"] ?? 0), row: Number(row["row_number"]) };
      });
    const turn = line.filter(({ dueMs }) => dueMs <= nowMs).sort(compareTurns)[0];
    return { turn, laterMs: Math.min(...line.map(({ dueMs }) => dueMs).filter((dueMs) => dueMs > nowMs)) };
  }
}

function groupOf({ batch, turn, laterMs }: Asked, now: Date): BatchGroup {
  const nothing = { agreedMs: Number.POSITIVE_INFINITY, stepMs: 0, stopMs: 0, isSteered: true };
  const waiting = { asOfMs: now.getTime(), laterMs, ...(turn && { turn }) };
  const steeredDue = new SortedList<WatchedBatch>(() => 0);
  steeredDue.add({ ...nothing, batch, waiting });
  const none = new SortedList<WatchedBatch>(() => 0);
  const { organizationId, rules, timezone } = batch;
  return { key: batch.id, organizationId, hours: { rules, timezone }, due: none, steeredDue, later: none };
}
