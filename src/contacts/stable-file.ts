import { constants, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { requireSize } from "./table/table-source.ts";
import { throwUnreadable, UnreadableFile } from "./unreadable-file.ts";

/** What a file was when it was looked at, and its bytes, as often as they are asked for: the same ones or none. */
export type StableFile = { readonly stats: Stats; read(): AsyncGenerator<Uint8Array> };

/**
 * Opens a list for a look: a regular file, not empty, of at most `maxTableBytes`. `check` sees what was opened before anybody else
 * does. Throws `UnreadableFile`, and so does the reading of a file that was changed since.
 */
export async function openStableFile(
  file: string,
  check: (opened: Stats) => Promise<void> = async () => {},
): Promise<StableFile> {
  const handle = await openQuietly(file);
  try {
    const stats = requireRegularFile(await handle.stat());
    await check(stats);
    return { stats, read: () => readUnchanged(file, stats) };
  } finally {
    await handle.close();
  }
}

/** The bytes of a file that stays as it was when it was opened first: the same one, not written to. */
async function* readUnchanged(file: string, before: Stats): AsyncGenerator<Uint8Array> {
  const handle = await openQuietly(file);
  try {
    requireSame(before, await handle.stat());
    yield* handle.createReadStream({ autoClose: false });
    requireSame(before, await handle.stat());
  } finally {
    await handle.close();
  }
}

function requireSame(before: Stats, now: Stats): void {
  // Who writes to a file can put its `mtime` back, and not its `ctime`.
  const isSame = (["ino", "dev", "size", "mtimeMs", "ctimeMs"] as const).every((fact) => before[fact] === now[fact]);
  if (!isSame) throw changedMeanwhile();
}

export function changedMeanwhile(): UnreadableFile {
  return new UnreadableFile("was changed while it was read; save it, wait until that is done, and try again");
}

/** Does not wait for the other end of a pipe, nor follow a link that was put there since the path was resolved. */
async function openQuietly(file: string): Promise<FileHandle> {
  // Windows has neither flag; there they are undefined and count as 0.
  return open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW).catch(throwUnreadable);
}

function requireRegularFile(stats: Stats): Stats {
  if (!stats.isFile()) throw new UnreadableFile(stats.isDirectory() ? "is a folder" : "is not a regular file");
  if (stats.size === 0) throw new UnreadableFile("is empty; give a list with at least one person");
  requireSize(stats.size);
  return stats;
}
