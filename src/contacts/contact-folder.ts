import type { TableSource } from "./table/table-source.ts";

/** The one folder that lists are read from and results are written to. */
export type ContactFolder = {
  /** Absolute path, as shown in errors. */
  readonly path: string;
  /**
   * Opens a list inside the folder, named relative to it, or absolute, or with `~`; its real path is checked after links are
   * followed. Throws `invalid_input` naming the folder when it is outside, missing, empty, too large or not a regular file. The
   * walk over its bytes fails for a file that was changed meanwhile.
   */
  open(path: string): Promise<TableSource>;
  /** Writes a new file and returns its absolute path; an existing name gets a number, never overwritten. */
  write(name: string, text: string): Promise<string>;
};
