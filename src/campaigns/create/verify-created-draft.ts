import { isDeepStrictEqual } from "node:util";
import type { BatchCallApi, Page, PageRequest } from "../../client/api.ts";
import { toHeldRules } from "../../contract/batch/calling-rules.ts";
import { toNextPage } from "../../contract/paging.ts";
import type { Batch, Environment, HeldRules, Task } from "../../domain/batch/batch.ts";
import type { BatchPlan } from "../../domain/batch/plan.ts";
import { isMaskedNumber, numberFinder } from "../../domain/phone/shown-number.ts";
import { Problem } from "../../domain/problem.ts";
import { counted } from "../../domain/text.ts";
import { type Clock, sleep } from "../../lib/clock.ts";

// Ten seconds in all: an API may still be writing what it has just made.
const rereadAfterMs = [1000, 3000, 6000];

/**
 * Compares a new draft with its plan, and reads it again for a while where they differ. What an API that is not ours has made is read back
 * in any case, with the numbers of its people: its answer may be what it was sent, and not what it keeps. What is not a draft may start by
 * itself, so nobody waits for that to change. Throws the `Problem` of a read that failed, and
 * `outcome_unknown` where not all people are shown yet.
 */
export async function verifyCreatedDraft(
  { api, clock }: { readonly api: BatchCallApi; readonly clock: Clock },
  plan: BatchPlan,
  created: Batch,
  environment: Environment,
): Promise<Verified> {
  let verified: Verified = { ...compareDraft(plan, created, environment), batch: created };
  if (environment !== "live" || created.status !== "draft") return verified;
  const isOurs = await api.hasBrake();
  const { unverified: notEchoed } = verified;
  let notShown: string | undefined;
  for (const waitMs of isOurs ? rereadAfterMs : [0, ...rereadAfterMs]) {
    if (isOurs && verified.different.length === 0) break;
    if (waitMs > 0) await sleep(clock, waitMs);
    const batch = await api.getBatch(created.batchId);
    const read = isOurs || batch.status !== "draft" ? undefined : await compareNumbers(api, plan, batch);
    notShown = read?.notShown;
    const { different, unverified } = isOurs
      ? compareDraft(plan, batch, environment)
      : compareDraft(plan, likeSent(plan, batch), environment);
    const others = read?.others ?? [];
    // An API may show fewer fields of what it has than of what it makes.
    const shownNowhere = unverified.filter((field) => notEchoed.includes(field));
    verified = { different: [...different, ...others], unverified: isOurs ? unverified : shownNowhere, batch };
    if ((verified.different.length === 0 && notShown === undefined) || batch.status !== "draft") break;
  }
  if (notShown !== undefined && verified.different.length === 0) throw new Problem("outcome_unknown", notShown);
  return verified;
}

/** What of the numbers of a draft is other than was sent, as one sentence part, and what is not there yet, as a sentence. */
async function compareNumbers(
  api: BatchCallApi,
  plan: BatchPlan,
  { batchId, total }: Batch,
): Promise<{ readonly others: readonly string[]; readonly notShown?: string }> {
  const sent = plan.recipients.map(({ toNumber }) => toNumber);
  const listed: string[] = [];
  let request: PageRequest | undefined = { page: 0, limit: pageSize };
  while (request) {
    const page: Page<Task> = await api.listTasks(batchId, request);
    listed.push(...page.rows.map(({ toNumber }) => toNumber));
    request = toNextPage(request, page);
  }
  const find = numberFinder(sent);
  const comparable = listed.filter((number) => !isMaskedNumber(number));
  const found = comparable.map(find);
  const others = found.filter((number) => number === undefined).length;
  const seen = new Set(found.filter((number) => number !== undefined));
  const hidden = listed.length - comparable.length;
  const missing = Math.max(0, new Set<string>(sent).size - seen.size - hidden);
  const isTwice = seen.size + others < comparable.length;
  const isPartial = listed.length < sent.length || total < sent.length;
  if (others === 0 && !isTwice && isPartial)
    return {
      others: [],
      notShown: `It shows ${total} and lists ${listed.length} of ${counted(sent.length, "person", "people")}.`,
    };
  if (others === 0 && missing === 0 && listed.length === sent.length) return { others: [] };
  return {
    others: [
      `tasks lists ${counted(listed.length, "number")}, of which ${others} were not sent, and misses ${missing}`,
    ],
  };
}

/** The draft with what an API may write in another form, or cut, as it was sent. How many people it has is told by `compareNumbers`. */
function likeSent(plan: BatchPlan, batch: Batch): Batch {
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

// Less than that says nothing of a name.
const shortestCutName = 8;

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

const pageSize = 100;

/** How a draft stands to its plan, and the batch as it was read last. */
type Verified = Comparison & { readonly batch: Batch };

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
