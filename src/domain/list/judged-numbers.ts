import type { E164 } from "../phone/phone-number.ts";

/**
 * Which row has a number, for lists of a million rows: 16 bytes an entry where a map of texts takes a hundred. At most
 * fifteen digits are a whole number that a double holds exactly.
 */
export class JudgedNumbers {
  #numbers = new Float64Array(1024);
  #rows = new Float64Array(1024);
  #size = 0;

  /** The row that has the number already; undefined when there was none, and then it is this one's. */
  take(number: E164, row: number): number | undefined {
    if (this.#size * 2 >= this.#numbers.length) this.#grow();
    const key = keyOf(number);
    const place = this.#placeOf(key);
    if (this.#numbers[place] === key) return this.#rows[place];
    this.#put(place, key, row);
    return undefined;
  }

  /** Text that is no number is nobody's. */
  rowOf(number: string): number | undefined {
    const key = keyOf(number);
    const place = this.#placeOf(key);
    return key > 0 && this.#numbers[place] === key ? this.#rows[place] : undefined;
  }

  #put(place: number, key: number, row: number): void {
    this.#numbers[place] = key;
    this.#rows[place] = row;
    this.#size++;
  }

  /** Where the key stands, or the free place where it would. */
  #placeOf(key: number): number {
    const last = this.#numbers.length - 1;
    let place = scatter(key) & last;
    while (this.#numbers[place] !== 0 && this.#numbers[place] !== key) place = (place + 1) & last;
    return place;
  }

  #grow(): void {
    const [numbers, rows] = [this.#numbers, this.#rows];
    this.#numbers = new Float64Array(numbers.length * 2);
    this.#rows = new Float64Array(numbers.length * 2);
    this.#size = 0;
    numbers.forEach((key, index) => {
      if (key !== 0) this.#put(this.#placeOf(key), key, rows[index] ?? 0);
    });
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

/** Spreads numbers that follow each other, as those of an office do, over the whole table. */
function scatter(key: number): number {
  const mixed = Math.imul((key >>> 0) ^ Math.imul(Math.floor(key / 2 ** 32), 0x9e3779b1), 0x85ebca6b);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
