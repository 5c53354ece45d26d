import { backOffMs } from "../../lib/background.ts";
import type { Clock } from "../../lib/clock.ts";

/** Lets a carrier that fails to take attempts rest for a while, longer with every failure that follows a rest. */
export type CircuitBreaker = {
  /** The instant until which nothing is to be handed over; undefined when the carrier may be tried. */
  until(): Date | undefined;
  failed(): void;
  accepted(): void;
};

export function createCircuitBreaker(clock: Clock): CircuitBreaker {
  let failures = 0;
  let restsUntil: Date | undefined;
  const until = (): Date | undefined => (restsUntil && restsUntil > clock.now() ? restsUntil : undefined);

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
    },
  };
}
