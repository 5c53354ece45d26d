import type { Stats } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { basename, isAbsolute, join, win32 } from "node:path";
import { plainText } from "../domain/text.ts";
import { errorCode, inHome } from "../lib/system.ts";
import { type FolderRoot, isInside, realRoots } from "./folder-root.ts";
import { likelyNames } from "./likely-names.ts";
import { requireListName } from "./list-name.ts";
import { changedMeanwhile, openStableFile } from "./stable-file.ts";
import type { TableSource } from "./table/table-source.ts";
import { throwUnreadable, UnreadableFile } from "./unreadable-file.ts";

/**
 * Opens a list in one of the folders. Nothing outside of them is opened, whatever the path says and wherever links lead. A
 * relative name that two folders have means two files, and is refused with both. Throws `UnreadableFile`.
 */
export async function openInFolders(folders: readonly string[], path: string): Promise<TableSource> {
  requirePath(path);
  requireListName(path);
  const roots = await realRoots(folders);
  const named = await placeOf(roots, path);
  const file = await resolveInside(roots, named);
  // A link may have another name than the file that it leads to.
  requireListName(file);
  const { stats, read } = await openStableFile(file, (opened) => requireInside(roots, named, opened));
  const root = roots.find(({ real }) => isInside(real, file));
  return { name: `"${plainText(path, 100)}" in ${root?.path}`, fileName: basename(file), size: stats.size, open: read };
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

/** The whole path of what is named. */
async function placeOf(roots: readonly FolderRoot[], path: string): Promise<string> {
  const whole = inHome(path);
  if (isAbsolute(whole)) return whole;
  const places = new Map<string, string>();
  for (const root of roots) {
    const place = join(root.path, path);
    const real = await realPlace(place);
    if (real !== undefined && !places.has(real)) places.set(real, place);
  }
  const [place, ...others] = places.values();
  if (place === undefined) throw await missing(roots, path);
  if (others.length === 0) return place;
  const all = [place, ...others].map((found) => `"${plainText(found, 200)}"`).join(" and ");
  throw new UnreadableFile(`may mean ${all}; give the whole path of the one that is meant`);
}

/** Two names for one file are one place. What is there and cannot be followed stands for itself; undefined for what is not. */
async function realPlace(place: string): Promise<string | undefined> {
  return realpath(place).catch((error: unknown) => (isMissing(error) ? undefined : place));
}

/**
 * What was opened is what lies in the folders: a folder in the middle of the path can have been swapped for a link since the
 * path was resolved. So it is resolved again, and has to lead to the same file.
 */
async function requireInside(roots: readonly FolderRoot[], named: string, opened: Stats): Promise<void> {
  const { ino, dev } = await stat(await resolveInside(roots, named)).catch(throwUnreadable);
  if (ino !== opened.ino || dev !== opened.dev) throw changedMeanwhile();
}

async function resolveInside(roots: readonly FolderRoot[], named: string): Promise<string> {
  const folder = roots.length === 1 ? "the folder" : "the folders";
  // Told before it is looked at: nobody learns here what lies outside.
  const isNamedInside = roots.some(({ path, real }) => isInside(real, named) || isInside(path, named));
  if (!isNamedInside) throw new UnreadableFile(`is outside of ${folder}; put it there, or have it named there`);
  const file = await realpath(named).catch(async (error: unknown) => {
    if (isMissing(error)) throw await missing(roots, named);
    return throwUnreadable(error);
  });
  if (!roots.some(({ real }) => isInside(real, file)))
    throw new UnreadableFile(`is a link that leads out of ${folder}`);
  return file;
}

function isMissing(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR"].includes(errorCode(error));
}

async function missing(roots: readonly FolderRoot[], path: string): Promise<UnreadableFile> {
  const likely = await likelyNames(roots, path);
  return new UnreadableFile(`does not exist${likely.length === 0 ? "" : ` (did you mean ${likely.join(" or ")}?)`}`);
}
