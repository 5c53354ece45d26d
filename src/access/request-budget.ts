import type { Clock } from "../lib/clock.ts";

/** Whether a request is served now. */
export type Admission = { readonly leave: () => void } | { readonly retryAfterSeconds: number };

export type BudgetLimits = {
  /** So many may come at once after a quiet minute. */
  readonly perMinute: number;
  /** Requests of one caller that are being served. */
  readonly atOnce: number;
};

type Account = { tokens: number; countedAtMs: number; underWay: number };

/** Requests of each caller, by a bucket that fills evenly: whoever asks too much waits, and nobody else does. */
export class RequestBudget {
  readonly #clock: Clock;
  readonly #limits: BudgetLimits;
  readonly #accounts = new Map<string, Account>();
  #nextSweepMs = 0;

  constructor(clock: Clock, limits: BudgetLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** `leave` is to be called once the request is over. */
  enter(caller: string): Admission {
    const { perMinute, atOnce } = this.#limits;
    const account = this.#accountOf(caller);
    if (account.underWay >= atOnce) return { retryAfterSeconds: 1 };
    if (account.tokens < 1) return { retryAfterSeconds: Math.ceil(((1 - account.tokens) * 60) / perMinute) };
    account.tokens -= 1;
    account.underWay += 1;
    let isOver = false;
    const leave = (): void => {
      if (!isOver) account.underWay -= 1;
      isOver = true;
    };
    return { leave };
  }

  #accountOf(caller: string): Account {
    const now = this.#clock.monotonicMs();
    this.#sweep(now);
    const { perMinute } = this.#limits;
    const known = this.#accounts.get(caller) ?? { tokens: perMinute, countedAtMs: now, underWay: 0 };
    known.tokens = Math.min(perMinute, known.tokens + ((now - known.countedAtMs) * perMinute) / 60_000);
    known.countedAtMs = now;
    this.#accounts.set(caller, known);
    return known;
  }

  /** After a minute without a request a bucket is full, as one that is new. */
  #sweep(now: number): void {
    if (now < this.#nextSweepMs) return;
    this.#nextSweepMs = now + 60_000;
    for (const [caller, { countedAtMs, underWay }] of this.#accounts)
      if (underWay === 0 && now - countedAtMs >= 60_000) this.#accounts.delete(caller);
  }
}
