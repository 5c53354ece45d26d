import type { Clock } from "./clock-type.ts";

// A timer counts from when it was set: it knows nothing of a clock that somebody sets, or of the hours that a machine
// sleeps. So a long wait is taken in steps, and the clock is read after each.
const longestStepMs = 30_000;

/** The clock of the machine. Its timers keep the process alive. */
export const systemClock: Clock = {
  now: () => new Date(),
  at(instant, callback) {
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const remainingMs = Math.max(instant.getTime() - Date.now(), 0);
      timer = setTimeout(look, Math.min(remainingMs, longestStepMs));
    };
    const look = (): void => (Date.now() < instant.getTime() ? wait() : callback());
    wait();
    return () => clearTimeout(timer);
  },
};
