import { constants } from "node:fs";
import { access, chmod, copyFile, open, readFile, readlink, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Problem } from "../domain/problem.ts";
import { errorCode, makeDir } from "../lib/system.ts";
import type { ConfigFormat } from "./clients.ts";
import type { Entry } from "./entry.ts";
import { editJson, entryInJson } from "./json-config.ts";
import { editToml, entryInToml } from "./toml-config.ts";

/** What the file would be, beside what it is; undefined where there is none. */
export type ConfigChange = { readonly path: string; readonly before: string | undefined; readonly after: string };

/**
 * Reads the file and puts the entry into its text. Nothing is written. Throws a `Problem` that names the file and the place, also for a
 * link that leads nowhere and for a file that is to be changed and is marked as read-only.
 */
export async function planConfigChange(path: string, format: ConfigFormat, entry: Entry): Promise<ConfigChange> {
  const before = await readIfThere(path);
  if (before === undefined) await refuseDeadLink(path);
  const edit = (text: string) =>
    format.kind === "json" ? editJson(text, format, entry) : editToml(text, format, entry);
  const after = inWords(path, () => edit(before ?? ""));
  if (before !== undefined && after !== before) await refuseReadOnly(path);
  return { path, before, after };
}

async function refuseDeadLink(path: string): Promise<void> {
  const target = await readlink(path).catch(() => undefined);
  if (target === undefined) return;
  throw new Problem(
    "wrong_state",
    `${path} is a link to ${target}, where no file is. Nothing was changed. Make that file, or remove the link.`,
  );
}

/** Its rights are asked, and not only what this user may: the system's own user may everything. */
async function refuseReadOnly(path: string): Promise<void> {
  const isMarked = ((await stat(path)).mode & 0o222) === 0;
  const isRefused = await access(path, constants.W_OK).then(
    () => false,
    () => true,
  );
  if (!isMarked && !isRefused) return;
  throw new Problem(
    "wrong_state",
    `${path} is read-only. Nothing was changed. Make it writable (chmod u+w) if it may be changed.`,
  );
}

/** How the entry stands in the file, for a list of clients. Throws as `planConfigChange` does. */
export async function readEntry(
  path: string,
  format: ConfigFormat,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  return inWords(path, () => (format.kind === "json" ? entryInJson(text, format) : entryInToml(text, format)));
}

/**
 * Writes the change whole or not at all, and returns where the old file is kept, if there was one. Throws a `Problem` where the file is
 * not any more what was shown: a client may have written to it meanwhile.
 */
export async function writeChange({ path, before, after }: ConfigChange, now: Date): Promise<string | undefined> {
  try {
    return await write(path, before, after, now);
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem("unavailable", `${path} cannot be written (${errorCode(cause)}). Nothing was changed.`, {
      cause,
    });
  }
}

async function write(path: string, before: string | undefined, after: string, now: Date): Promise<string | undefined> {
  await makeDir(dirname(path));
  // A link stays one: people keep such files elsewhere and link to them.
  const file = before === undefined ? path : await realpath(path);
  const mode = before === undefined ? 0o600 : (await stat(file)).mode & 0o777;
  const stamp = now.toISOString().replaceAll(/[-:]|\..*/g, "");
  const backup = before === undefined ? undefined : await keepCopy(file, `${file}.before-batch-call-${stamp}`);
  const beside = join(dirname(file), `.${basename(file)}.batch-call-${process.pid}`);
  try {
    await writeWhole(beside, after, mode);
    if ((await readIfThere(file)) !== before) throw changedMeanwhile(path);
    await rename(beside, file);
  } finally {
    await rm(beside, { force: true });
  }
  return backup;
}

/** Copies the file to that name, or to the first of `-2`, `-3` … behind it that is free: two runs may come within one second. */
async function keepCopy(file: string, name: string): Promise<string> {
  for (let count = 1; ; count++) {
    const backup = count === 1 ? name : `${name}-${count}`;
    try {
      await copyFile(file, backup, constants.COPYFILE_EXCL);
      return backup;
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
    }
  }
}

function changedMeanwhile(path: string): Problem {
  return new Problem(
    "wrong_state",
    `${path} was changed by another program just now. Nothing was changed here; close the client, and run setup again.`,
  );
}

async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, "wx", mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  // The process's own mask took rights away that the old file had.
  await chmod(path, mode);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") return undefined;
    throw new Problem("unavailable", `${path} cannot be read (${errorCode(cause)}). Nothing was changed.`, { cause });
  }
}

function inWords<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause;
    throw new Problem(cause.code, `${path}: ${cause.message}. Nothing was changed.`, { cause });
  }
}
