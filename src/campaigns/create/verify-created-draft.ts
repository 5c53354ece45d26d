import { isDeepStrictEqual } from "node:util";
import type { BatchCallApi } from "../../client/api.ts";
import { toHeldRules } from "../../contract/batch/calling-rules.ts";
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
    ["start_local", plan.start.kind === "at" ? plan.start.local : undefined, batch.notBeforeLocal],
  ];
  const differs = ([, value, found]: (typeof pairs)[number]) => found !== undefined && found !== value;
  const meant = pairs.filter(([, value]) => value !== undefined);
  const different = [...meant, ...said].filter(differs);
  const missing = meant.filter(([, , found]) => found === undefined).map(([field]) => field);
  return {
    different: [
      ...different.map(([field, value, found]) => `${field} is ${JSON.stringify(found)}, not ${JSON.stringify(value)}`),
      ...otherRules(plan, batch),
    ],
    unverified: [
      ...missing,
      ...unverifiedZone(plan, batch),
      ...(environment === "live" ? rulesNotShown(plan, batch) : []),
    ],
  };
}

const ruleNames = { retryConfig: "retry_config", retryRules: "retry_rules", quietHours: "quiet_hours" } as const;
const ruleBlocks = ["retryConfig", "retryRules", "quietHours"] as const;

/** Of what the API says it holds, what is other than was sent. What only our service is sent is looked at where it is shown. */
function otherRules({ rules, timezone, answersWanted }: BatchPlan, batch: Batch): readonly string[] {
  const { heldRules = {}, steered } = batch;
  const meant = toHeldRules(rules, timezone);
  const pairs: [field: string, meant: unknown, found: unknown][] = [
    ...ruleBlocks.map((block): [string, unknown, unknown] => [ruleNames[block], meant[block], heldRules[block]]),
    ["voicemail", rules.voicemail, batch.voicemail],
    ["exclude", rules.exclude, batch.exclude],
    ["answers_wanted", answersWanted, batch.answersWanted],
    ["more_from_numbers", rules.moreFromNumbers, batch.moreFromNumbers],
    ["canary", rules.canary, steered && (steered.rules.canary ?? null)],
    ["stop_when", rules.stopWhen, steered && (steered.rules.stopWhen ?? null)],
  ];
  return pairs.flatMap(([field, wanted = null, found]) => {
    if (found === undefined || isDeepStrictEqual(plain(found), plain(wanted))) return [];
    return `${field} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`;
  });
}

/** Without fields that say nothing. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

// An older copy of the create page answers UTC whatever zone was sent, so another zone proves nothing.
function unverifiedZone(plan: BatchPlan, batch: Batch): string[] {
  return batch.timezone === plan.timezone ? [] : ["timezone"];
}

// No page of the API shows these in an answer; our own service does.
function rulesNotShown({ rules }: BatchPlan, { heldRules = {} }: Batch): readonly string[] {
  return ruleBlocks.filter((block) => rules[block] && heldRules[block] === undefined).map((block) => ruleNames[block]);
}

function toSecond(instant: Date): string {
  return `${instant.toISOString().slice(0, 19)}Z`;
}
