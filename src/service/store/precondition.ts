import type { Expected, StoredBatch } from "./store.ts";

export function isAsExpected(batch: StoredBatch, { status, isPaused }: Expected): boolean {
  return status.includes(batch.status) && (isPaused === undefined || batch.isPaused === isPaused);
}
