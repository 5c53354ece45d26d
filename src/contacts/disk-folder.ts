import { constants, type Stats } from "node:fs";
import { copyFile, type FileHandle, open, readdir, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, extname, isAbsolute, join, resolve, sep, win32 } from "node:path";
import { Problem } from "../domain/problem.ts";
import { plainText } from "../domain/text.ts";
import { errorCode, makeDir } from "../lib/system.ts";
import type { ContactFolder } from "./contact-folder.ts";
import { writeNewFile } from "./new-file.ts";
import { maxTableBytes, type TableSource } from "./table/table-source.ts";
import { UnreadableFile } from "./unreadable-file.ts";

type DiskFolderOptions = {
  /** A list that is copied into the folder when the folder is made here. */
  readonly sample?: string;
};

/** A folder on disk. It is made at first use, with its parents. */
export function createDiskFolder(path: string, options: DiskFolderOptions = {}): ContactFolder {
  const folder = resolve(path);
  return {
    path: folder,
    async open(name) {
      await makeFolder(folder, options.sample);
      try {
        return await openFileInside(folder, name);
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

const extensions: readonly string[] = [".csv", ".tsv", ".txt", ".xlsx"];

/** Opens a list in a folder. Nothing outside of it is opened, whatever the path says and wherever links lead. */
async function openFileInside(folder: string, path: string): Promise<TableSource> {
  requirePath(path);
  requireListName(path);
  const file = await resolveInside(folder, path);
  // A link may have another name than the file that it leads to.
  requireListName(file);
  const handle = await openQuietly(file);
  try {
    const stats = requireRegularFile(await handle.stat());
    await requireInside(folder, path, stats);
    const name = `"${plainText(path, 100)}" in ${folder}`;
    return { name, fileName: basename(file), size: stats.size, open: () => readUnchanged(file, stats) };
  } finally {
    await handle.close();
  }
}

/**
 * What was opened is what lies in the folder: a folder in the middle of the path can have been swapped for a link since the path
 * was resolved. So it is resolved again, and has to lead to the same file.
 */
async function requireInside(folder: string, path: string, opened: Stats): Promise<void> {
  const { ino, dev } = await stat(await resolveInside(folder, path)).catch(refuse);
  if (ino !== opened.ino || dev !== opened.dev) throw changedMeanwhile();
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

function changedMeanwhile(): UnreadableFile {
  return new UnreadableFile("was changed while it was read; save it, wait until that is done, and try again");
}

function requirePath(path: string): void {
  if (path.trim() === "" || path.includes("\0")) throw new UnreadableFile("is not a file name");
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(path)) {
    throw new UnreadableFile("is an address, and lists are read from files; save it into the folder first");
  }
  if (!isAbsolute(path) && (win32.isAbsolute(path) || /^[a-z]:/i.test(path))) {
    throw new UnreadableFile("is a path of another system");
  }
  if (path.split(/[\\/]/).includes("..")) throw new UnreadableFile('leads out of the folder with ".."');
}

function requireListName(path: string): void {
  if (extensions.includes(extname(path).toLowerCase())) return;
  throw new UnreadableFile(`is not a ${extensions.join(", ")} file; save the list as one of them`);
}

async function resolveInside(folder: string, path: string): Promise<string> {
  const root = await realpath(folder);
  const named = placeOf(root, path);
  // Told before it is looked at: nobody learns here what lies outside.
  const isNamedInside = isInside(root, named) || isInside(folder, named);
  if (!isNamedInside) throw new UnreadableFile("is outside of the folder; put it there, or have it named there");
  const file = await realpath(named).catch(refuse);
  if (!isInside(root, file)) throw new UnreadableFile("is a link that leads out of the folder");
  return file;
}

function placeOf(root: string, path: string): string {
  if (/^~[\\/]/.test(path)) return join(homedir(), path.slice(2));
  return isAbsolute(path) ? path : join(root, path);
}

/** With the separator: /lists-old is not inside /lists. */
function isInside(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

/** Does not wait for the other end of a pipe, nor follow a link that was put there since the path was resolved. */
async function openQuietly(file: string): Promise<FileHandle> {
  // Windows has neither flag; there they are undefined and count as 0.
  return open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW).catch(refuse);
}

function requireRegularFile(stats: Stats): Stats {
  if (!stats.isFile()) throw new UnreadableFile(stats.isDirectory() ? "is a folder" : "is not a regular file");
  if (stats.size === 0) throw new UnreadableFile("is empty");
  if (stats.size > maxTableBytes) {
    throw new UnreadableFile("is larger than 64 MiB; split the list, or leave out columns that nobody needs");
  }
  return stats;
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
    case "ENAMETOOLONG":
      return "has a name that is too long for a file";
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
