import type { BatchCallApi } from "../../client/api.ts";
import type { Batch, Environment } from "../../domain/batch/batch.ts";
import type { BatchPlan } from "../../domain/batch/plan.ts";
import { type Clock, sleep } from "../../lib/clock.ts";
import { type Comparison, compareDraft } from "./compare-draft.ts";

// Ten seconds in all: an API may still be writing what it has just made.
const rereadAfterMs = [1000, 3000, 6000];

/**
 * Compares a new draft with its plan, and reads it again for a while where they differ. What is no draft may start by
 * itself, so nobody waits for that to change.
 */
export async function verifyCreatedDraft(
  { api, clock }: { readonly api: BatchCallApi; readonly clock: Clock },
  plan: BatchPlan,
  created: Batch,
  environment: Environment,
): Promise<Comparison> {
  let comparison = compareDraft(plan, created, environment);
  const mayWait = environment === "live" && created.status === "draft";
  for (const waitMs of mayWait ? rereadAfterMs : []) {
    if (comparison.different.length === 0) break;
    await sleep(clock, waitMs);
    comparison = compareDraft(plan, await api.getBatch(created.batchId), environment);
  }
  return comparison;
}
