import type { BatchCallApi, Page, PageRequest } from "../../client/api.ts";
import type { TaskFilter } from "../../contract/records.ts";
import type { Task } from "../../domain/batch/batch.ts";
import { Problem } from "../../domain/problem.ts";
import type { DatabaseSync } from "../../lib/sqlite.ts";
import { type CancelledBatch, createCancelledBatches } from "../records/index.ts";

type CancelledParts = { readonly database: DatabaseSync; readonly account: () => Promise<string> };

/**
 * The API with the batches that were cancelled here and that it deleted for it, as it has no cancel: each is read as a cancelled one, with
 * its list, for as long as our record keeps it.
 */
export function withCancelled(api: BatchCallApi, { database, account }: CancelledParts): BatchCallApi {
  const cancelled = createCancelledBatches(database);
  const orCancelled = async <T>(batchId: string, read: Promise<T>, instead: (known: CancelledBatch) => T): Promise<T> =>
    read.catch(async (error: unknown) => {
      const isGone = error instanceof Problem && error.code === "not_found";
      const known = isGone ? cancelled.find(await account(), batchId) : undefined;
      if (!known) throw error;
      return instead(known);
    });
  return {
    ...api,
    getBatch: (batchId) => orCancelled(batchId, api.getBatch(batchId), ({ batch }) => batch),
    listTasks: (batchId, query) => orCancelled(batchId, api.listTasks(batchId, query), (known) => pageOf(known, query)),
  };
}

/** All of them are cancelled, and nobody was called. */
function pageOf(
  { batch, tasks }: CancelledBatch,
  { page, limit, status, outcome }: PageRequest & TaskFilter,
): Page<Task> {
  if (!tasks) throw listNotKept(batch.batchId, batch.heldReason);
  const isNobody = (status !== undefined && status !== "cancelled") || outcome !== undefined;
  const found = isNobody ? [] : tasks;
  const rows = found.slice(page * limit, (page + 1) * limit);
  return { rows, totalCount: found.length, hasMore: (page + 1) * limit < found.length };
}

function listNotKept(batchId: string, why = ""): Problem {
  return new Problem(
    "not_found",
    `${batchId} has no results. ${why} Its list could not be read before that, so who was on it is not known here; the list that it was made of may still be kept (get_list).`,
  );
}
