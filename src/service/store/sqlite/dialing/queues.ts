import type { DatabaseSync, StatementSync } from "../../../../lib/sqlite.ts";
import type { SlotQueue } from "../../allocate-slots.ts";
import type { DueTask } from "../../due-task.ts";
import type { StoredBatch } from "../../records.ts";
import { instant, known, optional, type Row, text, whole } from "../../rows.ts";
import { dialedNumberColumn, keptNumberColumn } from "../../shared/fallback-numbers.ts";

/** Most of a line has to wait for another claim, so little of it is read at a time. */
const tasksPerRead = 10;

/** Builds the lines of batches, for claims that take a turn's task before they go on in its line. */
export function createQueues(database: DatabaseSync): (batch: StoredBatch, now: Date) => SlotQueue {
  // Each statement runs along one index and stops at its limit, however many wait. One with OR would read them all.
  const due = (attempts: string, dueAt: string, order: string): StatementSync =>
    database.prepare(
      `SELECT id, ${dialedNumberColumn} AS dialed_number, fallback_after, timezone, not_before, attempt_count, due_at, row_number,
         ${keptNumberColumn("attempts")} FROM tasks
       WHERE batch_id = :batchId AND status = 'pending' AND attempt_count ${attempts} AND due_at ${dueAt}
       ORDER BY ${order} LIMIT ${tasksPerRead} OFFSET :passedOver`,
    );
  const untimed = due("= 0", "IS NULL", "row_number");
  const timed = due("= 0", "<= :now", "due_at, row_number");
  const again = due("> 0", "<= :now", "due_at, row_number");

  function* newPeople(batch: StoredBatch, now: Date): Line {
    const query = { batchId: batch.id, now: now.getTime() };
    yield* untilEmpty((passedOver) =>
      untimed.all({ batchId: batch.id, passedOver }).map((row) => toDueTask(batch, row)),
    );
    yield* untilEmpty((passedOver) => timed.all({ ...query, passedOver }).map((row) => toDueTask(batch, row)));
  }

  function* retries(batch: StoredBatch, now: Date): Line {
    const query = { batchId: batch.id, now: now.getTime() };
    yield* untilEmpty((passedOver) => again.all({ ...query, passedOver }).map((row) => toDueTask(batch, row)));
  }

  return (batch, now) => {
    const fresh = newPeople(batch, now);
    let dueTasks = fresh;
    let isPassedOver = false;
    let next: IteratorResult<DueTask, undefined> | undefined;
    const goOnWithRetries = (): void => {
      dueTasks = retries(batch, now);
      next = dueTasks.next();
    };
    return {
      batch,
      first(mayBeNew) {
        if (dueTasks === fresh && !mayBeNew) goOnWithRetries();
        next ??= dueTasks.next(isPassedOver);
        if (dueTasks === fresh && next.done) goOnWithRetries();
        return next.value;
      },
      take() {
        next = undefined;
        isPassedOver = false;
      },
      passOver() {
        next = undefined;
        isPassedOver = true;
      },
    };
  };
}

/** Is told of each of its tasks, when the next one is asked for, whether it was passed over. */
type Line = Generator<DueTask, undefined, boolean>;

/** What was taken is not read again, and what was passed over is still in front. */
function* untilEmpty(read: (passedOver: number) => readonly DueTask[]): Generator<DueTask, void, boolean> {
  let passedOver = 0;
  for (let some = read(0); some.length > 0; some = read(passedOver)) {
    for (const task of some) if (yield task) passedOver += 1;
    if (some.length < tasksPerRead) return;
  }
}

function toDueTask(batch: StoredBatch, row: Row): DueTask {
  return {
    batch,
    taskId: text(row, "id"),
    toNumber: text(row, "dialed_number"),
    isSecond: optional(row, "fallback_after", whole) !== undefined,
    ...known({
      timezone: optional(row, "timezone", text),
      notBefore: optional(row, "not_before", instant),
      keptNumber: optional(row, "kept_number", text),
    }),
    isRetry: whole(row, "attempt_count") > 0,
    dueMs: optional(row, "due_at", whole) ?? 0,
    row: whole(row, "row_number"),
  };
}
