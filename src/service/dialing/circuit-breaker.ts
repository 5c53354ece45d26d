import { type Background, backOffMs } from "../../lib/background.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { type CarrierRoom, freeRoom, type SharedRoom } from "../store/index.ts";
import type { CarrierRest } from "./dialing.ts";

/** However long a carrier asks for: it is asked again after that. */
const longestRestMs = 60 * 60_000;

/**
 * Lets a carrier that fails to take attempts rest for a while, longer with every failure that follows a rest, and goes slower
 * with one that had no room for more. That it has no room is its own word and holds for every process; a failure can be this
 * process's own, and the others find out by themselves.
 */
export type CircuitBreaker = {
  /** The instant until which nothing is to be handed over; undefined when the carrier may be tried. */
  until(): Date | undefined;
  /** The same with why, in words for people. */
  rest(): CarrierRest | undefined;
  failed(): void;
  accepted(): void;
  /** It has no room, and says why: it rests for `retryAfterMs`, an hour at most, or as after a failure, and the pace is halved. */
  full(says?: string, retryAfterMs?: number): void;
  /** The most starts of a caller id within a second: what was set, or fewer until the carrier has taken as many again. */
  startsPerSecond(): number;
  /** Reads what other processes were told meanwhile. */
  refresh(): Promise<void>;
};

export type CircuitBreakerParts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly background: Background;
  /** The most starts of a caller id within a second, as it is set. */
  readonly startsPerSecond: number;
  /** Absent where no other process dials on the store. */
  readonly shared?: SharedRoom;
};

export function createCircuitBreaker({
  clock,
  log,
  background,
  startsPerSecond: most,
  shared,
}: CircuitBreakerParts): CircuitBreaker {
  let failures = 0;
  let restsUntil: Date | undefined;
  let room = freeRoom;
  /** What it said to this process last. */
  let saysFull: string | undefined;
  let lastChange = Promise.resolve();
  const future = (at: Date | undefined): Date | undefined => (at && at > clock.now() ? at : undefined);
  const until = (): Date | undefined => latest(future(restsUntil), future(room.fullUntil));

  /** Here at once, and then for all, from what they have by then. */
  function change(next: (room: CarrierRoom) => CarrierRoom): void {
    room = next(room);
    if (!shared) return;
    lastChange = lastChange
      .then(() => background.track(() => shared.change(next, clock.now())))
      .then(
        (known) => {
          room = known;
        },
        (error) => log.warn({ err: error }, "Other processes could not be told of the room that the carrier has"),
      );
  }

  return {
    until,
    rest() {
      const at = until();
      if (!at) return undefined;
      const isOwnWord = isFull(room, clock.now());
      return { until: at, why: isOwnWord ? hasNoRoom(saysFull) : "the provider could not be reached" };
    },
    // Attempts handed over side by side fail side by side: together they are one failure.
    failed() {
      if (until()) return;
      failures += 1;
      restsUntil = new Date(clock.now().getTime() + backOffMs(failures));
    },
    accepted() {
      failures = 0;
      restsUntil = undefined;
      if (room.timesFull > 0 || room.pace !== undefined) change((known) => afterTaken(known, clock.now(), most));
    },
    full(says, retryAfterMs) {
      saysFull = says;
      change((known) => afterFull(known, clock.now(), most, retryAfterMs));
    },
    startsPerSecond: () => Math.max(Math.floor(Math.min(room.pace ?? most, most)), 1),
    async refresh() {
      if (shared) room = await shared.read(clock.now());
    },
  };
}

function hasNoRoom(says: string | undefined): string {
  const said = says === undefined ? "" : ` (it says: "${says}")`;
  return `the provider takes no more calls for now${said}`;
}

function afterFull(room: CarrierRoom, now: Date, most: number, retryAfterMs?: number): CarrierRoom {
  const isKnown = isFull(room, now);
  const timesFull = room.timesFull + (isKnown ? 0 : 1);
  const pace = isKnown ? room.pace : Math.max(Math.floor((room.pace ?? most) / 2), 1);
  const waitMs = Math.min(retryAfterMs ?? backOffMs(timesFull), longestRestMs);
  const fullUntil = latest(isKnown ? room.fullUntil : undefined, new Date(now.getTime() + waitMs));
  return { timesFull, ...(pace !== undefined && { pace }), ...(fullUntil && { fullUntil }) };
}

/** Those that were taken beside the one that found no room say nothing of the room there is now. */
function afterTaken(room: CarrierRoom, now: Date, most: number): CarrierRoom {
  if (isFull(room, now)) return room;
  const pace = room.pace === undefined ? most : room.pace + 1 / room.pace;
  return pace >= most ? freeRoom : { timesFull: 0, pace };
}

function isFull({ fullUntil }: CarrierRoom, now: Date): boolean {
  return fullUntil !== undefined && fullUntil > now;
}

function latest(...instants: readonly (Date | undefined)[]): Date | undefined {
  return instants.reduce((last, at) => (last && at && at <= last ? last : (at ?? last)), undefined);
}
