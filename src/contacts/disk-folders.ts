import { constants } from "node:fs";
import { copyFile, readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { Problem } from "../domain/problem.ts";
import { plainText } from "../domain/text.ts";
import { errorCode, makeDir } from "../lib/system.ts";
import type { ContactFolders } from "./contact-folders.ts";
import { openInFolders } from "./find-in-folders.ts";
import { writeNewFile } from "./new-file.ts";
import { UnreadableFile } from "./unreadable-file.ts";

type DiskFolderOptions = {
  /** A list that is copied into the first folder when that is made here. */
  readonly sample?: string;
};

/** Folders on disk, all of which are read and the first of which is written to. The first is made at first use, with its parents. */
export function createDiskFolders(
  paths: readonly [string, ...string[]],
  { sample }: DiskFolderOptions = {},
): ContactFolders {
  const first = resolve(paths[0]);
  const folders = [...new Set(paths.map((path) => resolve(path)))];
  return {
    async open(name) {
      await makeFolder(first, sample);
      try {
        return await openInFolders(folders, name);
      } catch (error) {
        throw error instanceof UnreadableFile ? await unreadableProblem(folders, name, error) : error;
      }
    },
    async write(name, text) {
      await makeFolder(first, sample);
      return writeNewFile(first, name, text);
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

async function unreadableProblem(folders: readonly string[], name: string, error: UnreadableFile): Promise<Problem> {
  const message = `"${plainText(name, 100)}" ${error.message}. Nothing was created. ${await describeFolders(folders)}`;
  return new Problem("invalid_input", message, { cause: error });
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
