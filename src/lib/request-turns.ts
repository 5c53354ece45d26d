import { AsyncResource } from "node:async_hooks";

/** So long at most do requests wait for connections that keep coming. */
const longestWaitMs = 50;
/** So long after the last connection others may still wait to be let in. */
const calmAfterMs = 1000;

/**
 * While connections come, requests one a turn of the event loop, in the order in which they came. The loop takes one new connection a turn: were
 * all requests that are there served in each, whoever connects while a thousand others ask would wait until those have asked everything.
 */
export class RequestTurns {
  readonly #waiting: (() => void)[] = [];
  #isOn = false;
  #hasConnected = false;
  #connectedAtMs = Number.NEGATIVE_INFINITY;
  #servedAtMs = 0;

  /** `serve` is done in the asynchronous context of whoever calls this, never in that of another request. */
  take(serve: () => void): void {
    const now = performance.now();
    if (!this.#isOn && now - this.#connectedAtMs > calmAfterMs) {
      serve();
      return;
    }
    this.#waiting.push(AsyncResource.bind(serve));
    if (this.#isOn) return;
    this.#isOn = true;
    this.#servedAtMs = now;
    setImmediate(this.#turn);
  }

  /** Others may wait behind a connection that came; they are let in before anything is served. */
  connected(): void {
    this.#hasConnected = true;
    this.#connectedAtMs = performance.now();
  }

  readonly #turn = (): void => {
    const now = performance.now();
    const letsIn = this.#hasConnected && now - this.#servedAtMs < longestWaitMs;
    this.#hasConnected = false;
    const serve = letsIn ? undefined : this.#waiting.shift();
    if (!letsIn) this.#servedAtMs = now;
    this.#isOn = this.#waiting.length > 0;
    if (this.#isOn) setImmediate(this.#turn);
    serve?.();
  };
}
