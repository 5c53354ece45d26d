import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";

type Entry<T> = { readonly value: T; readonly until: Date };

/**
 * Random secrets of 256 bits, each standing for a value for a while. They are kept and found by their hash alone, so
 * that neither memory nor the time of a look-up gives one away.
 */
export class Secrets<T> {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry<T>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue(value: T, until: Date): string {
    this.#forgetOld();
    const secret = randomBytes(32).toString("base64url");
    this.#entries.set(digest(secret), { value, until });
    return secret;
  }

  find(secret: string | undefined): T | undefined {
    this.#forgetOld();
    return secret === undefined ? undefined : this.#entries.get(digest(secret))?.value;
  }

  /** What the secrets stand for that are still good. */
  all(): readonly T[] {
    this.#forgetOld();
    return [...this.#entries.values()].map(({ value }) => value);
  }

  #forgetOld(): void {
    const now = this.#clock.now();
    for (const [hash, { until }] of this.#entries) if (until <= now) this.#entries.delete(hash);
  }
}

const summaryEveryMs = 60_000;

/** Counts wrong secrets. The log has a line for the 1st, 10th, 100th and so on, and else at most one a minute. */
export class WrongSecrets {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #what: string;
  #total = 0;
  #logged = 0;
  #loggedAtMs: number | undefined;

  /** `what` names them in the log. */
  constructor({ clock, log }: { readonly clock: Clock; readonly log: Log }, what: string) {
    this.#clock = clock;
    this.#log = log;
    this.#what = what;
  }

  count(): void {
    this.#total += 1;
    const nowMs = this.#clock.monotonicMs();
    const isSoon = this.#loggedAtMs !== undefined && nowMs - this.#loggedAtMs < summaryEveryMs;
    if (isSoon && !Number.isInteger(Math.log10(this.#total))) return;
    this.#log.warn({ count: this.#total - this.#logged, total: this.#total }, this.#what);
    this.#logged = this.#total;
    this.#loggedAtMs = nowMs;
  }
}

const freeTries = 5;
const firstWaitMs = 1000;
const longestWaitMs = 30_000;

/**
 * Slows down whoever guesses. After five wrong secrets in a row each more one doubles the wait before the next is looked
 * at, up to 30 s. What comes during a wait is not looked at and does not make it longer: a wait ends, whatever a stranger
 * does.
 */
export class GuessDelay {
  readonly #clock: Clock;
  #wrong = 0;
  #nextAtMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** 0 when a secret may be looked at now. */
  get waitMs(): number {
    return Math.max(0, this.#nextAtMs - this.#clock.monotonicMs());
  }

  right(): void {
    this.#wrong = 0;
  }

  wrong(): void {
    this.#wrong += 1;
    const more = this.#wrong - freeTries;
    if (more < 0) return;
    this.#nextAtMs = this.#clock.monotonicMs() + Math.min(firstWaitMs * 2 ** more, longestWaitMs);
  }
}

function digest(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
