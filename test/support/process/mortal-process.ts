import type { BatchCallApi } from "../../../src/client/api.ts";
import type { Clock } from "../../../src/lib/clock.ts";

/** A process that can be killed: from then on nothing that it waits for comes back to it. */
export class MortalProcess {
  #isDead = false;

  crash(): void {
    this.#isDead = true;
  }

  guardClock(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      monotonicMs: () => clock.monotonicMs(),
      at: (instant, callback) => clock.at(instant, () => this.#isDead || callback()),
    };
  }

  guardApi(api: BatchCallApi): BatchCallApi {
    return new Proxy(api, {
      get: (target, name: keyof BatchCallApi) => {
        const method: (...args: never[]) => Promise<unknown> = target[name];
        return (...args: never[]) => this.#survive(method(...args));
      },
    });
  }

  /** What the promise gives, or nothing ever where the process died before. */
  #survive<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => this.#isDead || resolve(value),
        (error: unknown) => this.#isDead || reject(error),
      );
    });
  }
}
