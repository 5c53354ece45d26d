import type { BatchCallApi } from "../../client/api.ts";
import { type Batch, type BatchStatus, type Counts, type Task, taskStatuses } from "../../domain/batch/batch.ts";
import type { Clock } from "../../lib/clock.ts";
import { readTasks } from "./read-batch-for-start.ts";

const keptForMs = 15_000;

/**
 * The API with counts on every batch that is read: where the API tells none, they are counted from the batch's task
 * pages, at most once in 15 s while its status stays the same, so that no ended batch shows calls that are to come.
 */
export function withTaskCounts(api: BatchCallApi, clock: Clock): BatchCallApi {
  const kept = new Map<
    string,
    { readonly status: BatchStatus; readonly counts: Promise<Counts>; readonly until: number }
  >();

  const countOnce = ({ batchId, status }: Batch): Promise<Counts> => {
    const now = clock.now().getTime();
    for (const [id, { until }] of kept) if (until <= now) kept.delete(id);
    const known = kept.get(batchId);
    if (known?.status === status) return known.counts;
    const counts = readTasks(api, batchId).then(countTasks);
    kept.set(batchId, { status, counts, until: now + keptForMs });
    counts.catch(() => kept.delete(batchId));
    return counts;
  };

  return {
    ...api,
    async getBatch(batchId): Promise<Batch> {
      const batch = await api.getBatch(batchId);
      return batch.counts ? batch : { ...batch, counts: await countOnce(batch) };
    },
  };
}

function countTasks(tasks: readonly Task[]): Counts {
  const counts = { total: tasks.length, pending: 0, calling: 0, completed: 0, failed: 0, unknown: 0, cancelled: 0 };
  for (const status of taskStatuses) counts[status] = tasks.filter((task) => task.status === status).length;
  return counts;
}
