import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { extname, join } from "node:path";
import { Problem } from "../domain/problem.ts";
import { plainText } from "../domain/text.ts";
import { errorCode } from "../lib/system.ts";

/** What is written of a file, one after the other. */
export type Parts = AsyncIterable<string | Uint8Array> | readonly (string | Uint8Array)[];

// In UTF-8 at most three times as many bytes: under the 255 of common file systems, with room for a number.
const maxStemLength = 70;
const maxCopies = 1000;
const blockBytes = 256 * 1024;

/**
 * Writes a file that was not there before, readable by its owner only, and returns its path. A name that is taken, be it by a
 * link, gets a number; what a file name cannot hold becomes "-". Until its last part is on disk the file has a hidden name, so that
 * a part of it is never taken for the whole. What `parts` throws is let through, and nothing is left behind.
 */
export async function writeNewFile(folder: string, name: string, parts: Parts): Promise<string> {
  const flatName = plainText(name.replace(/[\\/:*?"<>|]/g, "-"), name.length);
  const extension = extname(flatName);
  const stem = toFileStem(flatName.slice(0, flatName.length - extension.length));
  const hidden = join(folder, `.${randomBytes(8).toString("hex")}.partial`);
  const wanted = join(folder, `${stem}${extension}`);
  const handle = await open(hidden, "wx", 0o600).catch((error: unknown) => {
    throw cannotWrite(wanted, error);
  });
  try {
    await fill(handle, wanted, parts);
    return await publish(hidden, folder, stem, extension);
  } catch (error) {
    await unlink(hidden).catch(() => undefined);
    throw error;
  }
}

function toFileStem(text: string): string {
  const stem = plainText(text, maxStemLength).replace(/^[. ]+|[. ]+$/g, "");
  return stem === "" ? "results" : stem;
}

async function fill(handle: FileHandle, file: string, parts: Parts): Promise<void> {
  const attempt = async (step: () => Promise<unknown>): Promise<void> => {
    await step().catch((error: unknown) => {
      throw cannotWrite(file, error);
    });
  };
  try {
    for await (const block of inBlocks(parts)) await attempt(() => handle.writeFile(block));
    await attempt(() => handle.sync());
  } finally {
    await handle.close();
  }
}

/** The same bytes in fewer pieces: each that is written costs a turn of another thread. */
async function* inBlocks(parts: Parts): AsyncGenerator<Uint8Array, void, undefined> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of parts) {
    const piece = typeof part === "string" ? Buffer.from(part) : part;
    waiting.push(piece);
    bytes += piece.length;
    if (bytes < blockBytes) continue;
    yield Buffer.concat(waiting);
    [waiting, bytes] = [[], 0];
  }
  if (bytes > 0) yield Buffer.concat(waiting);
}

/** Takes a free name first and then puts the file in its place: not every file system can do both at once. */
async function publish(hidden: string, folder: string, stem: string, extension: string): Promise<string> {
  for (let copy = 1; copy <= maxCopies; copy++) {
    const file = join(folder, `${copy === 1 ? stem : `${stem} (${copy})`}${extension}`);
    if (!(await takeName(file))) continue;
    await rename(hidden, file).catch(async (error: unknown) => {
      await unlink(file);
      throw cannotWrite(file, error);
    });
    return file;
  }
  throw new Problem("unavailable", `${folder} holds ${maxCopies} files named "${stem}". Remove some and try again.`);
}

/** False when the name is taken. `wx` never follows a link. */
async function takeName(file: string): Promise<boolean> {
  try {
    await (await open(file, "wx", 0o600)).close();
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw cannotWrite(file, error);
  }
}

function cannotWrite(file: string, cause: unknown): Problem {
  const message = `${file} cannot be written (${errorCode(cause)}). Nothing was changed. Make room or set BATCH_CALL_FILES_DIR to another folder.`;
  return new Problem("unavailable", message, { cause });
}
