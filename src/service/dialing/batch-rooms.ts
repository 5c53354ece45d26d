import { type Clock, earliest } from "../../lib/clock.ts";
import type { Carrier } from "../carriers/index.ts";
import type { DialStore, RunningBatch } from "../store/index.ts";
import type { CarrierRest } from "./dialing.ts";
import type { OpenHours } from "./open-hours.ts";

/** How many calls of each batch the carrier takes, where it says so before they are claimed. */
export type BatchRooms = {
  /**
   * Asks it for the batches in which somebody is due, and holds those of which it takes none until a person acts. `now` is that of the
   * claim that follows. Returns when to ask again, by the clock of this process.
   */
  look(now: Date): Promise<Date | undefined>;
  /** As it was at the last look, less those that are on their way to the carrier. */
  roomOf(batchId: string): number;
  lineWaitOf(batchId: string): CarrierRest | undefined;
};

export function createBatchRooms(parts: {
  readonly carrier: Pick<Carrier, "roomOf">;
  readonly store: Pick<DialStore, "batchesDue">;
  readonly clock: Clock;
  readonly hours: OpenHours;
  readonly onTheirWay: (batchId: string) => number;
  readonly hold: (batch: RunningBatch, reason: string) => Promise<void>;
}): BatchRooms {
  const { carrier, store, clock, hours, onTheirWay, hold } = parts;
  type Known = { readonly calls: number; readonly wait?: CarrierRest };
  let rooms: ReadonlyMap<string, Known> = new Map();

  return {
    async look(now) {
      if (!carrier.roomOf) return undefined;
      const seen = new Map<string, Known>();
      let askAgainAt: Date | undefined;
      for (const batch of await store.batchesDue(now, hours.isOpen)) {
        const room = await carrier.roomOf(batch.id);
        if (room.kind === "hold") {
          seen.set(batch.id, { calls: 0 });
          await hold(batch, room.reason);
        } else {
          seen.set(batch.id, room);
          askAgainAt = earliest(askAgainAt, room.askAgainAt);
        }
      }
      rooms = seen;
      return askAgainAt;
    },
    roomOf(batchId) {
      if (!carrier.roomOf) return Number.POSITIVE_INFINITY;
      return (rooms.get(batchId)?.calls ?? 0) - onTheirWay(batchId);
    },
    lineWaitOf(batchId) {
      const wait = rooms.get(batchId)?.wait;
      return wait && wait.until > clock.now() ? { ...wait, isLatest: true } : undefined;
    },
  };
}
