import { setImmediate } from "node:timers/promises";
import type { BatchCallApi } from "../../../src/client/api.ts";
import type { TestClock } from "../test-clock.ts";

// Turns of the event loop in which nothing has to happen before nothing is taken to be under way.
const calmTurns = 20;

/**
 * Moves a clock no faster than real sockets can follow: while the API is being asked, time stands still, unless the
 * wire itself waits for time to pass.
 */
export class Pace {
  readonly #clock: TestClock;
  readonly #stepWhileAsking: () => number | undefined;
  #asking = 0;

  /**
   * `stepWhileAsking` tells whether what is asked waits for time itself: then by at least how many ms time moves,
   * else undefined.
   */
  constructor(clock: TestClock, stepWhileAsking: () => number | undefined = () => undefined) {
    this.#clock = clock;
    this.#stepWhileAsking = stepWhileAsking;
  }

  /** The same API, whose requests are noticed. */
  watch(api: BatchCallApi): BatchCallApi {
    return new Proxy(api, {
      get: (target, name: keyof BatchCallApi) => {
        const method: (...args: never[]) => Promise<unknown> = target[name];
        return (...args: never[]) => this.#noticed(() => method(...args));
      },
    });
  }

  /** Lets time pass, timer by timer, until the work is over. */
  async until<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const finish = (): void => {
      isOver = true;
    };
    work.then(finish, finish);
    for (;;) {
      await this.calm(() => isOver);
      if (isOver) return work;
      // As one step, or what is tried again and again would be tried at each of its own instants in between.
      await this.#clock.step((this.#stepWhileAsking() ?? 0) / 1000);
      const next = this.#clock.nextTimerAt;
      if (next) await this.#advanceTo(next.getTime());
    }
  }

  /** Lets so much time pass, and everything that is due within it come to its end. */
  async pass(by: { readonly minutes?: number; readonly seconds?: number }): Promise<void> {
    const target = this.#clock.now().getTime() + ((by.minutes ?? 0) * 60 + (by.seconds ?? 0)) * 1000;
    for (;;) {
      await this.calm();
      const next = this.#clock.nextTimerAt?.getTime() ?? target;
      await this.#advanceTo(Math.min(next, target));
      if (next > target || this.#clock.now().getTime() >= target) break;
    }
    await this.calm();
  }

  /** Resolves when nothing is under way that could go on without time. */
  async calm(isOver: () => boolean = () => false): Promise<void> {
    for (let turns = 0; turns < calmTurns && !isOver(); turns++) {
      await setImmediate();
      if (this.#isBusy()) turns = 0;
    }
  }

  #isBusy(): boolean {
    // The system looks names up outside of the event loop.
    if (process.getActiveResourcesInfo().includes("GetAddrInfoReqWrap")) return true;
    return this.#asking > 0 && this.#stepWhileAsking() === undefined;
  }

  async #advanceTo(time: number): Promise<void> {
    await this.#clock.advance({ ms: Math.max(0, time - this.#clock.now().getTime()) });
  }

  async #noticed<T>(ask: () => Promise<T>): Promise<T> {
    this.#asking++;
    try {
      return await ask();
    } finally {
      this.#asking--;
    }
  }
}
