import { setImmediate } from "node:timers/promises";
import { UnreadableFile } from "../unreadable-file.ts";

/** Bytes that a table is read from: a file, an upload. What they are is found out from what they hold, whatever they are named. */
export type TableSource = {
  /** Names the source in errors, as the subject of a sentence: `"june.xlsx" in /home/ann/Documents/Batch Calls`. */
  readonly name: string;
  /** Name of the file, where it has one: what its end promises and its content is not, is said. */
  readonly fileName?: string;
  /** In bytes, where it is known: what is too large is then refused before it is read. */
  readonly size?: number;
  /** The bytes from their beginning. Is called several times; each time they have to be the same, or the table is refused. */
  open(): AsyncIterable<Uint8Array>;
};

export type OpenTableOptions = {
  /** Name of the sheet of a workbook; without it the first visible one with rows is read. */
  readonly sheet?: string;
  /** Ends the reading: the walk over the rows then throws its reason. */
  readonly signal?: AbortSignal;
};

/** What a table may weigh, as it stands and unpacked. */
export const maxTableBytes = 64 * 1024 * 1024;

const blockBytes = 64 * 1024;

/**
 * The bytes in blocks of one size, so that the same bytes go the same way however they were cut on the way here. The event
 * loop is free between two blocks. Throws `UnreadableFile` for more than `maxTableBytes`, without reading on.
 */
export async function* readBlocks(source: TableSource, signal?: AbortSignal): AsyncGenerator<Buffer> {
  requireSize(source.size ?? 0);
  let waiting: Buffer[] = [];
  let missing = blockBytes;
  let total = 0;
  for await (const chunk of source.open()) {
    total += chunk.length;
    requireSize(total);
    for (let at = 0; at < chunk.length; ) {
      const piece = chunk.subarray(at, at + missing);
      waiting.push(Buffer.from(piece.buffer, piece.byteOffset, piece.length));
      at += piece.length;
      missing -= piece.length;
      if (missing > 0) continue;
      yield join(waiting);
      waiting = [];
      missing = blockBytes;
      await setImmediate();
      signal?.throwIfAborted();
    }
  }
  if (waiting.length > 0) yield join(waiting);
}

/** Without a copy where one chunk has all of them. */
function join(chunks: readonly Buffer[]): Buffer {
  const [first, ...others] = chunks;
  return first !== undefined && others.length === 0 ? first : Buffer.concat(chunks);
}

/** Throws `UnreadableFile` for more than `maxTableBytes`. */
export function requireSize(bytes: number): void {
  if (bytes > maxTableBytes) {
    throw new UnreadableFile("is larger than 64 MiB; split the list, or leave out columns that nobody needs");
  }
}
