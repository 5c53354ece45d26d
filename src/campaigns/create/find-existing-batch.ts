import type { BatchCallApi } from "../../client/api.ts";
import type { Batch } from "../../domain/batch/batch.ts";
import { isFinal } from "../../domain/batch/progress.ts";
import { Problem } from "../../domain/problem.ts";
import type { CreateRecord } from "./creation-log.ts";

/**
 * The batch of an earlier create, where a repeat is that batch again. A deleted one, one cancelled before dialing, and
 * a simulated one that is over do not stand in the way of a new one.
 */
export async function findExistingBatch(api: BatchCallApi, { batchId }: CreateRecord): Promise<Batch | undefined> {
  const batch = batchId === undefined ? undefined : await read(api, batchId);
  if (!batch || wasCancelledUndialed(batch)) return undefined;
  return (await isOverSimulated(api, batch)) ? undefined : batch;
}

/** The batch of an earlier create that called its people and is over in the simulation, so that a repeat calls them by another one. */
export async function findEndedBatch(api: BatchCallApi, { batchId }: CreateRecord): Promise<Batch | undefined> {
  const batch = batchId === undefined ? undefined : await read(api, batchId);
  if (!batch || wasCancelledUndialed(batch)) return undefined;
  return (await isOverSimulated(api, batch)) ? batch : undefined;
}

async function isOverSimulated(api: BatchCallApi, batch: Batch): Promise<boolean> {
  return isFinal(batch) && (await api.environment()) === "simulated";
}

async function read(api: BatchCallApi, batchId: string): Promise<Batch | undefined> {
  try {
    return await api.getBatch(batchId);
  } catch (error) {
    if (error instanceof Problem && error.code === "not_found") return undefined;
    throw error;
  }
}

function wasCancelledUndialed({ status, counts }: Batch): boolean {
  return status === "cancelled" && counts !== undefined && counts.cancelled === counts.total;
}
