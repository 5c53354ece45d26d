import { isDeepStrictEqual } from "node:util";
import { toHeldRules } from "../../contract/batch/held-rules.ts";
import type { Batch, Environment, HeldRules } from "../../domain/batch/batch.ts";
import type { BatchPlan } from "../../domain/batch/plan.ts";
import { isMaskedNumber, numberFinder } from "../../domain/phone/shown-number.ts";

// Less than that says nothing of a name.
const shortestCutName = 8;

/** How what the API made stands to what was meant. Fields carry the names that the caller knows them by. */
export type Comparison = {
  /** One sentence part a field: `name is "A", not "B"`. */
  readonly different: readonly string[];
  /** Fields that the API did not echo. */
  readonly unverified: readonly string[];
};

/** Compares a new draft with its plan: count, people's agent and caller id, name, and time to the second. */
export function compareDraft(plan: BatchPlan, batch: Batch, environment: Environment): Comparison {
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

/** The draft with what an API may write in another form, or cut, as it was sent. How many people it has is told by `compareNumbers`. */
export function likeSent(plan: BatchPlan, batch: Batch): Batch {
  const { name, fromNumber, total } = batch;
  const isCut = name.length >= shortestCutName && plan.name.startsWith(name.replace(/\s*(…|\.\.\.)$/, ""));
  const isSameCaller =
    fromNumber !== undefined && (isMaskedNumber(fromNumber) || numberFinder([plan.fromNumber])(fromNumber));
  return {
    ...batch,
    ...(isCut && { name: plan.name }),
    ...(isSameCaller && { fromNumber: plan.fromNumber }),
    ...(batch.status === "draft" && total < plan.recipients.length && { total: plan.recipients.length }),
  };
}

const ruleNames = { retryConfig: "retry_config", retryRules: "retry_rules", quietHours: "quiet_hours" } as const;
const ruleBlocks = ["retryConfig", "retryRules", "quietHours"] as const;

/** Of what the API says it holds, what is other than was sent. What only our service is sent is looked at where it is shown. */
function otherRules({ rules, timezone, answersWanted }: BatchPlan, batch: Batch): readonly string[] {
  const { steered } = batch;
  const heldRules = withoutOff(batch.heldRules ?? {});
  const meant = withoutOff(toHeldRules(rules, timezone));
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

/** A block that is off is as good as none. */
function withoutOff(rules: HeldRules): HeldRules {
  const { retryConfig, retryRules, quietHours } = rules;
  const isOn = ({ enabled }: { readonly enabled: boolean }) => enabled;
  const on = retryRules?.filter(isOn) ?? [];
  return {
    ...(retryConfig !== undefined && { retryConfig: retryConfig?.enabled ? retryConfig : null }),
    ...(retryRules !== undefined && { retryRules: on.length > 0 ? on : null }),
    ...(quietHours !== undefined && { quietHours: quietHours?.enabled ? quietHours : null }),
  };
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
