/** What was said of a number that must not be called. */
export type DoNotCallFacts = {
  readonly reason?: string;
  /** Who asked, in the words of whoever wrote it down. */
  readonly requestedBy?: string;
  /** When they asked, as it was given, with its zone where it had one. */
  readonly requestedAt?: string;
};

export const factNames = ["reason", "requestedBy", "requestedAt"] as const satisfies readonly (keyof DoNotCallFacts)[];

/** Most characters of each. */
export const longestFacts = { reason: 500, requestedBy: 200, requestedAt: 100 } as const satisfies Record<
  keyof DoNotCallFacts,
  number
>;

export type NewDoNotCallEntry = DoNotCallFacts & {
  readonly phoneNumber: string;
  /** Which way it came, and who used it: `tool: local`, `api`. */
  readonly addedBy?: string;
};

export type DoNotCallEntry = NewDoNotCallEntry & { readonly addedAt: Date };
