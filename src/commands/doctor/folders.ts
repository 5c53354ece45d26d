import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Settings } from "../../config/settings.ts";
import { Problem } from "../../domain/problem.ts";
import { openDatabase } from "../../lib/sqlite.ts";
import { errorCode } from "../../lib/system.ts";
import { makeContactFolder } from "../../runtime/contact-files.ts";
import { ensureWritableDir } from "../../runtime/data-dir.ts";

const leastFreeMb = 100;
const dataFiles = ["ledger.sqlite", "service.sqlite", "carrier.sqlite"];

/** The first is written to; the others are only read, and one on a disk that is not plugged in is nothing wrong. */
export async function checkFolders(settings: Settings): Promise<string> {
  const [first, ...others] = settings.filesDirs;
  // With the list to try, which goes only into a folder that is new; what stands in the way is told by the next line.
  await makeContactFolder(settings).catch(() => {});
  const writable = await checkDirectory(first, "BATCH_CALL_FILES_DIR");
  const readable = others.map(async (path) =>
    readdir(path).then(
      () => `${path} is readable`,
      (error: unknown) => `${path} cannot be read (${errorCode(error)})`,
    ),
  );
  return [writable, ...(await Promise.all(readable))].join(", ");
}

/** Writes a file for a moment: rights alone do not tell of a full disk. */
export async function checkDirectory(path: string, setting: string): Promise<string> {
  await ensureWritableDir(path, setting);
  const probe = join(path, `.doctor-${randomUUID()}`);
  try {
    await writeFile(probe, "x", { mode: 0o600, flag: "wx" });
  } catch (cause) {
    const message = `cannot write a file in ${path} (${errorCode(cause)}). Make room or rights there, or set ${setting} to another directory.`;
    throw new Problem("unavailable", message, { cause });
  } finally {
    await rm(probe, { force: true });
  }
  return `${path} is writable`;
}

/** Reads every database of the directory through, and looks at the space that is left for them. */
export async function checkDataFiles(dataDir: string): Promise<string> {
  const { bavail, bsize } = await statfs(dataDir);
  const freeMb = Math.floor((bavail * bsize) / 1e6);
  if (freeMb < leastFreeMb)
    throw new Error(`only ${freeMb} MB are free on the disk of ${dataDir}. Free some space on it.`);
  const files = dataFiles.filter((name) => existsSync(join(dataDir, name)));
  for (const name of files) checkDataFile(join(dataDir, name));
  return `${files.length === 0 ? "none yet" : `${files.join(", ")} are whole`}; ${freeMb} MB free`;
}

function checkDataFile(path: string): void {
  const database = openDatabase(path);
  try {
    const [found] = database.prepare("PRAGMA quick_check(1)").all();
    if (found?.["quick_check"] !== "ok") throw new Error("database disk image is malformed");
  } catch (cause) {
    throw new Error(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  } finally {
    database.close();
  }
}
