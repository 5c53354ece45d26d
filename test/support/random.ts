/** The same numbers, from 0 (included) to 1, for the same seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** Mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(values: readonly [T, ...T[]]): T {
    return values[this.below(values.length)] ?? values[0];
  }

  /** Undefined when there is none. */
  pickAny<T>(values: readonly T[]): T | undefined {
    return values[this.below(values.length)];
  }
}

/** Seeds 1, 2, 3 …: as many as `BATCH_CALL_TEST_SEEDS` says, for a long run, else the usual number. */
export function seedsToRun(usual: number): readonly number[] {
  const count = Number(process.env["BATCH_CALL_TEST_SEEDS"] ?? usual);
  return Array.from({ length: count }, (_, index) => index + 1);
}
