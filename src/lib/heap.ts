/** Gives out what comes first of many, without sorting all of them: a binary heap. */
export class Heap<T> {
  readonly #comesBefore: (a: T, b: T) => boolean;
  #items: T[] = [];

  constructor(comesBefore: (a: T, b: T) => boolean) {
    this.#comesBefore = comesBefore;
  }

  /** Replaces what is in it; takes over the list. */
  fill(items: T[]): void {
    this.#items = items;
    for (let at = (items.length >> 1) - 1; at >= 0; at -= 1) this.#sink(at);
  }

  add(item: T): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = items[above];
      if (parent === undefined || !this.#comesBefore(item, parent)) break;
      items[at] = parent;
      at = above;
    }
    items[at] = item;
  }

  first(): T | undefined {
    return this.#items[0];
  }

  /** In no order. */
  values(): readonly T[] {
    return this.#items;
  }

  /** The first one was changed so that others may come before it now. */
  firstChanged(): void {
    this.#sink(0);
  }

  removeFirst(): void {
    const last = this.#items.pop();
    if (last === undefined || this.#items.length === 0) return;
    this.#items[0] = last;
    this.#sink(0);
  }

  #sink(from: number): void {
    const items = this.#items;
    const item = items[from];
    if (item === undefined) return;
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      const [one, other] = [items[left], items[left + 1]];
      if (one === undefined) break;
      const isRight = other !== undefined && this.#comesBefore(other, one);
      const child = isRight ? other : one;
      if (!this.#comesBefore(child, item)) break;
      items[at] = child;
      at = isRight ? left + 1 : left;
    }
    items[at] = item;
  }
}
