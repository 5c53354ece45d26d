import { UnreadableFile } from "./unreadable-file.ts";

/**
 * Text of a file: UTF-8, or UTF-16 that says so with a byte order mark. Anything else is refused: the many 8-bit
 * encodings cannot be told apart, and a guess would put wrong letters into people's names.
 */
export function decodeText(bytes: Uint8Array): string {
  const encoding = encodingOf(bytes);
  const text = decode(bytes, encoding);
  if (text?.includes("\0") === false) return text;
  const reason = bytes.includes(0) ? "is a binary file" : `is not in ${encoding.toUpperCase()}`;
  throw new UnreadableFile(`${reason}; save the list as "CSV UTF-8"`);
}

/** Undefined when the bytes are not in that encoding. */
function decode(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function encodingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return "utf-8";
}
