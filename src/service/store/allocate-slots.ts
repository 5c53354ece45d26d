import { earliest } from "../../lib/clock.ts";
import type { ClaimRequest } from "./dial-store.ts";
import { compareDueTasks, type DueTask } from "./due-task.ts";
import type { StoredBatch } from "./records.ts";

/** The due tasks of one batch, in the order of their turns. */
export type SlotQueue = {
  readonly batch: StoredBatch;
  /** The next task in line; undefined when there is none (left). */
  first(): DueTask | undefined;
  /** Takes the first one out of the line. */
  take(): void;
};

/** A line whose first turns were read beforehand. */
export function toSlotQueue(batch: StoredBatch, turns: readonly DueTask[]): SlotQueue {
  let taken = 0;
  return {
    batch,
    first: () => turns[taken],
    take() {
      taken += 1;
    },
  };
}

/** What is in use when slots are allocated. */
export type SlotUsage = {
  /** Open attempts of an organization. */
  openOfOrganization(organizationId: string): number;
  /** Open attempts of a batch. */
  openOfBatch(batchId: string): number;
  /** Instants of the attempts claimed for a caller id within the second before, latest first. */
  startsOf(fromNumber: string): readonly Date[];
};

export type SlotLimits = Pick<
  ClaimRequest,
  "now" | "limit" | "maxConcurrent" | "maxConcurrentPerBatch" | "startsPerSecond"
>;

export const paceWindowMs = 1000;

/**
 * Allocates the free places among the batches: each goes to the batch with the fewest calls in progress, then to the one
 * that was dialed for the longest ago, so that no batch can hold up another. Within a batch, and where batches are equal,
 * those never dialed come before retries, then the earlier due, then the smaller row. `place` is called for each task that
 * gets a place, and returns false when it may not be dialed yet after all; its place goes to the next one. The limit counts
 * these, too. Returns when pace lets somebody through whom nothing else holds back.
 */
export function allocateSlots(
  queues: readonly SlotQueue[],
  usage: SlotUsage,
  limits: SlotLimits,
  place: (task: DueTask) => boolean,
): Date | undefined {
  const places = countPlaces(usage, limits);
  let waiting = queues;
  let paceOpensAt: Date | undefined;
  for (let dealt = 0; dealt < limits.limit && waiting.length > 0; ) {
    const queue = waiting.reduce((best, next) => (comesBefore(next, best, places) ? next : best));
    const turn = queue.first();
    const hasPlace = turn !== undefined && places.inOrganization(queue.batch) > 0 && places.inBatch(queue.batch) > 0;
    if (hasPlace && places.ofCallerId(queue.batch) > 0) {
      if (place(turn)) places.use(queue.batch);
      queue.take();
      dealt += 1;
      continue;
    }
    if (hasPlace) paceOpensAt = earliest(paceOpensAt, places.paceOpensAt(queue.batch));
    waiting = waiting.filter((other) => other !== queue);
  }
  return paceOpensAt;
}

function comesBefore(a: SlotQueue, b: SlotQueue, places: Places): boolean {
  const inProgress = places.inProgress(a.batch) - places.inProgress(b.batch);
  const order = inProgress || lastDialMs(a.batch) - lastDialMs(b.batch);
  if (order !== 0) return order < 0;
  // Only now are the lines looked at: with a thousand batches most of them need not be read.
  const [first, second] = [a.first(), b.first()];
  return first !== undefined && (second === undefined || compareDueTasks(first, second) < 0);
}

/** ms since 1970; 0 when nobody was dialed yet. */
function lastDialMs({ lastDialAt }: StoredBatch): number {
  return lastDialAt?.getTime() ?? 0;
}

type Places = ReturnType<typeof countPlaces>;

/** Places that are left while they are allocated. */
function countPlaces(usage: SlotUsage, limits: SlotLimits) {
  const { now, maxConcurrent, maxConcurrentPerBatch = maxConcurrent, startsPerSecond } = limits;
  const organizations = remembering((id) => usage.openOfOrganization(id));
  const batches = remembering((id) => usage.openOfBatch(id));
  const starts = new Map<string, readonly Date[]>();
  const startsOf = (fromNumber: string): readonly Date[] => {
    const known = starts.get(fromNumber) ?? usage.startsOf(fromNumber);
    starts.set(fromNumber, known);
    return known;
  };

  return {
    inProgress: ({ id }: StoredBatch): number => batches.get(id),
    inOrganization: ({ organizationId }: StoredBatch): number => maxConcurrent - organizations.get(organizationId),
    inBatch: ({ id }: StoredBatch): number => maxConcurrentPerBatch - batches.get(id),
    ofCallerId: ({ fromNumber }: StoredBatch): number => startsPerSecond - startsOf(fromNumber).length,
    /** When the start leaves the window that makes room for the next one. */
    paceOpensAt({ fromNumber }: StoredBatch): Date | undefined {
      const blocking = startsOf(fromNumber)[startsPerSecond - 1];
      return blocking && new Date(blocking.getTime() + paceWindowMs);
    },
    use({ id, organizationId, fromNumber }: StoredBatch): void {
      organizations.add(organizationId);
      batches.add(id);
      starts.set(fromNumber, [now, ...startsOf(fromNumber)]);
    },
  };
}

/** Counters that are read once and counted on from there. */
function remembering(read: (key: string) => number) {
  const known = new Map<string, number>();
  const get = (key: string): number => {
    const count = known.get(key) ?? read(key);
    known.set(key, count);
    return count;
  };
  return { get, add: (key: string): void => void known.set(key, get(key) + 1) };
}
