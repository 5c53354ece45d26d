import { systemClock } from "../../../../lib/clock.ts";
import type { DatabaseSync, StatementSync } from "../../../../lib/sqlite.ts";
import type { RunningBatch } from "../../dial-store.ts";
import type { TurnOrder } from "../../due-task.ts";
import { type Row, text, whole } from "../../rows.ts";
import { sqlite } from "../../shared/dialect.ts";
import { everybody } from "../../shared/grants.ts";
import { selectRunning, toRunningBatch } from "../../shared/running.ts";
import { isCurrent, toWatched, type Waiting, type WatchedBatch } from "../../watched-batches.ts";

/**
 * The batches that are scheduled or run, in memory: a look at a thousand of them costs what changed. This connection notes what it
 * changes by triggers of its own, so that no statement can forget to; where another connection wrote, everything is read again. Should
 * a change be missed all the same, it is found within `rereadWithinMs`, at the first look after that at the latest.
 */
export type WatchedBatches = {
  /** All of them as they are now, oldest first. The list stays the same one until a batch joins or leaves. */
  running(): readonly RunningBatch[];
  /** Those to whose calls somebody agreed, with who waits in them at `now`. */
  ringing(now: Date): Iterable<WatchedBatch & { readonly waiting: Waiting }>;
  /** All of them, with who waits in those that ring. */
  all(now: Date): Iterable<WatchedBatch>;
  mayRing(now: Date): (batch: WatchedBatch) => boolean;
  /** Who waits in a batch has to be read again. */
  noteLine(batchId: string): void;
  /** Everything has to be: what was read may have been undone. */
  noteAll(): void;
};

/** Everything is read again within so long, in ms, a few batches at a time, though nothing was noted of them. */
export const rereadWithinMs = 60_000;
/** How often some of them are, in ms: with 10,000 batches 17 at a time. */
const rereadEveryMs = 100;

/** `monotonicMs` is that of a `Clock`; the machine's unless given. */
export function createWatchedBatches(
  database: DatabaseSync,
  monotonicMs: () => number = () => systemClock.monotonicMs(),
): WatchedBatches {
  const all = database.prepare(selectRunning(sqlite));
  const one = database.prepare(selectRunning(sqlite, "batches.id = ?"));
  const killSwitches = database.prepare("SELECT organization_id FROM kill_switches");
  const dataVersion = database.prepare("PRAGMA data_version");
  const count = database.prepare("SELECT count(*) AS n FROM batches WHERE status IN ('scheduled', 'sent')");
  const readWaiting = createWaitingReader(database);

  const watched = new Map<string, WatchedBatch>();
  /** Of `watched`, in the same order; undefined after one joined or left. */
  let list: RunningBatch[] | undefined;
  const places = new Map<string, number>();
  let stopped: ReadonlySet<string> = new Set();
  const changed = new Set<string>();
  const lines = new Set<string>();
  let isAllChanged = true;
  let areSwitchesChanged = true;
  let version: unknown;
  let rereadMs = monotonicMs();
  let turns = watched.keys();

  const noteLine = (batchId: string): void => void lines.add(batchId);
  noteChanges(database, {
    batch: (id) => void changed.add(id),
    line: noteLine,
    killSwitch() {
      areSwitchesChanged = true;
    },
  });

  function refresh(): void {
    const seen = dataVersion.get()?.["data_version"];
    if (seen !== version || isAllChanged) readAll();
    version = seen;
    const isRereading = noteNextInTurn();
    for (const id of changed) readOne(id);
    changed.clear();
    // One that joined, and was not noted, has no turn.
    if (isRereading && whole(count.get() ?? {}, "n") !== watched.size) readAll();
    for (const id of lines) {
      const batch = watched.get(id);
      if (batch) batch.waiting = undefined;
    }
    lines.clear();
    if (areSwitchesChanged) stopped = new Set(killSwitches.all().map((row) => text(row, "organization_id")));
    areSwitchesChanged = false;
  }

  /** Notes the batches whose turn it is to be read again, though nothing is known to have changed; returns whether it was time to. */
  function noteNextInTurn(): boolean {
    const passedMs = monotonicMs() - rereadMs;
    if (passedMs < rereadEveryMs) return false;
    rereadMs += passedMs;
    areSwitchesChanged = true;
    const share = Math.ceil(watched.size * Math.min(passedMs / rereadWithinMs, 1));
    for (let n = 0; n < share; n += 1) {
      let next = turns.next();
      if (next.done) {
        turns = watched.keys();
        next = turns.next();
      }
      if (!next.done) changed.add(next.value);
    }
    return true;
  }

  function readAll(): void {
    watched.clear();
    list = undefined;
    for (const row of all.all()) {
      const batch = toRunningBatch(row);
      watched.set(batch.id, toWatched(batch));
    }
    changed.clear();
    [isAllChanged, areSwitchesChanged] = [false, true];
  }

  function readOne(id: string): void {
    const row = one.get(id);
    if (!row) {
      if (watched.delete(id)) list = undefined;
      return;
    }
    const batch = toRunningBatch(row);
    const place = places.get(id);
    if (!watched.has(id)) list = undefined;
    else if (list && place !== undefined) list[place] = batch;
    watched.set(id, toWatched(batch));
  }

  function toList(): RunningBatch[] {
    const batches = [...watched.values()].map(({ batch }) => batch).sort(byAge);
    places.clear();
    for (const [place, { id }] of batches.entries()) places.set(id, place);
    return batches;
  }

  const mayRing = (now: Date): ((batch: WatchedBatch) => boolean) => {
    const nowMs = now.getTime();
    if (stopped.has(everybody)) return () => false;
    if (stopped.size === 0) return ({ agreedMs }) => nowMs < agreedMs;
    return ({ agreedMs, batch }) => nowMs < agreedMs && !stopped.has(batch.organizationId);
  };

  function* ringing(now: Date) {
    refresh();
    const rings = mayRing(now);
    const nowMs = now.getTime();
    for (const each of watched.values()) {
      if (!rings(each)) continue;
      if (!each.waiting || !isCurrent(each.waiting, nowMs)) each.waiting = readWaiting(each.batch.id, nowMs);
      // Safe: it was read just now.
      yield each as WatchedBatch & { readonly waiting: Waiting };
    }
  }

  return {
    running() {
      refresh();
      list ??= toList();
      return list;
    },
    ringing,
    all(now) {
      for (const _ of ringing(now));
      return watched.values();
    },
    mayRing,
    noteLine,
    noteAll() {
      isAllChanged = true;
    },
  };
}

function byAge(a: RunningBatch, b: RunningBatch): number {
  return a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1);
}

function createWaitingReader(database: DatabaseSync): (batchId: string, nowMs: number) => Waiting {
  // Each runs along one index to its first entry.
  const first = (attempts: string, dueAt: string, order: string): StatementSync =>
    database.prepare(
      `SELECT coalesce(due_at, 0) AS due_at, row_number FROM tasks
       WHERE batch_id = ? AND status = 'pending' AND attempt_count ${attempts} AND due_at ${dueAt} ORDER BY ${order} LIMIT 1`,
    );
  const untimed = first("= 0", "IS NULL", "row_number");
  const timed = first("= 0", "IS NOT NULL", "due_at, row_number");
  const again = first("> 0", "IS NOT NULL", "due_at, row_number");
  const later = (attempts: string): StatementSync => first(attempts, "> ?", "due_at");
  const [laterTimed, laterAgain] = [later("= 0"), later("> 0")];

  return (batchId, nowMs) => {
    const newPerson = toFirst(untimed.get(batchId) ?? timed.get(batchId), false);
    const retry = toFirst(again.get(batchId), true);
    const laterMs = Math.min(
      toFirst(laterTimed.get(batchId, nowMs), false)?.dueMs ?? Number.POSITIVE_INFINITY,
      toFirst(laterAgain.get(batchId, nowMs), true)?.dueMs ?? Number.POSITIVE_INFINITY,
    );
    return { asOfMs: nowMs, laterMs, ...(newPerson && { newPerson }), ...(retry && { retry }) };
  };
}

function toFirst(row: Row | undefined, isRetry: boolean): TurnOrder | undefined {
  return row && { isRetry, dueMs: whole(row, "due_at"), row: whole(row, "row_number") };
}

/** Calls back with what a statement of this connection changes, before its transaction ends; what is undone is noted as well. */
function noteChanges(
  database: DatabaseSync,
  note: {
    readonly batch: (id: string) => void;
    /** Somebody of the batch waits, or waits no more, or is due at another time. */
    readonly line: (batchId: string) => void;
    readonly killSwitch: () => void;
  },
): void {
  const listen = (name: string, noted: (id: string) => void): void =>
    database.function(name, { deterministic: false }, (id) => {
      noted(String(id));
      return null;
    });
  listen("note_batch", note.batch);
  listen("note_line", note.line);
  listen("note_kill_switch", note.killSwitch);
  const after = (name: string, when: string, call: string): void =>
    database.exec(`CREATE TEMP TRIGGER ${name} AFTER ${when} BEGIN SELECT ${call}; END`);
  after("batch_joined", "INSERT ON main.batches", "note_batch(new.id)");
  after("batch_changed", "UPDATE ON main.batches", "note_batch(new.id)");
  after("batch_left", "DELETE ON main.batches", "note_batch(old.id)");
  after("grant_joined", "INSERT ON main.grants", "note_batch(new.batch_id)");
  after("grant_changed", "UPDATE ON main.grants", "note_batch(new.batch_id)");
  after("grant_left", "DELETE ON main.grants", "note_batch(old.batch_id)");
  // People who join a list come with a change of their batch, which is noted: a call for each of a thousand would take longer than they do.
  after(
    "line_changed",
    "UPDATE ON main.tasks WHEN new.status = 'pending' OR old.status = 'pending'",
    "note_line(new.batch_id)",
  );
  after("line_left", "DELETE ON main.tasks WHEN old.status = 'pending'", "note_line(old.batch_id)");
  after("switch_thrown", "INSERT ON main.kill_switches", "note_kill_switch(new.organization_id)");
  after("switch_changed", "UPDATE ON main.kill_switches", "note_kill_switch(new.organization_id)");
  after("switch_released", "DELETE ON main.kill_switches", "note_kill_switch(old.organization_id)");
}
