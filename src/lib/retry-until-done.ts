import { backOffMs } from "./back-off.ts";
import type { CancelTimer, Clock } from "./clock.ts";
import type { InFlight } from "./in-flight.ts";
import type { Log } from "./log.ts";

/** Gets steps done that must not be given up: a step that throws is logged and tried again until it succeeds. */
export type RetryUntilDone = {
  /** Resolves after the first try, whatever became of it. `about` goes into the log. */
  persist(about: object, step: () => Promise<void>): Promise<void>;
  /** Tries nothing again from here on. */
  stop(): void;
};

/** The waits between tries are on the clock and do not count as work in hand. */
export function createRetryUntilDone(parts: { clock: Clock; log: Log; work: InFlight }): RetryUntilDone {
  const { clock, log, work } = parts;
  const waits = new Set<CancelTimer>();
  let stopped = false;

  async function tryOnce(about: object, step: () => Promise<void>, failures: number): Promise<void> {
    try {
      await work.run(step);
    } catch (error) {
      const waitMs = backOffMs(failures + 1);
      log.error(
        { ...about, err: error, failures: failures + 1, waitMs },
        "A step of an attempt failed and is tried again",
      );
      if (!stopped) tryLater(about, step, failures + 1, waitMs);
    }
  }

  function tryLater(about: object, step: () => Promise<void>, failures: number, waitMs: number): void {
    const cancel = clock.at(new Date(clock.now().getTime() + waitMs), () => {
      waits.delete(cancel);
      void tryOnce(about, step, failures);
    });
    waits.add(cancel);
  }

  return {
    persist: (about, step) => tryOnce(about, step, 0),
    stop() {
      stopped = true;
      for (const cancel of waits) cancel();
      waits.clear();
    },
  };
}
