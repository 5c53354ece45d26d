import type { BatchCallApi } from "../../client/api.ts";
import type { Batch } from "../../domain/batch/batch.ts";
import type { DatabaseSync } from "../../lib/sqlite.ts";
import { createStartLog } from "./start-log.ts";

type StartTimeParts = { readonly database: DatabaseSync; readonly account: () => Promise<string> };

/**
 * The API without the time that a batch was to start at where it was started at once instead: an API other than our service
 * goes on telling the time that it was once scheduled for.
 */
export function withStartTimes(api: BatchCallApi, { database, account }: StartTimeParts): BatchCallApi {
  const startLog = createStartLog(database);
  const asStarted = async (batch: Batch): Promise<Batch> => {
    const { scheduledAt: at, ...others } = batch;
    if (!at || batch.status === "draft" || batch.status === "scheduled") return batch;
    return startLog.wasStartedAtOnce(await account(), batch.batchId) ? others : batch;
  };
  return {
    ...api,
    getBatch: async (batchId) => asStarted(await api.getBatch(batchId)),
    async listBatches(query) {
      const page = await api.listBatches(query);
      return { ...page, rows: await Promise.all(page.rows.map(asStarted)) };
    },
  };
}
