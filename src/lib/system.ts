import { mkdir, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** The system's code of a failed file operation, such as `ENOENT`. */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}

/** The path with the home directory of this user for a `~` at its beginning. */
export function inHome(path: string): string {
  return /^~(?=[\\/]|$)/.test(path) ? join(homedir(), path.slice(1)) : path;
}

/**
 * Makes a directory and its parents, for their owner only, and returns whether it had to. It does without `recursive`:
 * below a directory in which nothing can ever be made (/proc) Node's own loop does not end.
 */
export async function makeDir(path: string): Promise<boolean> {
  try {
    return await makeOne(path);
  } catch (error) {
    if (errorCode(error) !== "ENOENT" || dirname(path) === path) throw error;
  }
  await makeDir(dirname(path));
  return makeOne(path);
}

async function makeOne(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST" && (await stat(path)).isDirectory()) return false;
    throw error;
  }
}
