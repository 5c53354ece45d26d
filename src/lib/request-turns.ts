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
  readonly #nowMs: () => number;
  #waiting: (() => void)[] = [];
  #isOn = false;
  #hasConnected = false;
  #connectedAtMs = Number.NEGATIVE_INFINITY;
  #servedAtMs = 0;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** `serve` is done in the asynchronous context of whoever calls this, never in that of another request. */
  take(serve: () => void): void {
    const now = this.#nowMs();
    if (!this.#isOn && this.#isCalm(now)) {
      serve();
      return;
    }
    const context = new AsyncResource("request");
    this.#waiting.push(() => context.runInAsyncScope(serve));
    if (this.#isOn) return;
    this.#isOn = true;
    this.#servedAtMs = now;
    setImmediate(this.#turn);
  }

  /** Others may wait behind a connection that came; they are let in before anything is served. */
  connected(): void {
    this.#hasConnected = true;
    this.#connectedAtMs = this.#nowMs();
  }

  #isCalm(now: number): boolean {
    return now - this.#connectedAtMs > calmAfterMs;
  }

  readonly #turn = (): void => {
    const now = this.#nowMs();
    if (this.#isCalm(now)) {
      this.#serveAll();
      return;
    }
    const letsIn = this.#hasConnected && now - this.#servedAtMs < longestWaitMs;
    this.#hasConnected = false;
    const serve = letsIn ? undefined : this.#waiting.shift();
    if (!letsIn) this.#servedAtMs = now;
    this.#isOn = this.#waiting.length > 0;
    if (this.#isOn) setImmediate(this.#turn);
    serve?.();
  };

  /** Nobody waits to be let in any more: with clients that go on asking there would always be one in a queue. */
  #serveAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#isOn = false;
    for (const serve of waiting) serve();
  }
}
