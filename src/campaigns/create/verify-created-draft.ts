import type { BatchCallApi } from "../../client/api.ts";
import type { Batch, Environment } from "../../domain/batch/batch.ts";
import type { BatchPlan } from "../../domain/batch/plan.ts";
import { type Clock, sleep } from "../../lib/clock.ts";

// Ten seconds in all: an API may still be writing what it has just made.
const rereadAfterMs = [1000, 3000, 6000];

/**
 * Compares a new draft with its plan, and reads it again for a while where they differ. What is not a draft may start by
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

/** How what the API made stands to what was meant. Fields carry the names that the caller knows them by. */
type Comparison = {
  /** One sentence part a field: `name is "A", not "B"`. */
  readonly different: readonly string[];
  /** Fields that the API did not echo. */
  readonly unverified: readonly string[];
};

/** Compares a new draft with its plan: count, people's agent and caller id, name, and time to the second. */
function compareDraft(plan: BatchPlan, batch: Batch, environment: Environment): Comparison {
  const meantAt = plan.start.kind === "at" ? toSecond(plan.start.at) : undefined;
  const pairs: [field: string, meant: string | number | undefined, found: string | number | undefined][] = [
    ["name", plan.name, batch.name],
    ["status", "draft", batch.status],
    ["tasks", plan.recipients.length, batch.total],
    ["agent_id", plan.agentId, batch.agentId],
    ["from_number", plan.fromNumber, batch.fromNumber],
    ["start_at", meantAt, batch.scheduledAt && toSecond(batch.scheduledAt)],
  ];
  // Sent to our own service only, so that nothing is missed where no answer has it.
  const said: typeof pairs = [
    ["purpose", plan.consent?.purpose, batch.consent?.purpose],
    ["consent_basis", plan.consent?.basis, batch.consent?.basis],
  ];
  const differs = ([, value, found]: (typeof pairs)[number]) => found !== undefined && found !== value;
  const meant = pairs.filter(([, value]) => value !== undefined);
  const different = [...meant, ...said].filter(differs);
  const missing = meant.filter(([, , found]) => found === undefined).map(([field]) => field);
  return {
    different: different.map(
      ([field, value, found]) => `${field} is ${JSON.stringify(found)}, not ${JSON.stringify(value)}`,
    ),
    unverified: [...missing, ...unverifiedZone(plan, batch), ...(environment === "live" ? rulesOf(plan) : [])],
  };
}

// An older copy of the create page answers UTC whatever zone was sent, so another zone proves nothing.
function unverifiedZone(plan: BatchPlan, batch: Batch): string[] {
  return batch.timezone === plan.timezone ? [] : ["timezone"];
}

// No page of the API shows these in an answer. Our own service takes them whole or refuses the request.
function rulesOf({ rules }: BatchPlan): string[] {
  return [
    rules.retryConfig && "retry_config",
    rules.retryRules && "retry_rules",
    rules.quietHours && "quiet_hours",
  ].filter((name) => name !== undefined);
}

function toSecond(instant: Date): string {
  return `${instant.toISOString().slice(0, 19)}Z`;
}
