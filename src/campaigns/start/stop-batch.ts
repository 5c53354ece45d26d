import type { BatchCallApi } from "../../client/api.ts";
import type { Batch } from "../../domain/batch/batch.ts";
import { wrongState } from "../../domain/batch/wrong-state.ts";
import { Problem } from "../../domain/problem.ts";

/** Pauses a batch. At an API that has no pause a scheduled one is put back to draft; a running one is `unsupported` there. */
export async function pauseBatch(api: BatchCallApi, batchId: string): Promise<Batch> {
  return api.pauseBatch(batchId, { isResumable: true }).catch((error: unknown) => {
    if (error instanceof Problem && error.code === "unsupported") return holdAsDraft(batchId, api);
    throw error;
  });
}

/** Ends a batch for good. At an API that has no cancel one that has not begun is deleted; a running one is `unsupported` there. */
export async function cancelBatch(api: BatchCallApi, batchId: string): Promise<Batch> {
  return api.cancelBatch(batchId).catch((error: unknown) => {
    if (error instanceof Problem && error.code === "unsupported") return removeUnstarted(batchId, api);
    throw error;
  });
}

// What stands in for pause and cancel at an API that has neither. Each step is read back before anything is claimed.

/** Holds a scheduled batch by putting it back to draft. Throws `unsupported` for a running one. */
export async function holdAsDraft(batchId: string, api: BatchCallApi): Promise<Batch> {
  const batch = await api.getBatch(batchId);
  if (batch.status === "sent") throw noBrake(batch, "pause");
  if (batch.status !== "scheduled") throw wrongState(batch, "pause_batch", false);
  const draft = await backToDraft(batch, api);
  const time = draft.scheduledAt ?? batch.scheduledAt;
  return {
    ...draft,
    ...(time && { scheduledAt: time }),
    heldReason: "This API has no pause, so the batch was put back to draft; it starts no more by itself.",
  };
}

/** Ends a batch that has not begun, by deleting it. Throws `unsupported` for a running one. */
async function removeUnstarted(batchId: string, api: BatchCallApi): Promise<Batch> {
  const batch = await api.getBatch(batchId);
  if (batch.status === "sent") throw noBrake(batch, "cancel");
  if (batch.status !== "scheduled" && batch.status !== "draft") throw wrongState(batch, "cancel_batch", false);
  const draft = batch.status === "scheduled" ? await backToDraft(batch, api) : batch;
  await api.deleteBatch(batchId);
  const total = batch.total;
  return {
    ...draft,
    status: "cancelled",
    counts: { total, pending: 0, calling: 0, completed: 0, failed: 0, unknown: 0, cancelled: total },
    heldReason: "This API has no cancel, so the batch was deleted there before anybody was called.",
  };
}

async function backToDraft({ batchId }: Batch, api: BatchCallApi): Promise<Batch> {
  await api.editBatch(batchId, { status: "draft" });
  const now = await api.getBatch(batchId);
  if (now.status === "draft") return now;
  if (now.status === "sent") throw noBrake(now, "pause");
  throw new Problem(
    "bad_response",
    `The API took the change of ${batchId} back to draft, but reading it back, it is ${now.status}. It may still start. Look with get_batch_status.`,
  );
}

function noBrake(batch: Batch, verb: "pause" | "cancel"): Problem {
  const { counts } = batch;
  const open = counts
    ? `${counts.pending} calls are still to come and ${counts.calling} are in progress`
    : "how many calls are still to come is not known";
  return new Problem(
    "unsupported",
    `This API offers no ${verb} for a batch that is running: ${open}. Nothing was changed. A person can stop ${batch.batchId} in the API provider's own portal. A service with BATCH_CALL_CARRIER=hosted in front of this API can pause, cancel and stop what it runs (docs/carriers.md).`,
  );
}
