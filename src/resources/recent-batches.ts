import type { Batch } from "../domain/batch/batch.ts";
import { plainText } from "../domain/text.ts";
import { maxPageSize } from "../tools/arguments/shapes.ts";
import { type ListedResource, longestListedName, mostCompletions, mostListed, type ReadContext } from "./resource.ts";

/** The newest batches, as a client lists them. */
export async function listRecentBatches({ api }: ReadContext): Promise<readonly ListedResource[]> {
  const { rows } = await api.listBatches({ page: 0, limit: mostListed });
  return rows.map(({ batchId, name }) => ({ id: batchId, name: plainText(name, longestListedName) }));
}

/** Ids of the newest hundred batches that begin with `typed`, or whose name has it. */
export async function completeBatchIds(typed: string, { api }: ReadContext): Promise<readonly string[]> {
  const { rows } = await api.listBatches({ page: 0, limit: maxPageSize });
  return rows
    .filter((batch) => isMeant(batch, typed))
    .map(({ batchId }) => batchId)
    .slice(0, mostCompletions);
}

function isMeant({ batchId, name }: Pick<Batch, "batchId" | "name">, typed: string): boolean {
  const wanted = typed.trim().toLowerCase();
  return batchId.toLowerCase().startsWith(wanted) || name.toLowerCase().includes(wanted);
}
