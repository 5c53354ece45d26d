import type { Clock } from "./domain/clock.ts";

// setTimeout fires at once for delays over 2^31-1 ms, so a long wait is taken in steps.
const longestStepMs = 24 * 60 * 60 * 1000;

/** The clock of the machine. Its timers keep the process alive. */
export const systemClock: Clock = {
  now: () => new Date(),
  at(instant, callback) {
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const remainingMs = instant.getTime() - Date.now();
      timer = setTimeout(
        () => (remainingMs > longestStepMs ? arm() : callback()),
        Math.min(Math.max(remainingMs, 0), longestStepMs),
      );
    };
    arm();
    return () => clearTimeout(timer);
  },
};
