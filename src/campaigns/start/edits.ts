import type { BatchCallApi, BatchEdit } from "../../client/api.ts";
import type { Batch } from "../../domain/batch/batch.ts";
import type { Clock } from "../../lib/clock.ts";
import { type ApprovalStore, type RequestedBy, startUnderWay } from "../approve/index.ts";
import type { StartLog } from "./start-log.ts";

type EditParts = {
  readonly api: BatchCallApi;
  readonly approvals: ApprovalStore;
  readonly startLog: StartLog;
  readonly clock: Clock;
  readonly account: () => Promise<string>;
};

export type Edits = {
  /** Any edit but of the name voids the approval of a start; it never starts anything. */
  edit(batchId: string, edit: BatchEdit, by: RequestedBy): Promise<Batch>;
  /** Voids what was approved for a batch that is cancelled. Before the request for that leaves. */
  revoke(batchId: string, why: string, by: RequestedBy): Promise<void>;
  /**
   * Pauses a batch by `pause`, with the agreement to a start that waits voided first. Whether it may go on without a new one is
   * for the API to say, where it keeps agreements.
   */
  pause(batchId: string, by: RequestedBy, pause: () => Promise<Batch>): Promise<Batch>;
};

/** What changes or stops a batch, and what that does to an agreement. None of it needs one. */
export function buildEdits({ api, approvals, startLog, clock, account }: EditParts): Edits {
  const revoke = async (batchId: string, why: string, { principal, client }: RequestedBy): Promise<void> => {
    const now = clock.now();
    approvals.voidFor(batchId, why, { principal, ...(client !== undefined && { client }) }, now);
    startLog.withdraw(await account(), batchId, now);
  };

  return {
    revoke,
    async edit(batchId, edit, by) {
      const { name: _name, ...rest } = edit;
      if (Object.keys(rest).length > 0) {
        if (startLog.openOf(await account(), batchId)?.state === "sent") throw startUnderWay(batchId);
        await revoke(batchId, "The batch was edited.", by);
      }
      return api.editBatch(batchId, edit);
    },
    async pause(batchId, by, pause) {
      await revoke(batchId, "The batch was paused.", by);
      return pause();
    },
  };
}
