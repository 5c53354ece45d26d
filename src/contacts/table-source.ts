/** Bytes that a table is read from: a file, an upload. What they are is found out from what they hold, whatever they are named. */
export type TableSource = {
  /** Names the source in errors, as the subject of a sentence: `"june.xlsx" in /home/ann/Documents/Batch Calls`. */
  readonly name: string;
  /** In bytes, where it is known: what is too large is then refused before it is read. */
  readonly size?: number;
  /** The bytes from their beginning. Is called several times; each time they have to be the same, or the table is refused. */
  open(): AsyncIterable<Uint8Array>;
};

export type OpenTableOptions = {
  /** Name of the sheet of a workbook; without it the first visible one with rows is read. */
  readonly sheet?: string;
  /** Ends the reading: the walk over the rows then throws its reason. */
  readonly signal?: AbortSignal;
};
