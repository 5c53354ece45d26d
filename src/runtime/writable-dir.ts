import { access, constants } from "node:fs/promises";
import { Problem } from "../domain/problem.ts";
import { makeDir } from "../lib/make-dir.ts";

/** Makes a directory (for its owner only) and makes sure that files can be written there; throws a `Problem` that names the setting. */
export async function ensureWritableDir(path: string, setting: string): Promise<void> {
  try {
    await makeDir(path);
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new Problem(
      "unavailable",
      `cannot write to the directory ${path} (${code}). Make it writable for this user, or set ${setting} to another directory.`,
      { cause },
    );
  }
}
