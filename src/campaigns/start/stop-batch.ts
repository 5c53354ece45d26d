import { mayHaveSucceeded } from "../../client/ambiguous-outcome.ts";
import type { BatchCallApi } from "../../client/api.ts";
import { type Batch, taskStatuses } from "../../domain/batch/batch.ts";
import { wrongState } from "../../domain/batch/wrong-state.ts";
import { Problem } from "../../domain/problem.ts";
import { queueInFront } from "../../domain/queue-in-front.ts";
import { counted } from "../../domain/text.ts";
import type { Clock } from "../../lib/clock.ts";
import type { CancelledBatches } from "../records/index.ts";
import { readTasks } from "./read-batch-for-start.ts";

/** Pauses a batch. At an API that has no pause a scheduled one is put back to draft; a running one is `unsupported` there. */
export async function pauseBatch(api: BatchCallApi, batchId: string): Promise<Batch> {
  return api.pauseBatch(batchId, { isResumable: true }).catch(async (error: unknown) => {
    const batch = await lookAfter(error, batchId, api);
    if (batch?.isPaused) return batch;
    if (isWithoutRoute(error)) return holdAsDraft(batchId, api);
    throw error;
  });
}

type CancelParts = {
  readonly api: BatchCallApi;
  readonly cancelled: CancelledBatches;
  readonly account: () => Promise<string>;
  readonly clock: Clock;
};

/** Ends a batch for good. At an API that has no cancel one that has not begun is deleted; a running one is `unsupported` there. */
export async function cancelBatch(parts: CancelParts, batchId: string): Promise<Batch> {
  return parts.api.cancelBatch(batchId).catch(async (error: unknown) => {
    const batch = await lookAfter(error, batchId, parts.api);
    if (batch?.status === "cancelled") return batch;
    if (isWithoutRoute(error)) return removeUnstarted(batchId, parts);
    throw error;
  });
}

/** How the batch is after a stop whose answer was lost; undefined where it was not, or that cannot be read. */
async function lookAfter(error: unknown, batchId: string, api: BatchCallApi): Promise<Batch | undefined> {
  if (!(error instanceof Problem) || error.code !== "outcome_unknown") return undefined;
  return api.getBatch(batchId).catch(() => undefined);
}

/** `not_found`: an API without the route does not have the batch (any more), and our record may. */
function isWithoutRoute(error: unknown): boolean {
  return error instanceof Problem && (error.code === "unsupported" || error.code === "not_found");
}

// What stands in for pause and cancel at an API that has neither. Each step is read back before anything is claimed.

/** Holds a scheduled batch by putting it back to draft. Throws `unsupported` for a running one. */
export async function holdAsDraft(batchId: string, api: BatchCallApi): Promise<Batch> {
  const batch = await api.getBatch(batchId);
  if (batch.status === "sent") throw noBrake(await withCounts(batch, api), "pause");
  if (batch.status !== "scheduled") throw wrongState(batch, "pause_batch", false);
  const draft = await withCounts(await backToDraft(batch, api), api);
  const time = draft.scheduledAt ?? batch.scheduledAt;
  return {
    ...draft,
    ...(time && { scheduledAt: time }),
    heldReason: "This API has no pause, so the batch was put back to draft; it starts no more by itself.",
  };
}

/** Ends a batch that has not begun, by deleting it; what it was stays in our record. Throws `unsupported` for a running one. */
async function removeUnstarted(batchId: string, { api, cancelled, account, clock }: CancelParts): Promise<Batch> {
  const batch = await api.getBatch(batchId);
  if (batch.status === "cancelled") return batch;
  if (batch.status === "sent") throw noBrake(await withCounts(batch, api), "cancel");
  if (batch.status !== "scheduled" && batch.status !== "draft") throw wrongState(batch, "cancel_batch", false);
  const draft = batch.status === "scheduled" ? await backToDraft(batch, api) : batch;
  const tasks = await readTasks(api, batchId).catch(() => undefined);
  const [now, { total }] = [clock.now(), batch];
  const ended: Batch = {
    ...draft,
    status: "cancelled",
    counts: { total, pending: 0, calling: 0, completed: 0, failed: 0, unknown: 0, cancelled: total },
    heldReason: `Cancelled here at ${now.toISOString().slice(0, 16)}Z, before anybody was called. This API has no cancel, so it has deleted the batch.`,
  };
  const owner = await account();
  cancelled.keep(owner, { batch: ended, ...(tasks && { tasks }) }, now);
  await api.deleteBatch(batchId).catch((error: unknown) => {
    if (error instanceof Problem && error.code === "not_found") return;
    if (!mayHaveSucceeded(error)) cancelled.forget(owner, batchId);
    throw error;
  });
  return ended;
}

async function backToDraft({ batchId }: Batch, api: BatchCallApi): Promise<Batch> {
  await api.editBatch(batchId, { status: "draft" });
  const now = await api.getBatch(batchId);
  if (now.status === "draft") return now;
  if (now.status === "sent") throw noBrake(await withCounts(now, api), "pause");
  throw new Problem(
    "bad_response",
    `The API took the change of ${batchId} back to draft, but reading it back, it is ${now.status}. It may still start. Look with get_batch_status.`,
  );
}

/** Such an API counts nobody, so its list is counted; where that cannot be read, how many there are is not known. */
async function withCounts(batch: Batch, api: BatchCallApi): Promise<Batch> {
  if (batch.counts) return batch;
  const tasks = await readTasks(api, batch.batchId).catch(() => undefined);
  if (!tasks) return batch;
  const counts = { total: tasks.length, pending: 0, calling: 0, completed: 0, failed: 0, unknown: 0, cancelled: 0 };
  for (const status of taskStatuses) counts[status] = tasks.filter((task) => task.status === status).length;
  return { ...batch, counts };
}

function noBrake(batch: Batch, verb: "pause" | "cancel"): Problem {
  const { counts } = batch;
  const open = counts
    ? `${counted(counts.pending, "call is", "calls are")} still to come and ${counted(counts.calling, "is", "are")} in progress`
    : "how many calls are still to come is not known";
  return new Problem(
    "unsupported",
    `This API offers no ${verb} for a batch that is running: ${open}. Nothing was changed. A person can stop ${batch.batchId} in the API provider's own portal. ${queueInFront("can pause, cancel and stop what it runs")}`,
  );
}
