/** What came in on one line; undefined text where it was longer than is read, with its ends for the sake of the id. */
export type Line = { readonly text: string } | { readonly tooLong: string };

const newline = 0x0a;
const keptOfLong = 500;

/** Cuts a stream of bytes into lines. Of one that is longer than `maxBytes` only both ends are kept. */
export class StdioLines {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  *take(chunk: Buffer): Generator<Line> {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      this.#keep(chunk.subarray(start, end));
      yield this.#finish();
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  #keep(part: Buffer): void {
    this.#length += part.length;
    this.#parts.push(part);
    if (this.#length <= this.#maxBytes) return;
    const all = Buffer.concat(this.#parts);
    this.#parts = [all.subarray(0, keptOfLong), all.subarray(-keptOfLong)].map((end) => Buffer.from(end));
  }

  #finish(): Line {
    const text = Buffer.concat(this.#parts).toString();
    const isTooLong = this.#length > this.#maxBytes;
    this.#parts = [];
    this.#length = 0;
    return isTooLong ? { tooLong: text } : { text };
  }
}
