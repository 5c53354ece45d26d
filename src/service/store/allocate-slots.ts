import { callerIdsFor, usableCallerIds } from "../../domain/batch/caller-ids.ts";
import { type Allowance, campaignKey, needsSteering, unlimited } from "../../domain/batch/steering.ts";
import { earliest } from "../../lib/clock.ts";
import { Heap } from "../../lib/heap.ts";
import type { ClaimRequest } from "./dial-store.ts";
import { compareTurns, type DueTask, type TurnOrder } from "./due-task.ts";
import { compareAge, type StoredBatch } from "./records.ts";

/** The due tasks of one batch, in the order of their turns. */
export type SlotQueue = {
  readonly batch: StoredBatch;
  /** What is known of the first one in line before the line is read. It serves to order the lines only. */
  readonly expected?: TurnOrder;
  /** The next task in line; undefined when there is none (left). Without `mayBeNew`, of those who were called before, here and from then on. */
  first(mayBeNew: boolean): DueTask | undefined;
  /** Takes the first one out of the line. */
  take(): void;
  /** Leaves the first one in the line, and goes on with the next one. */
  passOver(): void;
};

/** A line whose first turns were read beforehand. */
export function toSlotQueue(batch: StoredBatch, turns: readonly DueTask[]): SlotQueue {
  let taken = 0;
  const goOn = (): void => {
    taken += 1;
  };
  return {
    batch,
    first(mayBeNew) {
      while (!mayBeNew && turns[taken]?.isRetry === false) taken += 1;
      return turns[taken];
    },
    take: goOn,
    passOver: goOn,
  };
}

/** A line that is opened when its turn may have come: `open` returns none where nobody of the batch may be called after all. */
export function toUnreadQueue(
  batch: StoredBatch,
  expected: TurnOrder | undefined,
  open: (batch: StoredBatch) => SlotQueue | undefined,
): SlotQueue {
  let queue: SlotQueue | undefined;
  let isOpened = false;
  return {
    get batch() {
      return queue?.batch ?? batch;
    },
    ...(expected && { expected }),
    first(mayBeNew) {
      if (!isOpened) queue = open(batch);
      isOpened = true;
      return queue?.first(mayBeNew);
    },
    take: () => queue?.take(),
    passOver: () => queue?.passOver(),
  };
}

/**
 * Lines of one organization, none of whose batches has a call in progress, in the order in which they come first: with the one that was
 * dialed for the longest ago, then by what is expected of them. They are fetched as their turns come.
 */
export type SlotQueues = { readonly organizationId: string; next(): SlotQueue | undefined };

/** What is in use when slots are allocated. */
export type SlotUsage = {
  /** Open attempts of an organization. */
  openOfOrganization(organizationId: string): number;
  /** Open attempts of a batch. */
  openOfBatch(batchId: string): number;
  /** Instants of the attempts claimed for a caller id within the second before, latest first. */
  startsOf(fromNumber: string): readonly Date[];
  /** Open attempts of a batch with a pace of its own, and of its campaign. */
  openOfCampaign(batch: StoredBatch): number;
  /** Starts of such a batch, and of its campaign. */
  startsOfCampaign(batch: StoredBatch): readonly Date[];
  /** What canary and conditions of the end still let through of a batch that has them, and of its campaign. */
  allowanceOf(batch: StoredBatch): Allowance;
};

export type SlotLimits = Pick<
  ClaimRequest,
  "now" | "limit" | "maxConcurrent" | "maxConcurrentPerBatch" | "roomOf" | "startsPerSecond"
>;

export const paceWindowMs = 1000;

/** So many wait for their caller id, at most, before whom others are looked for that another one has room for: in one claim. */
export const mostPassedOver = 1000;

/**
 * Allocates the free places among the batches: each goes to the batch with the fewest calls in progress, then to the one
 * that was dialed for the longest ago, so that no batch can hold up another. Within a batch, and where batches are equal,
 * those never dialed come before retries, then the earlier due, then the smaller row, then the older batch. Who waits for a caller id lets those go first
 * for whom another one of the batch has room. `place` is called for each task that gets a place, with its caller id, and returns
 * false when it may not be dialed yet after all; its place goes to the next one. The limit counts these, too. Returns when pace
 * lets somebody through whom nothing else holds back.
 *
 * With n lines in `queues` and k places it takes time in the order of n + k log n, however many more there are `inOrder`: a line is
 * read when its turn may have come, and none of an organization that has no place.
 */
export function allocateSlots(
  queues: readonly SlotQueue[],
  usage: SlotUsage,
  limits: SlotLimits,
  place: (task: DueTask, fromNumber: string) => boolean,
  inOrder: readonly SlotQueues[] = [],
): Date | undefined {
  const places = countPlaces(usage, limits);
  const waiting = new Heap<Line>((a, b) => comesBefore(a, b, places));
  waiting.fill([
    ...queues.filter(({ batch }) => places.inOrganization(batch) > 0).map((queue) => toLine(queue, places)),
    ...inOrder.flatMap((others) => nextLine(others, places) ?? []),
  ]);
  let paceOpensAt: Date | undefined;
  let passedOver = 0;
  for (let dealt = 0; dealt < limits.limit; ) {
    const line = waiting.first();
    if (!line) return paceOpensAt;
    const { queue, others } = line;
    const { batch } = queue;
    line.others = undefined;
    // Of those in order only the first one takes part, until it was looked at.
    const following = others && nextLine(others, places);
    if (following) {
      waiting.add(following);
      continue;
    }
    if (places.inOrganization(batch) <= 0) {
      // All of an organization at once: one by one, a thousand batches would be looked at for each place.
      waiting.fill(waiting.values().filter((other) => places.inOrganization(other.queue.batch) > 0));
      continue;
    }
    const isFull = places.inBatch(batch) <= 0;
    if (line.isUnread && (isFull || !places.hasRoomForOthers(batch))) {
      if (!isFull) paceOpensAt = earliest(paceOpensAt, places.anyOpensAt(batch));
      waiting.removeFirst();
      continue;
    }
    line.isUnread = false;
    const turn = firstOf(queue, places);
    const hasPlace = turn !== undefined && places.inBatch(queue.batch) > 0;
    const fromNumber = hasPlace ? places.callerIdFor(turn) : undefined;
    if (hasPlace && fromNumber !== undefined) {
      if (place(turn, fromNumber)) places.use(turn, fromNumber);
      queue.take();
      dealt += 1;
      line.inProgress = places.inProgress(queue.batch);
      waiting.firstChanged();
      continue;
    }
    if (hasPlace) {
      paceOpensAt = earliest(paceOpensAt, places.paceOpensAt(turn));
      if (places.hasRoomForOthers(queue.batch) && passedOver < mostPassedOver) {
        queue.passOver();
        passedOver += 1;
        waiting.firstChanged();
        continue;
      }
    }
    waiting.removeFirst();
  }
  return paceOpensAt;
}

/** A line that waits for places. */
type Line = {
  readonly queue: SlotQueue;
  /** Calls of its batch. */
  inProgress: number;
  /** ms since 1970; 0 when nobody was dialed yet. */
  readonly lastDialMs: number;
  /** Only `queue.expected` is known of it. */
  isUnread: boolean;
  /** Those that follow it in an order, and do not take part yet. */
  others: SlotQueues | undefined;
};

function toLine(queue: SlotQueue, places: Places, others?: SlotQueues): Line {
  const { batch, expected } = queue;
  return {
    queue,
    inProgress: places.inProgress(batch),
    lastDialMs: batch.lastDialAt?.getTime() ?? 0,
    // What canary and conditions of the end let through decides who is first in line.
    isUnread: expected !== undefined && !needsSteering(batch),
    others,
  };
}

function nextLine(others: SlotQueues, places: Places): Line | undefined {
  if (places.inOrganization(others) <= 0) return undefined;
  const queue = others.next();
  return queue && toLine(queue, places, others);
}

function comesBefore(a: Line, b: Line, places: Places): boolean {
  const { inProgress } = a;
  const order = inProgress - b.inProgress || a.lastDialMs - b.lastDialMs;
  if (order !== 0) return order < 0;
  // Only now are the lines looked at: with a thousand batches most of them need not be read.
  const [first, second] = [orderOf(a, places), orderOf(b, places)];
  if (!first || !second) return first !== undefined;
  return (compareTurns(first, second) || compareAge(a.queue.batch, b.queue.batch)) < 0;
}

function orderOf({ queue, isUnread }: Line, places: Places): TurnOrder | undefined {
  return isUnread ? queue.expected : firstOf(queue, places);
}

function firstOf(queue: SlotQueue, places: Places): DueTask | undefined {
  const { newPeople, calls } = places.allowance(queue.batch);
  return calls > 0 ? queue.first(newPeople > 0) : undefined;
}

type Places = ReturnType<typeof countPlaces>;

/** Places that are left while they are allocated. */
function countPlaces(usage: SlotUsage, limits: SlotLimits) {
  const { now, maxConcurrent, maxConcurrentPerBatch = maxConcurrent, startsPerSecond } = limits;
  const roomOf = limits.roomOf ?? (() => Number.POSITIVE_INFINITY);
  const given = remembering(() => 0);
  const organizations = remembering((id) => usage.openOfOrganization(id));
  const batches = remembering((id) => usage.openOfBatch(id));
  const starts = rememberingList((fromNumber) => usage.startsOf(fromNumber));
  const dealt = new Map<
    string,
    { readonly newPeople: number; readonly calls: number; readonly starts: readonly Date[] }
  >();
  /** What is dealt out here to a campaign, beside what was in use before. */
  const dealtTo = (batch: StoredBatch) => dealt.get(toOwner(batch)) ?? { newPeople: 0, calls: 0, starts: [] };
  const allowances = rememberingFor((batch) => usage.allowanceOf(batch));
  const open = rememberingFor((batch) => usage.openOfCampaign(batch));
  const startsOfCampaigns = rememberingFor((batch) => usage.startsOfCampaign(batch));
  const allowance = (batch: StoredBatch): Allowance => {
    if (!needsSteering(batch)) return unlimited;
    const before = allowances(batch);
    const { newPeople, calls } = dealtTo(batch);
    return { newPeople: before.newPeople - newPeople, calls: before.calls - calls };
  };
  const usable = (batch: StoredBatch): readonly string[] => usableCallerIds(batch, now);
  const candidatesFor = ({ batch, toNumber, keptNumber }: DueTask): readonly string[] =>
    callerIdsFor(toNumber, usable(batch), keptNumber);
  /** The starts within a second that count, and how many of them are allowed. */
  const ofCallerId = (fromNumber: string): Paced => ({ starts: starts.get(fromNumber), most: startsPerSecond });
  /** The same of a batch that has a pace of its own; nothing counts for another one. */
  const ofBatch = (batch: StoredBatch): Paced => {
    const most = batch.steering?.pace?.perSecond;
    if (most === undefined) return { starts: [], most: Number.POSITIVE_INFINITY };
    return { starts: [...dealtTo(batch).starts, ...startsOfCampaigns(batch)], most };
  };
  const atOnce = (batch: StoredBatch): number => {
    const most = batch.steering?.pace?.atOnce;
    return most === undefined ? Number.POSITIVE_INFINITY : most - open(batch) - dealtTo(batch).calls;
  };

  return {
    allowance,
    inProgress: ({ id }: StoredBatch): number => batches.get(id),
    inOrganization: ({ organizationId }: Pick<StoredBatch, "organizationId">): number =>
      maxConcurrent - organizations.get(organizationId),
    inBatch: (batch: StoredBatch): number =>
      Math.min(maxConcurrentPerBatch - batches.get(batch.id), atOnce(batch), roomOf(batch.id) - given.get(batch.id)),
    /** The caller id that may start a call to somebody at this moment. */
    callerIdFor: (task: DueTask): string | undefined =>
      hasRoom(ofBatch(task.batch)) ? candidatesFor(task).find((number) => hasRoom(ofCallerId(number))) : undefined,
    /** Whether a batch whose next call waits for its caller id has another one that may start calls. */
    hasRoomForOthers: (batch: StoredBatch): boolean =>
      hasRoom(ofBatch(batch)) && usable(batch).some((number) => hasRoom(ofCallerId(number))),
    /** When the first start leaves the window that makes room for a call of a batch none of whose caller ids has any. */
    anyOpensAt(batch: StoredBatch): Date | undefined {
      const opensAt = usable(batch).map((number) => opensMs(ofCallerId(number)));
      const blockedUntil = Math.max(Math.min(...opensAt), opensMs(ofBatch(batch)));
      return opensAt.length > 0 && blockedUntil > 0 ? new Date(blockedUntil) : undefined;
    },
    /** When the start leaves the window that makes room for the call to somebody. */
    paceOpensAt(task: DueTask): Date | undefined {
      const opensAt = candidatesFor(task).map((number) => opensMs(ofCallerId(number)));
      const blockedUntil = Math.max(Math.min(...opensAt), opensMs(ofBatch(task.batch)));
      return opensAt.length > 0 && blockedUntil > 0 ? new Date(blockedUntil) : undefined;
    },
    use({ batch, isRetry }: DueTask, fromNumber: string): void {
      const { id, organizationId } = batch;
      organizations.add(organizationId);
      batches.add(id);
      given.add(id);
      starts.add(fromNumber, now);
      if (batch.campaignId === undefined && !needsSteering(batch) && !batch.steering?.pace) return;
      const { newPeople, calls, starts: before } = dealtTo(batch);
      dealt.set(toOwner(batch), {
        newPeople: newPeople + (isRetry ? 0 : 1),
        calls: calls + 1,
        starts: [now, ...before],
      });
    },
  };
}

type Paced = { readonly starts: readonly Date[]; readonly most: number };

function hasRoom({ starts, most }: Paced): boolean {
  return starts.length < most;
}

/** When it has room again, in ms since 1970; 0 where it has. */
function opensMs({ starts, most }: Paced): number {
  const blocking = starts[most - 1];
  return blocking ? blocking.getTime() + paceWindowMs : 0;
}

function toOwner(batch: StoredBatch): string {
  return `${batch.organizationId} ${campaignKey(batch)}`;
}

/** What is read once for each batch. */
function rememberingFor<T>(read: (batch: StoredBatch) => T): (batch: StoredBatch) => T {
  const known = new Map<string, T>();
  return (batch) => readOnce(known, batch.id, () => read(batch));
}

/** Instants that are read once, latest first, and added to from there. */
function rememberingList(read: (key: string) => readonly Date[]) {
  const known = new Map<string, readonly Date[]>();
  const get = (key: string): readonly Date[] => readOnce(known, key, read);
  return { get, add: (key: string, at: Date): void => void known.set(key, [at, ...get(key)]) };
}

/** Counters that are read once and counted on from there. */
function remembering(read: (key: string) => number) {
  const known = new Map<string, number>();
  const get = (key: string): number => readOnce(known, key, read);
  return { get, add: (key: string): void => void known.set(key, get(key) + 1) };
}

function readOnce<T>(known: Map<string, T>, key: string, read: (key: string) => T): T {
  const before = known.get(key);
  if (before !== undefined) return before;
  const value = read(key);
  known.set(key, value);
  return value;
}
