import { constants } from "node:fs";
import { type FileHandle, open, realpath } from "node:fs/promises";
import { extname, isAbsolute, join, sep, win32 } from "node:path";
import { errorCode } from "../lib/error-code.ts";
import { UnreadableFile } from "./unreadable-file.ts";

const maxBytes = 20 * 1024 * 1024;
const extensions: readonly string[] = [".csv", ".txt", ".tsv"];

/** Reads a list in a folder. Nothing outside of it is opened, whatever the path says and wherever links lead. */
export async function readFileInside(folder: string, path: string): Promise<Uint8Array> {
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
  if (path.trim() === "" || path.includes("\0")) throw new UnreadableFile("is no file name");
  if (isAbsolute(path) || win32.isAbsolute(path) || /^[a-z]:/i.test(path)) {
    throw new UnreadableFile("is an absolute path; write it relative to the folder");
  }
  if (path.split(/[\\/]/).includes("..")) throw new UnreadableFile('leads out of the folder with ".."');
}

function requireListName(path: string): void {
  if (extensions.includes(extname(path).toLowerCase())) return;
  throw new UnreadableFile(`is no ${extensions.join(", ")} file; save the list as "CSV UTF-8"`);
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
  if (!stats.isFile()) throw new UnreadableFile(stats.isDirectory() ? "is a folder" : "is no regular file");
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
      return "is no regular file";
    default:
      return `cannot be read (${code})`;
  }
}
