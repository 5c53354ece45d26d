import { constants } from "node:fs";
import { copyFile, readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { Problem } from "../domain/problem.ts";
import { plainText } from "../domain/text.ts";
import { errorCode, makeDir } from "../lib/system.ts";
import type { ContactFolders } from "./contact-folders.ts";
import { openInFolders } from "./find-in-folders.ts";
import { writeNewFile } from "./new-file.ts";
import { judgeOffered } from "./offered-folders.ts";
import { UnreadableFile } from "./unreadable-file.ts";

type DiskFolderOptions = {
  /** A list that is copied into the first folder when that is made here. */
  readonly sample?: string;
  /** The records of this server; no folder that a client offers may hold them. Without it nothing that is offered is read from. */
  readonly dataDir?: string;
};

/** Folders on disk, all of which are read and the first of which is written to. The first is made at first use, with its parents. */
export function createDiskFolders(
  paths: readonly [string, ...string[]],
  { sample, dataDir }: DiskFolderOptions = {},
): ContactFolders {
  const first = resolve(paths[0]);
  const own = [...new Set(paths.map((path) => resolve(path)))];
  return {
    async open(name, offered = { paths: [] }) {
      await makeFolder(first, sample);
      const judged = dataDir === undefined ? { folders: [], said: [] } : await judgeOffered(offered, dataDir);
      const folders = [...new Set([...own, ...judged.folders])];
      try {
        return await openInFolders(folders, name);
      } catch (error) {
        if (!(error instanceof UnreadableFile)) throw error;
        const where = [await describeFolders(folders), ...judged.said].join(" ");
        const message = `"${plainText(name, 100)}" ${error.message}. Nothing was created. ${where}`;
        throw new Problem("invalid_input", message, { cause: error });
      }
    },
    async write(name, parts) {
      await makeFolder(first, sample);
      return writeNewFile(first, name, parts);
    },
  };
}

/** Makes the folder, and copies the sample into it unless it was there already. */
export async function makeFolder(folder: string, sample: string | undefined): Promise<void> {
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

const shownAtMost = 10;

/** One sentence that names the folders and what is in them, for errors. Hidden files are left out. */
async function describeFolders(folders: readonly string[]): Promise<string> {
  const shownEach = Math.ceil(shownAtMost / folders.length);
  const described = await Promise.all(folders.map((folder) => describeFolder(folder, shownEach)));
  return `Lists are read from ${described.join("; and from ")}.`;
}

async function describeFolder(folder: string, shown: number): Promise<string> {
  const names = await visibleNames(folder);
  if (typeof names === "string") return `${folder}, which cannot be listed (${names})`;
  if (names.length === 0) return `${folder}, which is empty`;
  const more = names.length > shown ? ` and ${names.length - shown} more` : "";
  return `${folder}, which holds ${names.slice(0, shown).join(", ")}${more}`;
}

/** Quoted names, folders with a slash at their end, or the code of the failure. */
async function visibleNames(folder: string): Promise<readonly string[] | string> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter(({ name }) => !name.startsWith("."))
      .map((entry) => `"${plainText(entry.name, 80)}${entry.isDirectory() ? "/" : ""}"`)
      .toSorted();
  } catch (error) {
    return errorCode(error);
  }
}
