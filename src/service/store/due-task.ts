import type { StoredBatch } from "./records.ts";

/** A task that is due, with what decides whose turn it is. */
export type DueTask = {
  readonly batch: StoredBatch;
  readonly taskId: string;
  readonly toNumber: string;
  readonly isRetry: boolean;
  /** ms since 1970; 0 when the task was due from the beginning. */
  readonly dueMs: number;
  readonly row: number;
};

/** Orders turns of several batches: those never dialed before retries, then by due time, then by row. */
export function compareDueTasks(a: DueTask, b: DueTask): number {
  return Number(a.isRetry) - Number(b.isRetry) || a.dueMs - b.dueMs || a.row - b.row;
}
