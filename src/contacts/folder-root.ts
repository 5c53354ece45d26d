import { realpath } from "node:fs/promises";
import { sep } from "node:path";

/** A folder as it was named, and where it really is once all links are followed. */
export type FolderRoot = { readonly path: string; readonly real: string };

/** Folders that are not there (a disk that is not plugged in) hold nothing, and are left out. */
export async function realRoots(folders: readonly string[]): Promise<readonly FolderRoot[]> {
  const roots = await Promise.all(
    folders.map(async (path) => {
      const real = await realpath(path).catch(() => undefined);
      return real === undefined ? [] : [{ path, real }];
    }),
  );
  return roots.flat();
}

/** With the separator: /lists-old is not inside /lists, and neither is /lists itself. */
export function isInside(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}
