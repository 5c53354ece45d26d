import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../src/lib/clock.ts";

type Timer = { readonly at: number; readonly callback: () => void };

/** A clock that stands still until the test moves it. */
export class TestClock implements Clock {
  #now: number;
  /** What was set, and so did not pass. */
  #setMs = 0;
  readonly #timers = new Set<Timer>();
  readonly #settlers: (() => Promise<unknown>)[] = [];

  constructor(start: string) {
    this.#now = Date.parse(start);
  }

  now(): Date {
    return new Date(this.#now);
  }

  monotonicMs(): number {
    return this.#now - this.#setMs;
  }

  at(instant: Date, callback: () => void): () => void {
    const timer = { at: instant.getTime(), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** `settle` is awaited after each timer that fires: work it started must be over before time moves on. */
  settleWith(settle: () => Promise<unknown>): void {
    this.#settlers.push(settle);
  }

  /** Moves time forward, firing each timer at its own instant, in order. */
  async advance(by: { days?: number; hours?: number; minutes?: number; seconds?: number; ms?: number }): Promise<void> {
    const hours = (by.days ?? 0) * 24 + (by.hours ?? 0);
    const seconds = (hours * 60 + (by.minutes ?? 0)) * 60 + (by.seconds ?? 0);
    const target = this.#now + seconds * 1000 + (by.ms ?? 0);
    await this.settle();
    for (let next = this.#next(target); next; next = this.#next(target)) {
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await this.settle();
    }
    this.#now = target;
    await this.settle();
  }

  /** When the next timer fires. */
  get nextTimerAt(): Date | undefined {
    const next = this.#next(Number.POSITIVE_INFINITY);
    return next && new Date(next.at);
  }

  /** Sets the clock to another time, as an administrator does: no time passes. */
  async step(seconds: number): Promise<void> {
    this.#now += seconds * 1000;
    this.#setMs += seconds * 1000;
    await this.settle();
  }

  async settle(): Promise<void> {
    await setImmediate();
    for (const settle of this.#settlers) await settle();
    await setImmediate();
  }

  #next(until: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) if (timer.at <= until && (!first || timer.at < first.at)) first = timer;
    return first;
  }
}
