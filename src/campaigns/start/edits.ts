import type { BatchCallApi } from "../../client/api.ts";
import type { Clock } from "../../lib/clock-type.ts";
import type { Caller } from "../approve/obtain-approval.ts";
import type { ApprovalBook } from "../approve/approval.ts";
import type { Launch } from "../campaigns.ts";
import type { Launches } from "./start-log.ts";
import { startUnderWay } from "../approve/refusals.ts";

type EditParts = {
  readonly api: BatchCallApi;
  readonly book: ApprovalBook;
  readonly launches: Launches;
  readonly clock: Clock;
  readonly account: () => Promise<string>;
};

/** What changes or stops a batch, and what that does to an agreement. None of it needs one. */
export function buildEdits({
  api,
  book,
  launches,
  clock,
  account,
}: EditParts): Pick<Launch, "edit" | "revoke" | "notePause"> {
  const revoke = async (batchId: string, why: string, { principal, client }: Caller): Promise<void> => {
    const now = clock.now();
    book.voidFor(batchId, why, { principal, ...(client !== undefined && { client }) }, now);
    launches.withdraw(await account(), batchId, now);
  };

  return {
    revoke,
    async edit(batchId, edit, by) {
      const { name: _name, ...rest } = edit;
      if (Object.keys(rest).length > 0) {
        if (launches.openOf(await account(), batchId)?.state === "sent") throw startUnderWay(batchId);
        await revoke(batchId, "The batch was edited.", by);
        launches.forgetPause(await account(), batchId);
      }
      return api.editBatch(batchId, edit);
    },
    notePause: async (batchId) => launches.notePause(await account(), batchId, clock.now()),
  };
}
