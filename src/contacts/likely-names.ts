import { readdir, realpath } from "node:fs/promises";
import { basename, dirname, extname, isAbsolute, join } from "node:path";
import { nearest } from "../domain/nearest.ts";
import { plainText } from "../domain/text.ts";
import { type FolderRoot, isInside } from "./folder-root.ts";
import { isListName } from "./list-name.ts";

const shownAtMost = 3;
const comparedAtMost = 2000;
const shortestPart = 3;

/** Lists that lie where `path` would and were likely meant, quoted, the likeliest first; only what lies in the folders is looked at. */
export async function likelyNames(roots: readonly FolderRoot[], path: string): Promise<readonly string[]> {
  const folder = dirname(path);
  const found = await Promise.all(
    roots.map(async (root) => namesIn(roots, isAbsolute(path) ? folder : join(root.path, folder))),
  );
  // One of the very name is a link that leads nowhere.
  const others = [...new Set(found.flat())].filter((name) => name !== basename(path));
  const likely = pickLikely(basename(path), others.slice(0, comparedAtMost));
  return likely.map((name) => `"${plainText(folder === "." ? name : join(folder, name), 200)}"`);
}

async function namesIn(roots: readonly FolderRoot[], folder: string): Promise<readonly string[]> {
  try {
    const real = await realpath(folder);
    if (!roots.some((root) => root.real === real || isInside(root.real, real))) return [];
    const names = await readdir(real);
    return names.filter((name) => isListName(name) && !name.startsWith(".")).toSorted();
  } catch {
    // What cannot be listed gives no advice; that the file does not exist is said anyway.
    return [];
  }
}

/** The same name with another ending, then the fewest edits away, then names that hold the whole of it. */
function pickLikely(wanted: string, names: readonly string[]): readonly string[] {
  const stem = stemOf(wanted);
  const bySpelling = new Map(names.map((name) => [name.normalize(), name]));
  const near = bySpelling.get(nearest(wanted.normalize(), bySpelling.keys()) ?? "");
  const same = names.filter((name) => stemOf(name) === stem);
  const longer = stem.length < shortestPart ? [] : names.filter((name) => stemOf(name).includes(stem));
  return [...new Set([...same, ...(near === undefined ? [] : [near]), ...longer])].slice(0, shownAtMost);
}

/** Macs write letters with accents in two parts, and other systems in one. */
function stemOf(name: string): string {
  return name
    .slice(0, name.length - extname(name).length)
    .normalize()
    .toLowerCase();
}
