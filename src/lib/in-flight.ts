import { setImmediate } from "node:timers/promises";

/** Keeps count of work that is being done, so that somebody can wait until there is none. */
export type InFlight = {
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when nothing is being done; work that begins meanwhile counts too. Never rejects. */
  idle(): Promise<void>;
};

export function createInFlight(): InFlight {
  const inHand = new Set<Promise<unknown>>();
  return {
    run(work) {
      const running = work();
      inHand.add(running);
      const done = (): void => void inHand.delete(running);
      running.then(done, done);
      return running;
    },
    async idle() {
      // What one piece of work sets off begins before the event loop turns.
      do {
        await Promise.allSettled(inHand);
        await setImmediate();
      } while (inHand.size > 0);
    },
  };
}
