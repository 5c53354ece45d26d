/**
 * What a message says of its own row: a cell in quotes, a time, a number with its plus, the id of a batch, another row, a figure. A
 * word of letters and digits is an id.
 */
const ownFact =
  /"[^"]*"|\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?Z?)?|\b\d\d:\d\d\b|\+\d+|\b(?=[\w-]*\d)(?=[\w-]*[a-z_])[\w-]+|\brow \d+|\d+/gi;

const mostIds = 3;

/** What a message says apart from what it says of its own row: `"12" is too short` and `"123" is too short` say the same. */
export function reasonIn(message: string): string {
  return message.replace(ownFact, "0");
}

/** Messages with one reason, as one that holds for all of their rows. */
export class AlikeMessages {
  readonly #message: string;
  readonly #facts: readonly OwnFact[];

  constructor(message: string) {
    this.#message = message;
    this.#facts = factsIn(message).map(toOwnFact);
  }

  /** Takes one with the same reason as the first. */
  add(message: string): void {
    for (const [place, text] of factsIn(message).entries()) this.#facts[place]?.add(text);
  }

  toString(): string {
    let place = 0;
    return this.#message.replace(ownFact, () => String(this.#facts[place++]));
  }
}

function factsIn(message: string): readonly string[] {
  return message.match(ownFact) ?? [];
}

/** What stands at one place of messages that are alike. */
type OwnFact = { add(text: string): void; toString(): string };

function toOwnFact(text: string): OwnFact {
  if (/^row /i.test(text)) return new AnyOf(text, () => "another row");
  if (/^"|^\+/.test(text)) return new AnyOf(text, (first) => `${first} (differs by row)`);
  if (/^\d+$/.test(text)) return new Span(text, (one, other) => Number(one) - Number(other));
  if (/^[\d: TZ-]+$/.test(text)) return new Span(text, (one, other) => (one < other ? -1 : 1));
  return new Few(text);
}

class AnyOf implements OwnFact {
  readonly #first: string;
  readonly #words: (first: string) => string;
  #differs = false;

  constructor(first: string, words: (first: string) => string) {
    this.#first = first;
    this.#words = words;
  }

  add(text: string): void {
    this.#differs ||= text !== this.#first;
  }

  toString(): string {
    return this.#differs ? this.#words(this.#first) : this.#first;
  }
}

/** `5130 to 5189`, `2026-03-02T15:00Z to 2026-03-02T15:59Z`. */
class Span implements OwnFact {
  readonly #compare: (one: string, other: string) => number;
  #first: string;
  #last: string;

  constructor(text: string, compare: (one: string, other: string) => number) {
    this.#compare = compare;
    [this.#first, this.#last] = [text, text];
  }

  add(text: string): void {
    if (text === this.#first || text === this.#last) return;
    if (this.#compare(text, this.#first) < 0) this.#first = text;
    if (this.#compare(text, this.#last) > 0) this.#last = text;
  }

  toString(): string {
    return this.#first === this.#last ? this.#first : `${this.#first} to ${this.#last}`;
  }
}

/** `batch_1, batch_2 or batch_3`, or the first few `or others`. */
class Few implements OwnFact {
  readonly #texts: Set<string>;
  #hasMore = false;

  constructor(text: string) {
    this.#texts = new Set([text]);
  }

  add(text: string): void {
    if (this.#texts.size < mostIds) this.#texts.add(text);
    else this.#hasMore ||= !this.#texts.has(text);
  }

  toString(): string {
    const named = [...this.#texts, ...(this.#hasMore ? ["others"] : [])];
    return named.length === 1 ? named.join("") : `${named.slice(0, -1).join(", ")} or ${named.at(-1)}`;
  }
}
