/** How the calls stand that a person agreed to, for who stays on the page. */
export type LiveBatch = {
  readonly name: string;
  /** In a word or two: `Running`. */
  readonly state: string;
  /** Further lines, each with what it is about. Text from outside among them. */
  readonly facts: readonly { readonly label: string; readonly text: string }[];
  /** Whether calls that are to come can be taken back now. */
  readonly canStop: boolean;
  readonly isOver: boolean;
  /** True for a draft whose start nothing waits for: no phone rings until somebody agrees anew. */
  readonly isUnstarted: boolean;
};

/** Looks at a batch, and stops it. Both throw a `Problem` where the API refuses or is away. */
export type LiveBatches = {
  look(batchId: string): Promise<LiveBatch>;
  /** Pauses it, so that nobody else is called; `by` is the person, for the record. Returns what that could not take back, in words; empty where nothing. */
  stop(batchId: string, by: string): Promise<string>;
};
