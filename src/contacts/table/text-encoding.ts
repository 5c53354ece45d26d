import { isAscii, isUtf8 } from "node:buffer";
import type { TableShape } from "../../domain/list/table.ts";
import { UnreadableFile } from "../unreadable-file.ts";
import { EightBitSurvey } from "./eight-bit-survey.ts";

export type TextEncoding = NonNullable<TableShape["encoding"]>;

const saveAsUtf8 = 'save the list as "CSV UTF-8"';

/**
 * Finds out how bytes stand for text. It has to see all of them: a long list may have its first letter that is not
 * ASCII in its last row, and a wrong guess puts wrong letters into people's names.
 */
export class EncodingSurvey {
  #total = 0;
  /** Zero bytes at even and odd places: those of UTF-16 are the halves of plain letters, digits and separators. */
  readonly #zeros: [number, number] = [0, 0];
  #mark: TextEncoding | undefined;
  #utf8 = true;
  #plain = true;
  #rest: Buffer = Buffer.alloc(0);
  readonly #eightBit = new EightBitSurvey();

  add(block: Buffer): void {
    if (this.#total === 0) this.#mark = markOf(block);
    this.#countZeros(block);
    this.#total += block.length;
    if (this.#utf8) this.#checkUtf8(block);
    if (!this.#utf8) this.#eightBit.add(block);
  }

  /** Throws `UnreadableFile` for what is not text in one of the encodings. */
  conclude(): TextEncoding {
    if (this.#rest.length > 0) this.#utf8 = false;
    const wide = this.#mark?.startsWith("utf-16") ? this.#mark : this.#unmarkedWide();
    if (wide !== undefined) return wide;
    if (this.#zeros[0] + this.#zeros[1] > 0) {
      throw new UnreadableFile(`holds NUL bytes: it is a binary or damaged file; ${saveAsUtf8}`);
    }
    if (this.#utf8) return "utf-8";
    if (this.#mark === "utf-8") throw new UnreadableFile(`is marked as UTF-8 and is not; ${saveAsUtf8}`);
    if (!this.#plain || this.#eightBit.holdsUtf8) {
      throw new UnreadableFile(
        `mixes UTF-8 with another encoding, so that some letters would come out wrong; ${saveAsUtf8}`,
      );
    }
    if (this.#eightBit.isWindows1252()) return "windows-1252";
    throw new UnreadableFile(
      `is not in UTF-8, UTF-16 or Windows-1252, so that its letters would come out wrong; ${saveAsUtf8}`,
    );
  }

  #countZeros(block: Buffer): void {
    for (let index = block.indexOf(0); index !== -1 && index < block.length; index++) {
      if (block[index] === 0) this.#zeros[(this.#total + index) % 2 === 0 ? 0 : 1] += 1;
    }
  }

  #checkUtf8(block: Buffer): void {
    const bytes = this.#rest.length === 0 ? block : Buffer.concat([this.#rest, block]);
    const end = endOfWholeCharacters(bytes);
    const whole = bytes.subarray(0, end);
    this.#rest = bytes.subarray(end);
    if (isAscii(whole)) return;
    this.#utf8 = isUtf8(whole);
    if (this.#utf8 && this.#mark === undefined) this.#plain = false;
  }

  /** A tenth of all units is less than the digits and separators of any list; a few stray zero bytes are no UTF-16. */
  #unmarkedWide(): TextEncoding | undefined {
    const [even, odd] = this.#zeros;
    if (this.#total % 2 !== 0 || Math.max(even, odd) * 20 < this.#total) return undefined;
    if (even * 10 < odd) return "utf-16le";
    return odd * 10 < even ? "utf-16be" : undefined;
  }
}

function markOf(block: Buffer): TextEncoding | undefined {
  if (block[0] === 0xff && block[1] === 0xfe) return "utf-16le";
  if (block[0] === 0xfe && block[1] === 0xff) return "utf-16be";
  return block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf ? "utf-8" : undefined;
}

/** Where UTF-8 bytes have to be cut so that the last character is whole. */
export function endOfWholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    return lengthOfCharacter(byte) > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function lengthOfCharacter(lead: number): number {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc0 ? 2 : 1;
}
