import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../lib/clock.ts";

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

  #forgetOld(): void {
    const now = this.#clock.now();
    for (const [hash, { until }] of this.#entries) if (until <= now) this.#entries.delete(hash);
  }
}

function digest(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
