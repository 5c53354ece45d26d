import type { E164 } from "../phone/phone-number.ts";

const tableCount = 32;
const firstPlaces = 64;

/**
 * Which row has a number, for lists of a million rows: 12 bytes a place where a map of texts takes a hundred. At most
 * fifteen digits are a whole number that a double holds exactly. Many small tables grow one at a time: a single one of a
 * million would hold everybody up while it does, and needs its old and its new place at once.
 */
export class JudgedNumbers {
  readonly #tables: (NumberTable | undefined)[] = Array.from({ length: tableCount });

  /** The row that has the number already; undefined when there was none, and then it is this one's. */
  take(number: E164, row: number): number | undefined {
    const key = keyOf(number);
    const hash = scatter(key);
    const place = hash % tableCount;
    // Made when they are needed: a short list, or one without what a table is for, would spend more on them than on its rows.
    const table = this.#tables[place] ?? new NumberTable();
    this.#tables[place] = table;
    return table.take(key, Math.floor(hash / tableCount), row);
  }

  /** Text that is no number is nobody's. */
  rowOf(number: string): number | undefined {
    const key = keyOf(number);
    const hash = scatter(key);
    return key > 0 ? this.#tables[hash % tableCount]?.rowOf(key, Math.floor(hash / tableCount)) : undefined;
  }
}

/** Keys above zero; a key stands at the place of its hash, or at the next one that is free. */
class NumberTable {
  #keys = new Float64Array(firstPlaces);
  #rows = new Uint32Array(firstPlaces);
  #size = 0;

  take(key: number, hash: number, row: number): number | undefined {
    const place = this.#placeOf(key, hash);
    if (this.#keys[place] === key) return this.#rows[place];
    this.#keys[place] = key;
    this.#rows[place] = row;
    this.#size++;
    if (this.#size * 4 > this.#keys.length * 3) this.#grow();
    return undefined;
  }

  rowOf(key: number, hash: number): number | undefined {
    const place = this.#placeOf(key, hash);
    return this.#keys[place] === key ? this.#rows[place] : undefined;
  }

  /** Where the key stands, or the free place where it would. */
  #placeOf(key: number, hash: number): number {
    const last = this.#keys.length - 1;
    let place = hash & last;
    while (this.#keys[place] !== 0 && this.#keys[place] !== key) place = (place + 1) & last;
    return place;
  }

  #grow(): void {
    const [keys, rows] = [this.#keys, this.#rows];
    this.#keys = new Float64Array(keys.length * 2);
    this.#rows = new Uint32Array(keys.length * 2);
    for (let from = 0; from < keys.length; from++) {
      const key = keys[from] ?? 0;
      if (key === 0) continue;
      const place = this.#placeOf(key, Math.floor(scatter(key) / tableCount));
      this.#keys[place] = key;
      this.#rows[place] = rows[from] ?? 0;
    }
  }
}

/** The digits after the plus as a number; NaN where there is something else. */
function keyOf(number: string): number {
  let key = 0;
  for (let at = 1; at < number.length; at++) {
    const digit = number.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    key = key * 10 + digit;
  }
  return key;
}

/** 32 bits that spread numbers which follow each other, as those of an office do, over all tables and places. */
function scatter(key: number): number {
  const mixed = Math.imul((key >>> 0) ^ Math.imul(Math.floor(key / 2 ** 32), 0x9e3779b1), 0x85ebca6b);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
