import type { CancelTimer, Clock } from "./clock.ts";
import type { Log } from "./log.ts";

/** Work that goes on after a call was answered, until the process ends. */
export class Background {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #timers = new Set<CancelTimer>();
  readonly #running = new Set<Promise<void>>();
  #closed = false;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Does the work after so long. What it throws is logged. */
  after(waitMs: number, work: () => Promise<void>): void {
    if (this.#closed) return;
    const cancel = this.#clock.at(new Date(this.#clock.now().getTime() + waitMs), () => {
      this.#timers.delete(cancel);
      this.run(work);
    });
    this.#timers.add(cancel);
  }

  run(work: () => Promise<void>): void {
    if (this.#closed) return;
    const running = work()
      .catch((err: unknown) => this.#log.error({ err }, "work in the background failed"))
      .then(() => void this.#running.delete(running));
    this.#running.add(running);
  }

  /** Begins nothing more, and resolves when what is under way is over. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const cancel of this.#timers) cancel();
    await Promise.all(this.#running);
  }
}
