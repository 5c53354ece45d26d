import { realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, resolve } from "node:path";
import { plainText } from "../domain/text.ts";

/** Folders that a client offers for one call, beside those of the operator. */
export type OfferedFolders = {
  /** Absolute. */
  readonly paths: readonly string[];
  /** Why there may be fewer than the client has, in a sentence. */
  readonly trouble?: string;
};

export type JudgedFolders = {
  /** Those that may be read from, as they were named. */
  readonly folders: readonly string[];
  /** What is said of the others, a sentence each. */
  readonly said: readonly string[];
};

/**
 * Which of the offered folders may be read from. One that holds the home directory, as `/` does, would open everything that this
 * user can read, and one that holds the data directory, or lies in it, the records of this server. What is not there is left out.
 */
export async function judgeOffered({ paths, trouble }: OfferedFolders, dataDir: string): Promise<JudgedFolders> {
  const [aboveHome, aboveData] = await Promise.all([identitiesUpFrom(homedir()), identitiesUpFrom(dataDir)]);
  const data = await identityOf(dataDir);
  const folders: string[] = [];
  const said = trouble === undefined ? [] : [trouble];
  for (const path of new Set(paths)) {
    const own = await identityOf(path);
    if (own === undefined) continue;
    const refuse = (why: string) => said.push(`The client's root ${plainText(path, 200)} is not read from: ${why}.`);
    const isInData = data !== undefined && (await identitiesUpFrom(path)).includes(data);
    if (aboveHome.includes(own)) refuse("it holds the home directory");
    else if (aboveData.includes(own)) refuse("it holds the data directory of this server");
    else if (isInData) refuse("it lies in the data directory of this server");
    else folders.push(path);
  }
  return { folders, said };
}

/** A folder and all above it, by what they are: one folder can have names that differ in case, or by a mount. */
async function identitiesUpFrom(path: string): Promise<readonly string[]> {
  const found: string[] = [];
  let at = await realpath(path).catch(() => resolve(path));
  for (;;) {
    const identity = await identityOf(at);
    if (identity !== undefined) found.push(identity);
    if (dirname(at) === at) return found;
    at = dirname(at);
  }
}

/** Undefined for what is no folder. */
async function identityOf(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found?.isDirectory() ? `${found.dev} ${found.ino}` : undefined;
}
