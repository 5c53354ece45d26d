import type { BatchCallApi } from "../client/api.ts";
import type { Batch } from "../domain/batch.ts";
import type { Start } from "../domain/plan.ts";
import { Problem } from "../domain/problem.ts";

/** Every start but "leave it a draft". */
export type Beginning = Exclude<Start, { kind: "draft" }>;

/**
 * Starts a batch, or sets the time at which it starts, and reads back what came of it. This is the one place from which
 * a batch is set going; whoever calls it has made sure that it may ring.
 */
export async function beginBatch(api: BatchCallApi, batchId: string, start: Beginning): Promise<Batch> {
  return start.kind === "now" ? beginNow(api, batchId) : beginAt(api, batchId, start.at);
}

async function beginNow(api: BatchCallApi, batchId: string): Promise<Batch> {
  try {
    await api.executeBatch(batchId);
  } catch (error) {
    return readBackAfter(error, api, batchId, hasBegun);
  }
  return api.getBatch(batchId);
}

async function beginAt(api: BatchCallApi, batchId: string, at: Date): Promise<Batch> {
  const isSet = (batch: Batch): boolean => batch.status === "scheduled" && isSameSecond(batch.scheduledAt, at);
  try {
    await api.editBatch(batchId, { status: "scheduled", scheduledAt: at });
  } catch (error) {
    return readBackAfter(error, api, batchId, isSet);
  }
  const batch = await api.getBatch(batchId);
  if (isSet(batch) || hasBegun(batch)) return batch;
  const found = `it is ${batch.status}${batch.scheduledAt ? ` for ${batch.scheduledAt.toISOString()}` : ""}`;
  throw new Problem(
    "bad_response",
    `The API took the start at ${at.toISOString()}, but reading the batch back, ${found}. Look with get_batch_status, and set the time with start_batch again.`,
  );
}

/** Another call may have started it first, or the answer got lost: what the batch is now decides. */
async function readBackAfter(
  error: unknown,
  api: BatchCallApi,
  batchId: string,
  isDone: (batch: Batch) => boolean,
): Promise<Batch> {
  if (!(error instanceof Problem) || (error.code !== "wrong_state" && error.code !== "outcome_unknown")) throw error;
  const batch = await api.getBatch(batchId);
  if (isDone(batch)) return batch;
  throw error;
}

function hasBegun({ status }: Batch): boolean {
  return status === "sent" || status === "completed" || status === "failed";
}

function isSameSecond(a: Date | undefined, b: Date): boolean {
  return a !== undefined && Math.floor(a.getTime() / 1000) === Math.floor(b.getTime() / 1000);
}
