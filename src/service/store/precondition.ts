import type { Precondition, StoredBatch } from "./store.ts";

export function meetsPrecondition(batch: StoredBatch, { status, isPaused }: Precondition): boolean {
  return status.includes(batch.status) && (isPaused === undefined || batch.isPaused === isPaused);
}
