import { backOffMs } from "../../lib/background.ts";
import type { Clock } from "../../lib/clock.ts";

/** However long a carrier asks for: it is asked again after that. */
const longestRestMs = 60 * 60_000;

/**
 * Lets a carrier that fails to take attempts rest for a while, longer with every failure that follows a rest, and goes slower
 * with one that had no room for more.
 */
export type CircuitBreaker = {
  /** The instant until which nothing is to be handed over; undefined when the carrier may be tried. */
  until(): Date | undefined;
  failed(): void;
  accepted(): void;
  /** It has no room: it rests for `retryAfterMs`, an hour at most, or as after a failure, and the pace is halved. */
  full(retryAfterMs?: number): void;
  /** The most starts of a caller id within a second: what was set, or fewer until the carrier has taken as many again. */
  startsPerSecond(): number;
};

export function createCircuitBreaker(clock: Clock, mostStartsPerSecond: number): CircuitBreaker {
  let failures = 0;
  let restsUntil: Date | undefined;
  let timesFull = 0;
  let fullUntil: Date | undefined;
  let pace = mostStartsPerSecond;
  const future = (at: Date | undefined): Date | undefined => (at && at > clock.now() ? at : undefined);
  const until = (): Date | undefined => latest(future(restsUntil), future(fullUntil));

  return {
    until,
    // Attempts handed over side by side fail side by side: together they are one failure.
    failed() {
      if (until()) return;
      failures += 1;
      restsUntil = new Date(clock.now().getTime() + backOffMs(failures));
    },
    accepted() {
      failures = 0;
      restsUntil = undefined;
      // Those that were taken beside the one that found no room say nothing of the room there is now.
      if (future(fullUntil)) return;
      timesFull = 0;
      pace = Math.min(pace + 1 / pace, mostStartsPerSecond);
    },
    full(retryAfterMs) {
      if (!future(fullUntil)) {
        timesFull += 1;
        pace = Math.max(Math.floor(pace / 2), 1);
      }
      const waitMs = Math.min(retryAfterMs ?? backOffMs(timesFull), longestRestMs);
      fullUntil = latest(future(fullUntil), new Date(clock.now().getTime() + waitMs));
    },
    startsPerSecond: () => Math.max(Math.floor(pace), 1),
  };
}

function latest(...instants: readonly (Date | undefined)[]): Date | undefined {
  return instants.reduce((last, at) => (last && at && at <= last ? last : (at ?? last)), undefined);
}
