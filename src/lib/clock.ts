/** Ends a wait that `Clock.at` began. Calling it twice, or after the callback ran, does nothing. */
export type CancelTimer = () => void;

/** Time as it is handed in: the system's in production, one that the test moves in tests. */
export type Clock = {
  now(): Date;
  /** ms since some instant of the past, which nobody can set. It may stand still while the machine sleeps. */
  monotonicMs(): number;
  /** Calls back once, at `instant` or as soon after as the process runs; never inside this call. */
  at(instant: Date, callback: () => void): CancelTimer;
};

/** Resolves after `durationMs` on that clock, or at once when the signal is aborted. Never rejects. */
export function sleep(clock: Clock, durationMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = (): void => {
      cancel();
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const cancel = clock.at(new Date(clock.now().getTime() + durationMs), finish);
    signal?.addEventListener("abort", finish, { once: true });
  });
}

/**
 * Builds a reader of how far, in ms, it is from now on: by the clock, in either direction, or by monotonic time, whichever
 * says more. The one misses time that passed while the clock was set, the other a machine that slept and a clock that was set.
 */
export function startAge(clock: Clock): () => number {
  const [at, monotonic] = [clock.now().getTime(), clock.monotonicMs()];
  return () => Math.max(Math.abs(clock.now().getTime() - at), clock.monotonicMs() - monotonic);
}

// A timer counts from when it was set: it knows nothing of a clock that somebody sets, or of the hours that a machine
// sleeps. So a long wait is taken in steps, and the clock is read after each.
const longestStepMs = 30_000;

/** The clock of the machine. Its timers keep the process alive. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
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

/** The earliest of the instants; undefined when there is none. */
export function earliest(...instants: readonly (Date | undefined)[]): Date | undefined {
  return instants.reduce((first, at) => (first && at && at >= first ? first : (at ?? first)), undefined);
}
