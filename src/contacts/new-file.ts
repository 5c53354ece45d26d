import { type FileHandle, open, unlink } from "node:fs/promises";
import { extname, join } from "node:path";
import { Problem } from "../domain/problem.ts";
import { plainText } from "../domain/text.ts";
import { errorCode } from "../lib/system.ts";

// In UTF-8 at most three times as many bytes: under the 255 of common file systems, with room for a number.
const maxStemLength = 70;
const maxCopies = 1000;

/**
 * Writes a file that was not there before, readable by its owner only, and returns its path. A name that is taken,
 * be it by a link, gets a number; what a file name cannot hold becomes "-".
 */
export async function writeNewFile(folder: string, name: string, text: string): Promise<string> {
  const flatName = plainText(name.replace(/[\\/:*?"<>|]/g, "-"), name.length);
  const extension = extname(flatName);
  const stem = toFileStem(flatName.slice(0, flatName.length - extension.length));
  for (let copy = 1; copy <= maxCopies; copy++) {
    const file = join(folder, `${copy === 1 ? stem : `${stem} (${copy})`}${extension}`);
    const handle = await createFile(file);
    if (handle === undefined) continue;
    await fill(handle, file, text);
    return file;
  }
  throw new Problem("unavailable", `${folder} holds ${maxCopies} files named "${stem}". Remove some and try again.`);
}

function toFileStem(text: string): string {
  const stem = plainText(text, maxStemLength).replace(/^[. ]+|[. ]+$/g, "");
  return stem === "" ? "results" : stem;
}

/** Undefined when the name is taken. `wx` never follows a link. */
async function createFile(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, "wx", 0o600);
  } catch (error) {
    if (errorCode(error) === "EEXIST") return undefined;
    throw cannotWrite(file, error);
  }
}

async function fill(handle: FileHandle, file: string, text: string): Promise<void> {
  try {
    await handle.writeFile(text);
  } catch (error) {
    await unlink(file);
    throw cannotWrite(file, error);
  } finally {
    await handle.close();
  }
}

function cannotWrite(file: string, cause: unknown): Problem {
  const message = `${file} cannot be written (${errorCode(cause)}). Nothing was changed. Make room or set BATCH_CALL_FILES_DIR to another folder.`;
  return new Problem("unavailable", message, { cause });
}
