import { isUtf8 } from "node:buffer";
import { UnreadableFile } from "../unreadable-file.ts";
import { decodeWindows1252 } from "./eight-bit-survey.ts";
import { endOfWholeCharacters, type TextEncoding } from "./text-encoding.ts";

/** Text of bytes that were surveyed, block by block, without a byte order mark. Throws `UnreadableFile`. */
export async function* decodeBlocks(blocks: AsyncIterable<Buffer>, encoding: TextEncoding): AsyncGenerator<string> {
  const decode = decoderOf(encoding);
  let isFirst = true;
  for await (const block of blocks) {
    const text = decode(block, false);
    yield isFirst ? withoutMark(text) : text;
    isFirst = false;
  }
  yield decode(Buffer.alloc(0), true);
}

type Decode = (bytes: Buffer, isLast: boolean) => string;

function decoderOf(encoding: TextEncoding): Decode {
  switch (encoding) {
    case "utf-8":
      return utf8Decoder();
    case "windows-1252":
      return decodeWindows1252;
    case "utf-16le":
    case "utf-16be":
      return utf16Decoder(encoding);
  }
}

/** Several times as fast as a TextDecoder that is given a stream. */
function utf8Decoder(): Decode {
  let rest = Buffer.alloc(0);
  return (bytes, isLast) => {
    const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    const end = isLast ? all.length : endOfWholeCharacters(all);
    rest = Buffer.from(all.subarray(end));
    if (!isUtf8(all.subarray(0, end))) throw new UnreadableFile('is not in UTF-8; save the list as "CSV UTF-8"');
    return all.toString("utf8", 0, end);
  };
}

function utf16Decoder(encoding: "utf-16le" | "utf-16be"): Decode {
  const decoder = new TextDecoder(encoding, { fatal: true });
  return (bytes, isLast) => {
    const text = decodeOrRefuse(() => decoder.decode(bytes, { stream: !isLast }), encoding);
    if (text.includes("\0")) throw new UnreadableFile('holds NUL characters; save the list as "CSV UTF-8"');
    return text;
  };
}

function decodeOrRefuse(decode: () => string, encoding: string): string {
  try {
    return decode();
  } catch (cause) {
    throw new UnreadableFile(`is not in ${encoding.toUpperCase()}; save the list as "CSV UTF-8"`, { cause });
  }
}

function withoutMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}
