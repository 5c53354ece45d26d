import { setImmediate } from "node:timers/promises";
import { JudgedNumbers } from "../domain/list/judged-numbers.ts";
import type { E164 } from "../domain/phone/phone-number.ts";
import { fromFates } from "./block.ts";
import type { BlockStore } from "./block-store.ts";

const mostInMemory = 4;

/** Which row has a number, for the results of a batch. The lists that were asked for last stay in memory. */
export class RowIndex {
  readonly #blocks: BlockStore;
  readonly #numbers = new Map<number, Promise<JudgedNumbers>>();

  constructor(blocks: BlockStore) {
    this.#blocks = blocks;
  }

  /** A number is some row's whatever a do-not-call list says now: rows of a storage keep their numbers. */
  async rowsOf(storage: number, numbers: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const known = this.#numbers.get(storage) ?? this.#read(storage);
    this.#numbers.delete(storage);
    this.#numbers.set(storage, known);
    const [oldest] = this.#numbers.keys();
    if (this.#numbers.size > mostInMemory && oldest !== undefined) this.#numbers.delete(oldest);
    const index = await known;
    const rows = new Map<string, number>();
    for (const number of numbers) {
      const row = index.rowOf(number);
      if (row !== undefined) rows.set(number, row);
    }
    return rows;
  }

  async #read(storage: number): Promise<JudgedNumbers> {
    const numbers = new JudgedNumbers();
    const fallbacks: (readonly [E164, number])[] = [];
    for (const { block } of this.#blocks.index(storage)) {
      const rows = this.#blocks.rowNumbers(storage, block);
      for (const [place, fate] of fromFates(this.#blocks.fates(storage, block)).entries()) {
        const row = rows[place] ?? 0;
        if (!("type" in fate)) continue;
        numbers.take(fate.toNumber, row);
        for (const number of fate.fallbackNumbers ?? []) fallbacks.push([number, row]);
      }
      await setImmediate();
    }
    for (const [number, row] of fallbacks) numbers.take(number, row);
    return numbers;
  }
}
