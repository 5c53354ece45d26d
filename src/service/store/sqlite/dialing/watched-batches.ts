import { systemClock } from "../../../../lib/clock.ts";
import type { DatabaseSync, StatementSync } from "../../../../lib/sqlite.ts";
import { BatchIndex } from "../../batch-index.ts";
import type { TurnOrder } from "../../due-task.ts";
import { type Row, text, whole } from "../../rows.ts";
import { sqlite } from "../../shared/dialect.ts";
import { selectRunning, toRunningBatch } from "../../shared/running.ts";
import type { Waiting } from "../../watched-batches.ts";

/**
 * The batches that are scheduled or run, in memory: a look at ten thousand of them costs what changed and what is due. This connection
 * notes what it changes by triggers of its own, so that no statement can forget to; where another connection wrote, everything is read
 * again. Should a change be missed all the same, it is found within `rereadWithinMs`, at the first look after that at the latest.
 */
export type WatchedBatches = Pick<
  BatchIndex,
  "batches" | "dueSteps" | "batchesDue" | "nextDueAt" | "dueGroups" | "dueOf"
> & {
  /** Who waits in a batch has to be read again. */
  noteLine(batchId: string): void;
  /** Hears of no change any more. */
  end(): void;
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
  const index = new BatchIndex(createWaitingReader(database));
  const changed = new Set<string>();
  const lines = new Set<string>();
  let isAllChanged = true;
  let areSwitchesChanged = true;
  let version: unknown;
  let rereadMs = monotonicMs();
  let turns = index.ids();

  const noteLine = (batchId: string): void => void lines.add(batchId);
  const end = noteChanges(database, {
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
    if (isRereading && whole(count.get() ?? {}, "n") !== index.size) readAll();
    for (const id of lines) index.noteLine(id);
    lines.clear();
    if (areSwitchesChanged) index.stopped = new Set(killSwitches.all().map((row) => text(row, "organization_id")));
    areSwitchesChanged = false;
  }

  /** Notes the batches whose turn it is to be read again, though nothing is known to have changed; returns whether it was time to. */
  function noteNextInTurn(): boolean {
    const passedMs = monotonicMs() - rereadMs;
    if (passedMs < rereadEveryMs) return false;
    rereadMs += passedMs;
    areSwitchesChanged = true;
    const share = Math.ceil(index.size * Math.min(passedMs / rereadWithinMs, 1));
    for (let n = 0; n < share; n += 1) {
      let next = turns.next();
      if (next.done) {
        turns = index.ids();
        next = turns.next();
      }
      if (!next.done) changed.add(next.value);
    }
    return true;
  }

  function readAll(): void {
    const batches = all.all().map(toRunningBatch);
    const ids = new Set(batches.map(({ id }) => id));
    for (const id of [...index.ids()]) if (!ids.has(id)) index.remove(id);
    for (const batch of batches) index.put(batch);
    changed.clear();
    [isAllChanged, areSwitchesChanged] = [false, true];
  }

  function readOne(id: string): void {
    const row = one.get(id);
    if (row) index.put(toRunningBatch(row));
    else index.remove(id);
  }

  /** What is asked of the batches as they are now. */
  const fresh = (): BatchIndex => {
    refresh();
    return index;
  };

  return {
    batches: () => fresh().batches(),
    dueSteps: (now) => fresh().dueSteps(now),
    batchesDue: (now, isOpen) => fresh().batchesDue(now, isOpen),
    nextDueAt: (query) => fresh().nextDueAt(query),
    dueGroups: (now, isOpen) => fresh().dueGroups(now, isOpen),
    dueOf: (id) => index.dueOf(id),
    noteLine,
    end,
    noteAll() {
      isAllChanged = true;
    },
  };
}

function createWaitingReader(database: DatabaseSync): (batchId: string, nowMs: number) => Waiting {
  // Each runs along one index to its first entry.
  const first = (attempts: string, dueAt: string, order: string): StatementSync =>
    database.prepare(
      `SELECT coalesce(due_at, 0) AS due_at, row_number FROM tasks
       WHERE batch_id = ? AND status = 'pending' AND attempt_count ${attempts} AND due_at ${dueAt} ORDER BY ${order} LIMIT 1`,
    );
  const untimed = first("= 0", "IS NULL", "row_number");
  const timed = first("= 0", "<= ?", "due_at, row_number");
  const again = first("> 0", "<= ?", "due_at, row_number");
  const later = (attempts: string): StatementSync => first(attempts, "> ?", "due_at");
  const [laterTimed, laterAgain] = [later("= 0"), later("> 0")];
  const never = Number.POSITIVE_INFINITY;

  return (batchId, nowMs) => {
    const turn =
      toTurn(untimed.get(batchId) ?? timed.get(batchId, nowMs), false) ?? toTurn(again.get(batchId, nowMs), true);
    const laterMs = Math.min(
      toTurn(laterTimed.get(batchId, nowMs), false)?.dueMs ?? never,
      toTurn(laterAgain.get(batchId, nowMs), true)?.dueMs ?? never,
    );
    return { asOfMs: nowMs, laterMs, ...(turn && { turn }) };
  };
}

function toTurn(row: Row | undefined, isRetry: boolean): TurnOrder | undefined {
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
): () => void {
  const heard: Heard = new Map([
    ["note_batch", note.batch],
    ["note_line", note.line],
    ["note_kill_switch", note.killSwitch],
  ]);
  for (const name of heard.keys()) database.function(name, { deterministic: false }, toListener(heard, name));
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
  return () => heard.clear();
}

type Heard = Map<string, (id: string) => void>;

/** The driver of Node 20 holds its functions for good, also those of a database that was closed: this one must lead to no statement. */
function toListener(heard: Heard, name: string): (id: unknown) => null {
  return (id) => {
    heard.get(name)?.(String(id));
    return null;
  };
}
