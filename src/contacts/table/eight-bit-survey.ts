/** What stands at 0x80 to 0x9F in Windows-1252; a space where nothing does. */
const from80 = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ";
const nothing = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]);
const highLetters = new Set([0x8a, 0x8c, 0x8e, 0x9a, 0x9c, 0x9e, 0x9f]);
const highCapitals = new Set([0x8a, 0x8c, 0x8e, 0x9f]);
// ƒ † ‡ ˆ ‰ ˜ stand in no list of people, but in the text of other encodings.
const oddSymbols = new Set([0x83, 0x86, 0x87, 0x88, 0x89, 0x98]);
// ‘ ’ – — and the no-break space, ª ­soft hyphen ° ´ · º stand inside of words and numbers.
const insideWords = new Set([0x91, 0x92, 0x96, 0x97, 0xa0, 0xaa, 0xad, 0xb0, 0xb4, 0xb7, 0xba]);

/** A word may look odd once in ten; text in another encoding looks odd in nearly every word. */
const oddShare = 10;

/**
 * Tells Windows-1252 from the other 8-bit encodings, which decode without a fault into wrong letters: in Western names
 * a letter with an accent stands among plain ones, in other scripts nearly every byte is a high one; and where a symbol
 * or a capital stands inside a word, it was another letter (CP850, Mac Roman, Windows-1250).
 */
export class EightBitSurvey {
  /** Bytes that are a character of UTF-8, as "Ã¼" is, which in Windows-1252 nobody writes. */
  holdsUtf8 = false;
  #undefinedBytes = false;
  #runs = 0;
  #odd = 0;
  #run = 0;
  #before = 0;
  #last = 0;

  add(block: Buffer): void {
    for (const byte of block) {
      if (byte >= 0x80) this.#addHigh(byte);
      else if (this.#run > 0) this.#endRun(byte);
      this.#before = this.#last;
      this.#last = byte;
    }
  }

  isWindows1252(): boolean {
    return !this.#undefinedBytes && this.#odd * oddShare <= this.#runs;
  }

  #addHigh(byte: number): void {
    this.#run += 1;
    if (this.#run === 1) this.#runs += 1;
    if (nothing.has(byte)) this.#undefinedBytes = true;
    if (this.#run === 3 || oddSymbols.has(byte)) this.#odd += 1;
    if (isContinuation(byte) && this.#last >= 0xc2 && this.#last <= 0xc5) this.holdsUtf8 = true;
    if (isContinuation(byte) && isContinuation(this.#last) && this.#before >= 0xe1 && this.#before <= 0xef) {
      this.holdsUtf8 = true;
    }
  }

  #endRun(next: number): void {
    if (this.#run === 1 && isLetter(this.#before) && this.#isOddInside(next)) this.#odd += 1;
    this.#run = 0;
  }

  /** A symbol between two letters, or a capital beside a small letter, after a letter. */
  #isOddInside(next: number): boolean {
    if (isCapital(this.#last)) return isSmall(this.#before) || isSmall(next);
    return !isLetter(this.#last) && !insideWords.has(this.#last) && isLetter(next);
  }
}

/** Windows-1252 text. By hand, since some versions of Node take ISO 8859-1 for it and lose `€` and `’`. */
export function decodeWindows1252(bytes: Buffer): string {
  return bytes
    .toString("latin1")
    .replace(/[\u0080-\u009f]/g, (character) => from80[character.charCodeAt(0) - 0x80] ?? " ");
}

function isContinuation(byte: number): boolean {
  return byte >= 0x80 && byte <= 0xbf;
}

function isLetter(byte: number): boolean {
  const plain = byte | 0x20;
  if (plain >= 0x61 && plain <= 0x7a) return true;
  return (byte >= 0xc0 && byte !== 0xd7 && byte !== 0xf7) || highLetters.has(byte);
}

function isSmall(byte: number): boolean {
  return byte >= 0x61 && byte <= 0x7a;
}

function isCapital(byte: number): boolean {
  return (byte >= 0xc0 && byte <= 0xde && byte !== 0xd7) || highCapitals.has(byte);
}
