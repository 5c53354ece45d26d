import type { BatchCallApi, BatchEdit } from "../../client/api.ts";
import type { Batch } from "../../domain/batch/batch.ts";
import { wrongState } from "../../domain/batch/wrong-state.ts";
import type { StartPolicy } from "../../domain/start-policy.ts";
import type { Clock } from "../../lib/clock.ts";
import { type ApprovalStore, type RequestedBy, startUnderWay } from "../approve/index.ts";
import type { CreationLog } from "../create/index.ts";
import type { CancelledBatches } from "../records/index.ts";
import { changeContent } from "./change-content.ts";
import type { ContentChange, ContentChanged } from "./content-change.ts";
import type { Asker } from "./start-checks.ts";
import type { StartLog } from "./start-log.ts";
import { cancelBatch, pauseBatch } from "./stop-batch.ts";

type EditParts = {
  readonly api: BatchCallApi;
  readonly approvals: ApprovalStore;
  readonly startLog: StartLog;
  readonly creations: CreationLog;
  readonly cancelled: CancelledBatches;
  readonly policy: StartPolicy;
  readonly clock: Clock;
  readonly account: () => Promise<string>;
};

export type Edits = {
  /** Any edit but of name and pace voids the approval of a start; it never starts anything. */
  edit(batchId: string, edit: BatchEdit, by: RequestedBy): Promise<Batch>;
  /**
   * Changes list and rules, of a batch that runs as well where the API can. It voids the approval of a start and agrees to no
   * call: see `changeContent`.
   */
  changeContent(batchId: string, change: ContentChange, by: RequestedBy): Promise<ContentChanged>;
  /** Voids what was approved for a batch that is cancelled. Before the request for that leaves. */
  revoke(batchId: string, why: string, by: Asker): Promise<void>;
  /**
   * Pauses a batch, with the agreement to a start that waits voided first; of a draft it throws `wrong_state` instead. Whether it may go on without a new one is for the API to
   * say, where it keeps agreements.
   */
  pause(batchId: string, by: Asker): Promise<Batch>;
  /** Throws `wrong_state` for a draft that a person is asked about, in the question of `askedId` where it is one of a campaign's parts. */
  refusePauseOfDraft(batchId: string, askedId?: string): Promise<void>;
  /** Ends a batch for good, with what was approved for it voided first. */
  cancel(batchId: string, by: Asker): Promise<Batch>;
};

/** What changes or stops a batch, and what that does to an agreement. None of it needs one. */
export function buildEdits(parts: EditParts): Edits {
  const { api, approvals, startLog, clock, account } = parts;
  const voidApproval = (batchId: string, why: string, { principal, client }: Asker): void =>
    approvals.voidFor(batchId, why, { principal, ...(client !== undefined && { client }) }, clock.now());
  const revoke = async (batchId: string, why: string, by: Asker): Promise<void> => {
    voidApproval(batchId, why, by);
    startLog.withdraw(await account(), batchId, clock.now());
  };
  const refuseUnderWay = async (batchId: string): Promise<void> => {
    if (startLog.openOf(await account(), batchId)?.state === "sent") throw startUnderWay(batchId);
  };
  /** Before the question is withdrawn that a person was asked: a refused pause changes nothing. Whose answer comes meanwhile is not spared. */
  const refusePauseOfDraft = async (batchId: string, askedId = batchId): Promise<void> => {
    const isAsked = (): boolean => approvals.openFor(askedId, clock.now()).length > 0;
    if (!isAsked()) return;
    const [batch, hasBrake, name] = await Promise.all([
      api.getBatch(batchId).catch(() => undefined),
      api.hasBrake().catch(() => false),
      account(),
    ]);
    const isUnderWay = startLog.openOf(name, batchId)?.state === "sent";
    if (batch?.status === "draft" && !isUnderWay && isAsked()) throw wrongState(batch, "pause_batch", hasBrake);
  };

  return {
    revoke,
    refusePauseOfDraft,
    async edit(batchId, edit, by) {
      const { name: _name, pace: _pace, campaignId: _campaign, ...rest } = edit;
      if (Object.keys(rest).length > 0) {
        await refuseUnderWay(batchId);
        await revoke(batchId, "The batch was edited.", by);
      }
      const edited = await api.editBatch(batchId, edit);
      const facts = parts.creations.factsOf(batchId);
      const isOther = edit.agentId !== undefined || edit.timezone !== undefined;
      if (facts && isOther) parts.creations.changeFacts(batchId, { ...facts, isChanged: true });
      return edited;
    },
    async changeContent(batchId, change, by) {
      await refuseUnderWay(batchId);
      voidApproval(batchId, "The batch was edited.", by);
      const changed = await changeContent(parts, batchId, change);
      if (changed.batch.status === "draft") startLog.withdraw(await account(), batchId, clock.now());
      return changed;
    },
    async pause(batchId, by) {
      await refusePauseOfDraft(batchId);
      await revoke(batchId, "The batch was paused.", by);
      return pauseBatch(api, batchId);
    },
    async cancel(batchId, by) {
      await revoke(batchId, "The batch was cancelled.", by);
      return cancelBatch(parts, batchId);
    },
  };
}
