import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a directory and its parents, for their owner only, and answers whether it had to. It does without `recursive`:
 * below a directory in which nothing can ever be made (/proc) Node's own loop does not end.
 */
export async function makeDir(path: string): Promise<boolean> {
  try {
    return await makeOne(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT" || dirname(path) === path) throw error;
  }
  await makeDir(dirname(path));
  return makeOne(path);
}

async function makeOne(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST" && (await stat(path)).isDirectory()) return false;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
