import type { BatchCallApi, BatchEdit } from "../../client/api.ts";
import type { Batch } from "../../domain/batch/batch.ts";
import { type Clock, sleep } from "../../lib/clock.ts";
import { type ApprovalStore, type RequestedBy, startUnderWay } from "../approve/index.ts";
import type { StartLog } from "./start-log.ts";

// Reads are repeated for longer when the API limits or fails them.
const patienceMs = 2_000;

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
   * Pauses a batch by `pause`, with the agreement to a start that waits voided first. A batch that ran or was scheduled until
   * then may go on without new approval for 15 minutes; pausing what is paused or held does not begin them again.
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

  /** A pause is not held up by a batch that cannot be read; it then goes on only when somebody agrees. */
  const readSoon = async (batchId: string): Promise<Batch | undefined> => {
    const done = new AbortController();
    const reading = api.getBatch(batchId).catch(() => undefined);
    const tooLong = sleep(clock, patienceMs, done.signal).then(() => undefined);
    return Promise.race([reading, tooLong]).finally(() => done.abort());
  };

  return {
    revoke,
    async edit(batchId, edit, by) {
      const { name: _name, ...rest } = edit;
      if (Object.keys(rest).length > 0) {
        if (startLog.openOf(await account(), batchId)?.state === "sent") throw startUnderWay(batchId);
        await revoke(batchId, "The batch was edited.", by);
        startLog.forgetPause(await account(), batchId);
      }
      return api.editBatch(batchId, edit);
    },
    async pause(batchId, by, pause) {
      const before = await readSoon(batchId);
      await revoke(batchId, "The batch was paused.", by);
      const paused = await pause();
      if (before && mayRing(before)) startLog.notePause(await account(), batchId, clock.now());
      return paused;
    },
  };
}

function mayRing({ status, isPaused, heldReason }: Batch): boolean {
  return (status === "sent" || status === "scheduled") && !isPaused && heldReason === undefined;
}
