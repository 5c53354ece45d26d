import { SortedList } from "../../lib/sorted-list.ts";
import type { BatchHours, DueQuery, DueSteps, IsOpen, RunningBatch } from "./dial-store.ts";
import { compareTurns } from "./due-task.ts";
import { compareAge } from "./records.ts";
import { everybody } from "./shared/grants.ts";
import { toWatched, type Waiting, type WatchedBatch } from "./watched-batches.ts";

/** Batches of one organization that are open and closed at the same instants, as long as somebody agrees to their calls. */
export type BatchGroup = {
  readonly key: string;
  readonly organizationId: string;
  readonly hours: BatchHours;
  /** In which somebody is due, in the order in which they get places while they have no calls in progress. */
  readonly due: SortedList<WatchedBatch>;
  /** The same of those whose turns are not known before canary and conditions of the end are counted. */
  readonly steeredDue: SortedList<WatchedBatch>;
  /** In which somebody falls due later, by when. */
  readonly later: SortedList<WatchedBatch>;
};

/**
 * Batches that are scheduled or run, ordered by what a pass asks: it goes over those that it concerns, and over none of the others.
 * Everything is decided by the instant that is given, so that the clock may be set.
 */
export class BatchIndex {
  readonly #readWaiting: (batchId: string, nowMs: number) => Waiting;
  readonly #byId = new Map<string, WatchedBatch>();
  readonly #byAge = new SortedList<WatchedBatch>(byAge);
  readonly #steps = new SortedList<WatchedBatch>((a, b) => a.stepMs - b.stepMs || byAge(a, b));
  readonly #stops = new SortedList<WatchedBatch>((a, b) => a.stopMs - b.stopMs || byAge(a, b));
  readonly #steered = new SortedList<WatchedBatch>(byAge);
  readonly #groups = new Map<string, BatchGroup>();
  readonly #groupsOf = new Map<WatchedBatch, BatchGroup>();
  /** Those of which has to be read who waits, as they may ring. */
  readonly #unread = new Set<WatchedBatch>();
  /** At which that was read for the last time, in ms since 1970. */
  #readMs = 0;
  #left: RunningBatch[] = [];
  /** Organizations whose calls are stopped. */
  stopped: ReadonlySet<string> = new Set();

  /** `readWaiting` is given the instant in ms since 1970. */
  constructor(readWaiting: (batchId: string, nowMs: number) => Waiting) {
    this.#readWaiting = readWaiting;
  }

  get size(): number {
    return this.#byId.size;
  }

  ids(): MapIterator<string> {
    return this.#byId.keys();
  }

  /** Oldest first. */
  batches(): readonly RunningBatch[] {
    return this.#byAge.items.map(({ batch }) => batch);
  }

  put(batch: RunningBatch): void {
    this.#takeOut(batch.id);
    const watched = toWatched(batch);
    this.#byId.set(batch.id, watched);
    this.#byAge.add(watched);
    if (Number.isFinite(watched.stepMs)) this.#steps.add(watched);
    if (Number.isFinite(watched.stopMs)) this.#stops.add(watched);
    if (watched.isSteered) this.#steered.add(watched);
    if (watched.agreedMs > 0) this.#unread.add(watched);
  }

  remove(id: string): void {
    const watched = this.#takeOut(id);
    this.#byId.delete(id);
    if (watched) this.#left.push(watched.batch);
  }

  /** Who waits in a batch has to be read again. */
  noteLine(id: string): void {
    const watched = this.#byId.get(id);
    if (!watched) return;
    this.#forgetWaiting(watched);
    if (watched.agreedMs > 0) this.#unread.add(watched);
  }

  dueSteps(now: Date): DueSteps {
    const nowMs = now.getTime();
    const toStartOrHold: WatchedBatch[] = [];
    for (const watched of this.#steps.items) {
      if (watched.stepMs > nowMs) break;
      toStartOrHold.push(watched);
    }
    const { value: nextStop } = this.#stops.from(({ stopMs }) => stopMs > nowMs).next();
    const left = this.#left;
    this.#left = [];
    return {
      toStartOrHold: toStartOrHold.sort(byAge).map(({ batch }) => batch),
      steered: this.#steered.items.map(({ batch }) => batch),
      ...(nextStop && { nextStopAt: new Date(nextStop.stopMs) }),
      left,
    };
  }

  /** Those in which somebody is due, that are open at `now`. Each batch is to be asked by itself how long somebody agreed to its calls. */
  dueGroups(now: Date, isOpen: IsOpen): readonly BatchGroup[] {
    const isDue = ({ due, steeredDue }: BatchGroup): boolean => due.items.length + steeredDue.items.length > 0;
    return this.#readGroups(now).filter((group) => isDue(group) && isOpen(group.hours, now));
  }

  /** A batch in which somebody is due, if its calls are not stopped: as it was when the groups were asked for. */
  dueOf(id: string): WatchedBatch | undefined {
    const watched = this.#byId.get(id);
    return watched?.waiting?.turn && !this.#isStopped(watched.batch) ? watched : undefined;
  }

  batchesDue(now: Date, isOpen: IsOpen): readonly RunningBatch[] {
    return this.dueGroups(now, isOpen)
      .flatMap(({ due, steeredDue }) => [...due.items, ...steeredDue.items])
      .filter(({ batch, agreedMs }) => now.getTime() < agreedMs && isOpen(batch, now))
      .sort(byAge)
      .map(({ batch }) => batch);
  }

  /** See `DialStore.nextDueAt`. */
  nextDueAt({ now, opensAt }: DueQuery): Date | undefined {
    const nowMs = now.getTime();
    const isAgreed = ({ agreedMs }: WatchedBatch): boolean => nowMs < agreedMs;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const group of this.#readGroups(now)) {
      // What is due already counts from the hour at which its batch may dial again.
      if (group.due.items.some(isAgreed) || group.steeredDue.items.some(isAgreed)) {
        const openingMs = opensAt(group.hours, now).getTime();
        if (openingMs > nowMs) nextMs = Math.min(nextMs, openingMs);
      }
      const later = group.later.items.find(isAgreed)?.waiting;
      if (later && later.laterMs < nextMs)
        nextMs = Math.min(nextMs, opensAt(group.hours, new Date(later.laterMs)).getTime());
    }
    for (const { stepMs, batch } of this.#steps.from((step) => step.stepMs > nowMs)) {
      if (batch.status === "sent" && this.#isStopped(batch)) continue;
      nextMs = Math.min(nextMs, stepMs);
      break;
    }
    return Number.isFinite(nextMs) ? new Date(nextMs) : undefined;
  }

  /** The groups whose calls are not stopped, with who waits in them at `now`. */
  #readGroups(now: Date): readonly BatchGroup[] {
    this.#readWhatWaits(now);
    if (this.stopped.has(everybody)) return [];
    return [...this.#groups.values()].filter(({ organizationId }) => !this.stopped.has(organizationId));
  }

  #readWhatWaits(now: Date): void {
    const nowMs = now.getTime();
    // What is dated ahead was read before the clock was set back.
    if (nowMs < this.#readMs)
      for (const [id, { waiting }] of this.#byId) if (waiting && waiting.asOfMs > nowMs) this.noteLine(id);
    this.#readMs = nowMs;
    for (const { later } of this.#groups.values()) {
      const over: string[] = [];
      for (const { batch, waiting } of later.items) {
        if (!waiting || waiting.laterMs > nowMs) break;
        over.push(batch.id);
      }
      for (const id of over) this.noteLine(id);
    }
    for (const watched of this.#unread) {
      if (!this.#mayRing(watched, nowMs)) continue;
      this.#unread.delete(watched);
      this.#setWaiting(watched, this.#readWaiting(watched.batch.id, nowMs));
    }
  }

  #setWaiting(watched: WatchedBatch, waiting: Waiting): void {
    watched.waiting = waiting;
    const isLater = Number.isFinite(waiting.laterMs);
    if (!waiting.turn && !isLater) return;
    const group = this.#groupOf(watched.batch);
    this.#groupsOf.set(watched, group);
    if (waiting.turn) (watched.isSteered ? group.steeredDue : group.due).add(watched);
    if (isLater) group.later.add(watched);
  }

  #groupOf(batch: RunningBatch): BatchGroup {
    const { organizationId, rules, timezone } = batch;
    const key = `${organizationId} ${timezone} ${JSON.stringify(rules.quietHours)}`;
    const group = this.#groups.get(key) ?? {
      key,
      organizationId,
      hours: { rules, timezone },
      due: new SortedList(byTurn),
      steeredDue: new SortedList(byTurn),
      later: new SortedList(byLater),
    };
    this.#groups.set(key, group);
    return group;
  }

  #forgetWaiting(watched: WatchedBatch): void {
    const group = this.#groupsOf.get(watched);
    const lists = group ? [group.due, group.steeredDue, group.later] : [];
    for (const list of lists) list.remove(watched);
    if (group && lists.every(({ items }) => items.length === 0)) this.#groups.delete(group.key);
    this.#groupsOf.delete(watched);
    watched.waiting = undefined;
  }

  /** Keeps its place among the ids. */
  #takeOut(id: string): WatchedBatch | undefined {
    const watched = this.#byId.get(id);
    if (!watched) return undefined;
    this.#forgetWaiting(watched);
    for (const list of [this.#byAge, this.#steps, this.#stops, this.#steered]) list.remove(watched);
    this.#unread.delete(watched);
    return watched;
  }

  #mayRing({ agreedMs, batch }: WatchedBatch, nowMs: number): boolean {
    return nowMs < agreedMs && !this.#isStopped(batch);
  }

  #isStopped({ organizationId }: RunningBatch): boolean {
    return this.stopped.has(everybody) || this.stopped.has(organizationId);
  }
}

function byAge(a: WatchedBatch, b: WatchedBatch): number {
  return compareAge(a.batch, b.batch);
}

/** That of `allocateSlots`, among batches without calls in progress. */
function byTurn(a: WatchedBatch, b: WatchedBatch): number {
  const [first, second] = [a.waiting?.turn, b.waiting?.turn];
  const byTurns = first && second ? compareTurns(first, second) : 0;
  return lastDialMs(a) - lastDialMs(b) || byTurns || byAge(a, b);
}

function lastDialMs({ batch }: WatchedBatch): number {
  return batch.lastDialAt?.getTime() ?? 0;
}

function byLater(a: WatchedBatch, b: WatchedBatch): number {
  return (a.waiting?.laterMs ?? 0) - (b.waiting?.laterMs ?? 0) || byAge(a, b);
}
