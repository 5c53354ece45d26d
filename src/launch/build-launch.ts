import type { BatchCallApi } from "../client/api.ts";
import type { Batch } from "../domain/batch.ts";
import type { Clock } from "../domain/clock.ts";
import { contentKey, fingerprint } from "../domain/fingerprint.ts";
import type { BatchPlan } from "../domain/plan.ts";
import { Problem } from "../domain/problem.ts";
import { beginBatch } from "./begin.ts";
import { buildDoNotCallList } from "./do-not-call.ts";
import { Drafts } from "./drafts.ts";
import type { ApprovalNeeded, Launch } from "./launch.ts";
import type { Ledger } from "./ledger.ts";
import { Turns } from "./turns.ts";

/** The account that batches are created in. Both parts must outlive a restart, for a repeat to be recognised. */
export type Account = {
  /** Origin of the upstream; `self-started` for the service that starts by itself, whose port changes. */
  readonly origin: string;
  /** Names the account and gives nothing of it away, such as a digest of its key. */
  readonly id: string;
};

export type LaunchParts = {
  readonly api: BatchCallApi;
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Asked when it is first needed: the self-started service makes its keys while it comes up. */
  readonly account: () => Promise<Account>;
};

export function buildLaunch({ api, ledger, clock, account }: LaunchParts): Launch {
  const drafts = new Drafts({ api, ledger, clock });
  const turns = new Turns();

  const keyOf = async (plan: BatchPlan, principal: string): Promise<string> => {
    const { origin, id } = await account();
    return contentKey(plan, { origin, account: id, principal });
  };

  return {
    async create(plan, { allowDuplicate, principal }) {
      const key = await keyOf(plan, principal);
      return turns.take(key, async () => {
        const draft = await drafts.obtain(key, plan, allowDuplicate);
        const { start } = plan;
        if (start.kind === "draft" || draft.batch.status !== "draft") return draft;
        const environment = await api.environment();
        if (environment === "live") return { ...draft, approval: toApproval(plan, draft.batch, await account()) };
        const { batchId } = draft.batch;
        return {
          ...draft,
          batch: await beginBatch(api, batchId, start).catch((error: unknown) => explainDraft(error, batchId)),
        };
      });
    },

    findSame: async (plan, principal) => drafts.find(await keyOf(plan, principal)),

    async start(batchId, start) {
      const batch = await api.getBatch(batchId);
      await refuseLive(api, batch);
      return beginBatch(api, batchId, start);
    },

    async resume(batchId, options) {
      const batch = await api.getBatch(batchId);
      await refuseLive(api, batch);
      return api.resumeBatch(batchId, options);
    },

    doNotCall: buildDoNotCallList({ api, ledger, account: async () => (await account()).id, clock }),
  };
}

const startedByPerson = "A person can start it in the API provider's own portal.";

function toApproval(plan: BatchPlan, batch: Batch, { id }: Account): ApprovalNeeded {
  return {
    how: `This version only creates drafts with live credentials; nobody is called. ${startedByPerson}`,
    expectedRecipients: batch.total,
    fingerprint: fingerprint(plan, { account: id, environment: "live" }),
  };
}

async function refuseLive(api: BatchCallApi, batch: Batch): Promise<void> {
  if ((await api.environment()) === "simulated") return;
  throw new Problem(
    "needs_approval",
    `${batch.batchId} ("${batch.name}", ${batch.status}) would call ${batch.total} people for real, and this version starts nothing with live credentials. Nothing was changed and nobody was called. ${startedByPerson}`,
  );
}

function explainDraft(error: unknown, batchId: string): never {
  if (!(error instanceof Problem)) throw error;
  throw new Problem(
    error.code,
    `${error.message} The batch was created as draft ${batchId}; start it with start_batch.`,
    { issues: error.issues, cause: error },
  );
}
