import type { Parts } from "./new-file.ts";
import type { OfferedFolders } from "./offered-folders.ts";
import type { TableSource } from "./table/table-source.ts";

/** The folders that lists are read from; results are written to the first of them. */
export type ContactFolders = {
  /**
   * Opens a list inside the folders, named relative to one of them, or absolute, or with `~`; its real path is checked after
   * links are followed. Throws `invalid_input` naming the folders when it is outside, missing, in two of them, empty, too large
   * or not a regular file. The walk over its bytes fails for a file that was changed meanwhile. Folders that the client offers for
   * this call are read from as well, by the same rules, unless they would open too much.
   */
  open(path: string, offered?: OfferedFolders): Promise<TableSource>;
  /**
   * Writes a new file part by part and returns its absolute path; an existing name gets a number, never overwritten. The file is
   * there when its last part is written, and not at all when a part cannot be made.
   */
  write(name: string, parts: Parts): Promise<string>;
};
