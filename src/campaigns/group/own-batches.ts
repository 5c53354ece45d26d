import type { BatchCallApi } from "../../client/api.ts";
import type { Batch } from "../../domain/batch/batch.ts";
import type { CancelledBatches } from "../records/index.ts";
import type { GroupLog, Place } from "./group-log.ts";
import { readGroup } from "./read-group.ts";

/** One that a list of batches has and the API does not list: a group, or a batch that it deleted because it was cancelled here. */
export type OwnBatch = Place & { readonly name: string; read(): Promise<Batch> };

export type OwnBatches = {
  /** The first that follows a place, the newest first and of one time by their ids. */
  next(after: Place): OwnBatch | undefined;
  /** Whether a batch is a part of a group, which stands for it. */
  isPart(batchId: string): boolean;
};

type OwnParts = {
  readonly api: Pick<BatchCallApi, "getBatch">;
  readonly log: GroupLog;
  readonly cancelled: Pick<CancelledBatches, "list">;
  readonly account: string;
};

export function ownBatches({ api, log, cancelled, account }: OwnParts): OwnBatches {
  const isPart = (batchId: string): boolean => log.groupOf(account, batchId) !== undefined;

  const nextGroup = (after: Place): OwnBatch | undefined => {
    const [group] = log.list(account, 1, after);
    if (!group) return undefined;
    const { groupId: id, name, createdAt } = group;
    return { id, name, createdAt: createdAt.getTime(), read: () => readGroup(api, group) };
  };
  const nextCancelled = (after: Place): OwnBatch | undefined => {
    const [batch] = cancelled.list(account, 1, after);
    if (!batch) return undefined;
    const { batchId: id, name, createdAt } = batch;
    const own = { id, name, createdAt: createdAt?.getTime() ?? 0, read: async () => batch };
    return isPart(id) ? nextCancelled(own) : own;
  };

  return {
    isPart,
    next(after) {
      const [group, batch] = [nextGroup(after), nextCancelled(after)];
      if (!group || !batch) return group ?? batch;
      if (group.createdAt === batch.createdAt) return group.id < batch.id ? group : batch;
      return group.createdAt > batch.createdAt ? group : batch;
    },
  };
}
