import type { TaskStatus } from "./batch.ts";

/** What a change did to the list of a batch. */
export type ListChangeReport = {
  readonly added: number;
  /** People on the list who are to hear something else, or to be called after all. */
  readonly changed: number;
  /** People who are named and were as asked for before. */
  readonly unchanged: number;
  readonly removed: number;
  /** Their call is under way or over. */
  readonly notRemoved: readonly { readonly taskId: string; readonly toNumber: string; readonly status: TaskStatus }[];
  /** Named and not on the list. */
  readonly notFound: number;
  /** Of those added or changed: on the do-not-call list, so that they are not called. */
  readonly suppressed: number;
};
