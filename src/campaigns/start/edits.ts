import type { BatchCallApi } from "../../client/api.ts";
import type { Clock } from "../../lib/clock-type.ts";
import type { ApprovalStore } from "../approve/approval.ts";
import type { Requester } from "../approve/obtain-approval.ts";
import { startUnderWay } from "../approve/refusals.ts";
import type { Campaigns } from "../campaigns.ts";
import type { StartLog } from "./start-log.ts";

type EditParts = {
  readonly api: BatchCallApi;
  readonly approvals: ApprovalStore;
  readonly startLog: StartLog;
  readonly clock: Clock;
  readonly account: () => Promise<string>;
};

/** What changes or stops a batch, and what that does to an agreement. None of it needs one. */
export function buildEdits({
  api,
  approvals,
  startLog,
  clock,
  account,
}: EditParts): Pick<Campaigns, "edit" | "revoke" | "notePause"> {
  const revoke = async (batchId: string, why: string, { principal, client }: Requester): Promise<void> => {
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
        startLog.forgetPause(await account(), batchId);
      }
      return api.editBatch(batchId, edit);
    },
    notePause: async (batchId) => startLog.notePause(await account(), batchId, clock.now()),
  };
}
