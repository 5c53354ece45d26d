import { constants } from "node:fs";
import { copyFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { Problem } from "../domain/problem.ts";
import { plainText } from "../domain/text.ts";
import { errorCode } from "../lib/error-code.ts";
import { makeDir } from "../lib/make-dir.ts";
import type { ContactFolder } from "./contact-folder.ts";
import { decodeText } from "./decode-text.ts";
import { readFileInside } from "./file-inside.ts";
import { describeFolder } from "./folder-listing.ts";
import { writeNewFile } from "./new-file.ts";
import { UnreadableFile } from "./unreadable-file.ts";

export type DiskFolderOptions = {
  /** A list that is copied into the folder when the folder is made here. */
  readonly sample?: string;
};

/** A folder on disk. It is made at first use, with its parents. */
export function createDiskFolder(path: string, options: DiskFolderOptions = {}): ContactFolder {
  const folder = resolve(path);
  return {
    path: folder,
    async read(name) {
      await makeFolder(folder, options.sample);
      try {
        return decodeText(await readFileInside(folder, name));
      } catch (error) {
        throw error instanceof UnreadableFile ? await unreadableProblem(folder, name, error) : error;
      }
    },
    async write(name, text) {
      await makeFolder(folder, options.sample);
      return writeNewFile(folder, name, text);
    },
  };
}

async function makeFolder(folder: string, sample: string | undefined): Promise<void> {
  const made = await makeDir(folder).catch((cause: unknown) => {
    const message = `The folder for lists and results, ${folder}, cannot be made (${errorCode(cause)}). Set BATCH_CALL_FILES_DIR to a folder that can be written to.`;
    throw new Problem("unavailable", message, { cause });
  });
  if (!made || sample === undefined) return;
  // Two copies of the server may make the folder at once; one of them comes second with the sample.
  await copyFile(sample, join(folder, basename(sample)), constants.COPYFILE_EXCL).catch((error: unknown) => {
    if (errorCode(error) !== "EEXIST") throw error;
  });
}

async function unreadableProblem(folder: string, name: string, error: UnreadableFile): Promise<Problem> {
  const message = `"${plainText(name, 100)}" ${error.message}. Nothing was created. ${await describeFolder(folder)}`;
  return new Problem("invalid_input", message, { cause: error });
}
