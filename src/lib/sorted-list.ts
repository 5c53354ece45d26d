/** Keeps what is added in order: finding a place takes log n comparisons. No two items may be equal by `compare`. */
export class SortedList<T> {
  readonly #compare: (a: T, b: T) => number;
  readonly #items: T[] = [];

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  /** In their order. */
  get items(): readonly T[] {
    return this.#items;
  }

  add(item: T): void {
    const last = this.#items.at(-1);
    if (last === undefined || this.#compare(last, item) < 0) this.#items.push(item);
    else this.#items.splice(this.#placeOf(item), 0, item);
  }

  /** Has no effect where it is not in the list. What decides its place must be what it was when it was added. */
  remove(item: T): void {
    const place = this.#placeOf(item);
    if (this.#items[place] === item) this.#items.splice(place, 1);
  }

  /** The items from the first one on for which `isReached` is true; it must be true for all that follow that one. */
  *from(isReached: (item: T) => boolean): Generator<T, void> {
    for (let place = this.#firstPlace(isReached); place < this.#items.length; place += 1) yield this.#at(place);
  }

  #placeOf(item: T): number {
    return this.#firstPlace((other) => this.#compare(other, item) >= 0);
  }

  #firstPlace(isReached: (item: T) => boolean): number {
    let [low, high] = [0, this.#items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isReached(this.#at(middle))) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  // Safe: asked for places in the list only.
  #at(place: number): T {
    return this.#items[place] as T;
  }
}
