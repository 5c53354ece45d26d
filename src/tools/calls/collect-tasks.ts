import type { BatchCallApi } from "../../client/api.ts";
import type { Task } from "../../domain/batch/batch.ts";
import { counted } from "../../domain/text.ts";
import { collectPages, mostTaskPages } from "../arguments/shapes.ts";
import type { ToolContext } from "../tool.ts";

type Watched = { readonly api: Pick<BatchCallApi, "listTasks"> } & Partial<Pick<ToolContext, "progress" | "signal">>;

/** Pages between two that are told of. */
const toldPages = 10;

/**
 * Everybody of a batch; of linked ones too. A caller who listens hears of every thousand that are read, `total` being how many
 * there are where that is known. Throws when the caller gave up waiting, and what the API refuses with.
 */
export function collectTasks(batchId: string, { api, progress, signal }: Watched, total?: number): Promise<Task[]> {
  return collectPages((page) => {
    signal?.throwIfAborted();
    const read = page.page * page.limit;
    if (page.page % toldPages === 0) progress?.(read, `${counted(read, "person", "people")} of ${batchId} read`, total);
    return api.listTasks(batchId, page);
  }, mostTaskPages);
}
