import { type ApprovalRequest, type ApprovalStore, createApprovalStore } from "../campaigns/approve/index.ts";
import { openCampaignDatabase } from "../campaigns/records/index.ts";

/** What was agreed to in ledgers of accounts that are not open: to be shown, and neither answered nor looked at. */
export type ClosedLedgers = Pick<ApprovalStore, "agreed"> & {
  /** A question that was agreed to; undefined for any other. */
  get(id: string, now: Date): ApprovalRequest | undefined;
};

/** Each is open only while it is read. */
export function openClosedLedgers(paths: readonly string[]): ClosedLedgers {
  const read = <T>(path: string, from: (approvals: ApprovalStore) => T): T => {
    const database = openCampaignDatabase(path);
    try {
      return from(createApprovalStore(database));
    } finally {
      database.close();
    }
  };
  return {
    agreed: (now, most) => paths.flatMap((path) => read(path, (approvals) => approvals.agreed(now, most))),
    get(id, now) {
      for (const path of paths) {
        const found = read(path, (approvals) => approvals.get(id, now));
        if (found) return found.state === "approved" || found.state === "used" ? found : undefined;
      }
      return undefined;
    },
  };
}
