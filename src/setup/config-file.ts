import { constants } from "node:fs";
import { chmod, copyFile, open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Problem } from "../domain/problem.ts";
import { errorCode, makeDir } from "../lib/system.ts";
import type { ConfigFormat } from "./clients.ts";
import type { Entry } from "./entry.ts";
import { editJson, entryInJson } from "./json-config.ts";
import { editToml, entryInToml } from "./toml-config.ts";

/** What the file would be, beside what it is; undefined where there is none. */
export type ConfigChange = { readonly path: string; readonly before: string | undefined; readonly after: string };

/** Reads the file and puts the entry into its text. Nothing is written. Throws a `Problem` that names the file and the place. */
export async function planConfigChange(path: string, format: ConfigFormat, entry: Entry): Promise<ConfigChange> {
  const before = await readIfThere(path);
  const edit = (text: string) =>
    format.kind === "json" ? editJson(text, format, entry) : editToml(text, format, entry);
  return { path, before, after: inWords(path, () => edit(before ?? "")) };
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
  const backup = before === undefined ? undefined : `${file}.before-batch-call-${stamp}`;
  if (backup !== undefined) await copyFile(file, backup, constants.COPYFILE_EXCL);
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
