import { constants } from "node:fs";
import { copyFile, type FileHandle, open, readdir, realpath } from "node:fs/promises";
import { basename, extname, isAbsolute, join, resolve, sep, win32 } from "node:path";
import { Problem } from "../domain/problem.ts";
import { plainText } from "../domain/text.ts";
import { errorCode, makeDir } from "../lib/system.ts";
import type { ContactFolder } from "./contact-folder.ts";
import { decodeText, UnreadableFile } from "./csv.ts";
import { writeNewFile } from "./new-file.ts";

type DiskFolderOptions = {
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

const maxBytes = 20 * 1024 * 1024;
const extensions: readonly string[] = [".csv", ".txt", ".tsv"];

/** Reads a list in a folder. Nothing outside of it is opened, whatever the path says and wherever links lead. */
async function readFileInside(folder: string, path: string): Promise<Uint8Array> {
  requireRelative(path);
  requireListName(path);
  const file = await resolveInside(folder, path);
  // A link may have another name than the file that it leads to.
  requireListName(file);
  const handle = await openQuietly(file);
  try {
    return await readRegularFile(handle);
  } finally {
    await handle.close();
  }
}

function requireRelative(path: string): void {
  if (path.trim() === "" || path.includes("\0")) throw new UnreadableFile("is not a file name");
  if (isAbsolute(path) || win32.isAbsolute(path) || /^[a-z]:/i.test(path)) {
    throw new UnreadableFile("is an absolute path; write it relative to the folder");
  }
  if (path.split(/[\\/]/).includes("..")) throw new UnreadableFile('leads out of the folder with ".."');
}

function requireListName(path: string): void {
  if (extensions.includes(extname(path).toLowerCase())) return;
  throw new UnreadableFile(`is not a ${extensions.join(", ")} file; save the list as "CSV UTF-8"`);
}

async function resolveInside(folder: string, path: string): Promise<string> {
  const root = await realpath(folder);
  const file = await realpath(join(root, path)).catch(refuse);
  // With the separator: /lists-old is not inside /lists.
  if (!file.startsWith(`${root}${sep}`)) throw new UnreadableFile("is a link that leads out of the folder");
  return file;
}

/** Does not wait for the other end of a pipe, nor follow a link that was put there since the path was resolved. */
async function openQuietly(file: string): Promise<FileHandle> {
  // Windows has neither flag; there they are undefined and count as 0.
  return open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW).catch(refuse);
}

async function readRegularFile(handle: FileHandle): Promise<Uint8Array> {
  const stats = await handle.stat();
  if (!stats.isFile()) throw new UnreadableFile(stats.isDirectory() ? "is a folder" : "is not a regular file");
  if (stats.size === 0) throw new UnreadableFile("is empty");
  if (stats.size > maxBytes) throw new UnreadableFile("is larger than 20 MB; split the list");
  return handle.readFile();
}

function refuse(cause: unknown): never {
  throw new UnreadableFile(describe(errorCode(cause)), { cause });
}

function describe(code: string): string {
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return "does not exist";
    case "EACCES":
    case "EPERM":
      return "may not be read by this user";
    case "ELOOP":
      return "is a link that never ends";
    case "ENXIO":
      return "is not a regular file";
    default:
      return `cannot be read (${code})`;
  }
}

const shownAtMost = 10;

/** One sentence that names the folder and what is in it, for errors. Hidden files are left out. */
async function describeFolder(folder: string): Promise<string> {
  const names = await visibleNames(folder);
  if (typeof names === "string") return `Lists are read from ${folder}, which cannot be listed (${names}).`;
  if (names.length === 0) return `Lists are read from ${folder}, which is empty.`;
  const more = names.length > shownAtMost ? ` and ${names.length - shownAtMost} more` : "";
  return `Lists are read from ${folder}, which holds ${names.slice(0, shownAtMost).join(", ")}${more}.`;
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
