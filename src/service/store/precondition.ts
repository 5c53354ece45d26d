import type { Precondition } from "./batch-store.ts";
import type { StoredBatch } from "./records.ts";

export function meetsPrecondition(batch: StoredBatch, { status, isPaused }: Precondition): boolean {
  return status.includes(batch.status) && (isPaused === undefined || batch.isPaused === isPaused);
}
