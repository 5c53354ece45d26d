import { setImmediate } from "node:timers/promises";
import type { CancelTimer, Clock } from "./clock.ts";
import type { Log } from "./log.ts";

/**
 * Keeps the work that goes on beside an answer and the timers that set it off, so that somebody can wait until nothing is
 * under way and end all of it.
 */
export class Background {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #timers = new Set<CancelTimer>();
  readonly #running = new Set<Promise<unknown>>();
  #isStopped = false;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Does the work and counts it as under way meanwhile. What it throws is the caller's. */
  track<T>(work: () => Promise<T>): Promise<T> {
    const running = work();
    this.#running.add(running);
    const done = (): void => void this.#running.delete(running);
    running.then(done, done);
    return running;
  }

  /** Does the work now; nothing after `stop`. What it throws is logged. */
  start(work: () => Promise<void>): void {
    if (this.#isStopped) return;
    void this.track(work).catch((err: unknown) => this.#log.error({ err }, "work in the background failed"));
  }

  /** Calls back at that instant, unless it is cancelled or everything is stopped before. */
  at(instant: Date, callback: () => void): CancelTimer {
    if (this.#isStopped) return () => {};
    const cancel = this.#clock.at(instant, () => {
      this.#timers.delete(cancel);
      callback();
    });
    this.#timers.add(cancel);
    return () => {
      this.#timers.delete(cancel);
      cancel();
    };
  }

  /** Does the work after so long. What it throws is logged. */
  after(waitMs: number, work: () => Promise<void>): CancelTimer {
    return this.at(new Date(this.#clock.now().getTime() + waitMs), () => this.start(work));
  }

  /**
   * For a step that must not be given up: one that throws is logged and tried again, with growing waits, until it succeeds
   * or everything is stopped. Resolves after the first try, whatever its outcome. `about` goes into the log.
   */
  async retryUntilDone(about: object, step: () => Promise<void>, failures = 0): Promise<void> {
    try {
      await this.track(step);
    } catch (err) {
      const waitMs = backOffMs(failures + 1);
      this.#log.error({ ...about, err, failures: failures + 1, waitMs }, "A step failed and is tried again");
      this.after(waitMs, () => this.retryUntilDone(about, step, failures + 1));
    }
  }

  /** Resolves when nothing is under way; work that begins meanwhile counts too. Never rejects. */
  async idle(): Promise<void> {
    // What one piece of work sets off begins before the event loop turns.
    do {
      await Promise.allSettled(this.#running);
      await setImmediate();
    } while (this.#running.size > 0);
  }

  /** Sets off nothing more: timers and repeats end. What is under way goes on. */
  stop(): void {
    this.#isStopped = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  /** Sets off nothing more, and resolves when what is under way is over. */
  async close(): Promise<void> {
    this.stop();
    await this.idle();
  }
}

const firstBackOffMs = 1_000;
const longestBackOffMs = 30_000;

/** How long to wait after so many failures in a row (1 for the first): 1 s, doubling, at most 30 s. */
export function backOffMs(failures: number): number {
  return Math.min(firstBackOffMs * 2 ** (failures - 1), longestBackOffMs);
}

/** Lets one piece of work run at a time for each key, in the order of the calls. */
export class KeyedMutex {
  readonly #last = new Map<string, Promise<unknown>>();

  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}
