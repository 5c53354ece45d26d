import { type Consent, missingConsent } from "../../domain/batch/consent.ts";
import type { BatchPlan } from "../../domain/batch/plan.ts";
import { type PlannedPeople, planBatch } from "../../domain/batch/plan-batch.ts";
import { fitVariables } from "../../domain/batch/preview-variables.ts";
import { toRecentExclusion } from "../../domain/batch/recent-exclusion.ts";
import { maxGroupRecipients } from "../../domain/batch/recipients.ts";
import { findZoneConflicts, toZoneConflictTexts } from "../../domain/batch/zone-conflicts.ts";
import { excludedCode } from "../../domain/list/exclude.ts";
import type { ContactList } from "../../domain/list/list.ts";
import { isSameCallingCode, parseE164 } from "../../domain/phone/phone-number.ts";
import { countryOf } from "../../domain/phone/recipient-time.ts";
import { type Issue, isIssue, Problem } from "../../domain/problem.ts";
import { attemptsOfNumber } from "../../domain/retry-rules.ts";
import { counted } from "../../domain/text.ts";
import { invalidInput, parseCountry } from "../arguments/parse-input.ts";
import { collectPages, dropUndefined } from "../arguments/shapes.ts";
import { requireNotAgainTwice } from "../list/called-again.ts";
import { batchesOf } from "../list/exclusions.ts";
import { obtainList, sources } from "../list/list-input.ts";
import {
  type IssueGroup,
  mostNamed,
  readIssueGroups,
  toIssues,
  toLeftOut,
  toUnreadZones,
} from "../list/list-issues.ts";
import { toRepairs } from "../list/list-repairs.ts";
import { rowRules } from "../list/list-rules.ts";
import { withRowsLeftOut } from "../list/operator-refusals.ts";
import { toRowSelection } from "../list/row-selection.ts";
import { findAgent, findCallerId } from "../rules/account-names.ts";
import { settleAnswersWanted } from "../rules/answers-wanted.ts";
import { type BatchInput, toCallingRules } from "../rules/batch-input.ts";
import { requireCallerIds } from "../rules/caller-ids-input.ts";
import { chooseFallbacks } from "../rules/fallback-numbers.ts";
import { neverReached } from "../rules/never-reached.ts";
import { settleSteering } from "../rules/steering-input.ts";
import { stopAnswerWarnings } from "../rules/stop-answer-warning.ts";
import { settleVoicemail } from "../rules/voicemail.ts";
import { voicemailWarnings } from "../rules/voicemail-warning.ts";
import type { ToolContext } from "../tool.ts";
import { toArgumentsText, toCallText } from "../words/call-text.ts";
import { operatorHours } from "./batch-end.ts";
import { settleClocks } from "./recipient-clocks.ts";

/** A request that was judged whole, and the fate of each row of its list. */
export type PlannedInput = {
  /** What can be sent as it is; absent where the list has more people than linked batches take. */
  readonly plan?: BatchPlan;
  readonly list: ContactList;
  readonly leftOut: readonly IssueGroup[];
  /** What the agent says first, where the API tells it. */
  readonly opening?: string;
  /** Columns that the agent does not know. */
  readonly unusedVariables: readonly string[];
  /** Rows with a fallback number that must not be called. */
  readonly withheld: readonly number[];
  /** What the agent cannot do of what was asked for, or is not told to, and whose zone contradicts their number. */
  readonly planWarnings: readonly string[];
};

/** With `allow_duplicate` people are called by more than one batch on purpose. */
type PlannedArguments = BatchInput & { readonly allow_duplicate?: boolean | undefined };

/**
 * Checks a request against everything that is known: its list, the account's agents and numbers, the do-not-call list,
 * the clock. Throws one `invalid_input` with all that is wrong with it.
 */
export async function planInput(given: PlannedArguments, context: ToolContext): Promise<PlannedInput> {
  const country = parseCountry(given.default_country, "default_country");
  const [account, environment] = await Promise.all([
    readAccount(given, isIssue(country) ? undefined : country, context),
    context.api.environment(),
  ]);
  const input = { ...given, ...account.ids };
  const reading = {
    country: isIssue(country) ? undefined : country,
    // A wrong person is worse than a row that is refused: where phones ring, somebody names the country.
    ...(environment === "simulated" && { callerCountry: countryOfCallerIds(input, account.facts.callerIds) }),
    agent: account.agent,
  };
  const obtained = isIssue(country) ? [country] : await obtainList(input, reading, context);
  const list = isList(obtained) ? await settleList(obtained, input, context) : undefined;
  const people = list ? await readPeople(list, input, context) : nobody;
  const answers = await settleAnswersWanted(input.answers_wanted, context.api);
  const steering = await settleSteering(input, context);
  if (input.more_from_numbers?.length) await requireCallerIds(context);
  const request = toRequest(input);
  const asked = { ...request.rules, ...dropUndefined(steering.rules) };
  const rules = await settleVoicemail(asked, attemptsOfNumber(asked, people.recipients), context.api, account.agent);
  const plan = planBatch({ ...request, rules, answersWanted: answers }, people, {
    ...account.facts,
    now: context.clock.now(),
    operator: await operatorHours(context),
    fallbackZone: context.timezone,
    defaultCountry: reading.country ?? list?.defaultCountry ?? context.defaultCountry,
  });
  // What is wrong with rules that were read, the plan says itself.
  const wrongSteering = isPlan(plan) ? steering.issues : [];
  const unsaid = context.campaigns.policy.requiresConsent ? missingConsent(toConsent(input)) : [];
  const issues = [...(isList(obtained) ? [] : obtained), ...(isPlan(plan) ? [] : plan), ...unsaid, ...wrongSteering];
  const leftOut = list ? await readIssueGroups(list, context.lists) : [];
  if (list?.rows.accepted === 0 && !(await isRepeat(plan, list, input, context)))
    throw nobodyToCall(list, leftOut, issues);
  if (issues.length > 0 || !list || !isPlan(plan)) {
    const refusal = invalidInput(issues, "may_dial");
    throw list ? withRowsLeftOut(refusal, list) : refusal;
  }
  if (list.rows.accepted > maxGroupRecipients)
    return { list, leftOut, unusedVariables: [], withheld: [], planWarnings: [] };
  const planned = list.exclude ? await withExclusion(plan, list, context) : plan;
  if (!input.allow_duplicate) await requireNotAgainTwice(list, planned, context);
  const start = await settleClocks(planned, planned.recipients, context.api);
  const fit = fitVariables(account.agent?.variables, plan.recipients);
  return {
    plan: {
      ...planned,
      start,
      ...(fit.missing.length > 0 && { blankVariables: fit.missing }),
      leftOut: toLeftOut(leftOut),
      ...dropUndefined({ unreadZones: toUnreadZones(list) }),
    },
    list,
    leftOut,
    ...dropUndefined({ opening: account.agent?.opening }),
    unusedVariables: fit.unused,
    withheld: people.withheld,
    planWarnings: [
      ...voicemailWarnings(plan.rules, account.agent),
      ...stopAnswerWarnings(plan),
      ...neverReached(plan),
      // Where one clock holds for all, the list's zones are not applied, which is told instead.
      ...((await context.api.hasBrake()) ? toZoneConflictTexts(findZoneConflicts(plan.recipients), plan.rules) : []),
    ],
  };
}

/** Whether it made a batch before: its own calls may leave everybody out by now, and it is that batch all the same (decision 24). */
async function isRepeat(
  plan: BatchPlan | readonly Issue[],
  list: ContactList,
  { allow_duplicate: isOther }: PlannedArguments,
  context: ToolContext,
): Promise<boolean> {
  if (!isPlan(plan) || !list.exclude || isOther) return false;
  const planned = await withExclusion(plan, list, context);
  return (await context.campaigns.findSame(planned, context.principal)) !== undefined;
}

/** The plan with whom its list leaves out, which holds right before each call as well. */
async function withExclusion(plan: BatchPlan, { exclude, fromBatch }: ContactList, context: ToolContext) {
  const recently = toRecentExclusion(exclude ?? {}, await batchesOf([fromBatch], context));
  return {
    ...plan,
    ...dropUndefined({ exclude }),
    rules: { ...plan.rules, ...dropUndefined({ exclude: recently }) },
  };
}

/** What `planInput` would refuse of a request in which the arguments named in `failed` are of the wrong shape. */
export async function findPlanIssues(
  part: Partial<BatchInput>,
  failed: ReadonlySet<string>,
  context: ToolContext,
): Promise<readonly Issue[]> {
  const missing = { name: "", agent_id: "", from_number: "" };
  // What names the people, or how to read them, could not be read: that they are missing is no fault of its own.
  const isListUnread = [...sources, "columns"].some((name) => failed.has(name));
  const isJudged = ({ field }: Issue): boolean => {
    const [argument = ""] = field.split(/[.[]/);
    if (isListUnread && sources.some((name) => name === argument)) return false;
    return !failed.has(argument) && (!(argument in missing) || argument in part);
  };
  try {
    await planInput({ ...missing, ...part }, context);
    return [];
  } catch (error) {
    if (error instanceof Problem && error.code === "invalid_input") return error.issues.filter(isJudged);
    throw error;
  }
}

/** What the account has of what is named; `ids` are those of an agent and a number that were given by their names. */
async function readAccount(input: BatchInput, country: string | undefined, { api, defaultCountry }: ToolContext) {
  const [found, numbers] = await Promise.all([
    input.agent_id === "" ? undefined : findAgent(input.agent_id, api),
    collectPages((page) => api.listPhoneNumbers(page)),
  ]);
  const agent = isIssue(found) ? undefined : found;
  return {
    agent,
    ids: {
      agent_id: agent?.agentId ?? input.agent_id,
      from_number: findCallerId(input.from_number, numbers, country ?? defaultCountry),
      ...dropUndefined({
        more_from_numbers: input.more_from_numbers?.map((given) =>
          findCallerId(given, numbers, country ?? defaultCountry),
        ),
      }),
    },
    facts: {
      ...(isIssue(found) && { agentIssue: found }),
      callerIds: numbers.map(({ phoneNumber }) => phoneNumber),
    },
  };
}

/** The country of the numbers that call; none where they are of several calling codes, which would leave a number two readings. */
function countryOfCallerIds(input: BatchInput, ofAccount: readonly string[]): string | undefined {
  const numbers = [input.from_number, ...(input.more_from_numbers ?? [])].map((text) => parseE164(text));
  const known = numbers.flatMap((number) => (isIssue(number) || !ofAccount.includes(number) ? [] : number));
  const [country] = known.map((number) => countryOf(number));
  if (country === undefined || known.length < numbers.length) return undefined;
  return known.every((number) => isSameCallingCode(number, country)) ? country : undefined;
}

/** The list, judged by the do-not-call list as it is now and by the number that calls. */
async function settleList(list: ContactList, input: BatchInput, context: ToolContext): Promise<ContactList> {
  return context.lists.settle(list.listId, rowRules(list, context, { callerIds: readCallerIds(list, input) }));
}

type ListedPeople = PlannedPeople & Pick<PlannedInput, "withheld">;

const nobody: ListedPeople = { recipients: [], suppressed: [], withheld: [] };

/** Nobody where there are more than linked batches take. */
async function readPeople(list: ContactList, input: BatchInput, context: ToolContext): Promise<ListedPeople> {
  const { lists, campaigns } = context;
  const { listId, rows } = list;
  if (rows.accepted > maxGroupRecipients) return nobody;
  const people = await lists.recipients(listId, maxGroupRecipients);
  return {
    ...chooseFallbacks(people, readCallerIds(list, input), campaigns.policy),
    suppressed: await lists.suppressed(listId),
  };
}

function readCallerIds({ defaultCountry }: ContactList, input: BatchInput): readonly string[] {
  const given = [input.from_number, ...(input.more_from_numbers ?? [])];
  return given.flatMap((text) => {
    const number = parseE164(text, defaultCountry, "from_number");
    return isIssue(number) ? [] : number;
  });
}

function isList(obtained: ContactList | readonly Issue[]): obtained is ContactList {
  return "listId" in obtained;
}

function isPlan(plan: BatchPlan | readonly Issue[]): plan is BatchPlan {
  return "recipients" in plan;
}

function toRequest(input: BatchInput) {
  return {
    name: input.name,
    agentId: input.agent_id,
    fromNumber: input.from_number,
    start: input.start ?? "draft",
    startAt: input.start_at,
    timezone: input.timezone,
    rules: { ...toCallingRules(input), ...dropUndefined({ moreFromNumbers: input.more_from_numbers }) },
    consent: toConsent(input),
  } as const;
}

function toConsent({ purpose, consent_basis: basis }: BatchInput): Consent | undefined {
  const consent = dropUndefined({ purpose, basis });
  return Object.keys(consent).length > 0 ? consent : undefined;
}

function nobodyToCall(list: ContactList, leftOut: readonly IssueGroup[], issues: readonly Issue[]): Problem {
  const [repair] = toRepairs(list, leftOut);
  const none =
    list.rows.input === 1
      ? "The only row cannot be called."
      : `None of the ${counted(list.rows.input, "row")} can be called.`;
  const excluded = toExcludedText(list, leftOut);
  // What is repaired are other rows than those.
  const others = excluded === "" ? " Repair:" : " Other rows can be repaired:";
  const message = `${none} Nothing was created; the list is kept as ${list.listId}.${excluded}${repair === undefined ? "" : `${others} ${repair}`}`;
  return new Problem("invalid_input", message, { issues: [...issues, ...toIssues(leftOut)] });
}

/** Who is left out by what is excluded, and the calls that call them all the same; empty where nobody is. */
function toExcludedText({ exclude, excludedRows = 0 }: ContactList, leftOut: readonly IssueGroup[]): string {
  if (!exclude || excludedRows === 0) return "";
  const { batchIds, calledWithinDays: called, reachedWithinDays: reached } = exclude;
  const rows = leftOut.filter(({ issue }) => issue.code === excludedCode).flatMap(({ firstRows }) => firstRows);
  const spans = toRowSelection(rows.toSorted((a, b) => a - b));
  const isWhole = spans.length <= mostNamed && rows.length === excludedRows;
  const named = `${spans.slice(0, mostNamed).join(", ")}${isWhole ? "" : " and more"}`;
  const given = dropUndefined({
    batch_ids: batchIds.length > 0 ? batchIds : undefined,
    called_within_days: called,
    reached_within_days: reached,
  });
  const again = batchIds.slice(0, 1).map((id) => {
    const call = toCallText("preview_batch_call", { from_batch: { batch_id: id } });
    return ` ${call} with the other arguments, without exclude, calls those again whom ${id} did not reach.`;
  });
  const days = called === undefined && reached === undefined ? "" : " with fewer days, or";
  return ` ${counted(excludedRows, "row is", "rows are")} left out by exclude ${toArgumentsText(given)}: ${named}.${again.join("")} To call them whatever was before, make this call again from the list's own source${days} without exclude.`;
}
