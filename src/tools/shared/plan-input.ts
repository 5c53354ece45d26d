import type { BatchCallApi, VoiceAgent } from "../../client/api.ts";
import type { BatchPlan } from "../../domain/batch/plan.ts";
import { isMistake, planBatch } from "../../domain/batch/plan-batch.ts";
import { type RecipientList, suppress } from "../../domain/batch/recipients.ts";
import { type Issue, isIssue, Problem } from "../../domain/problem.ts";
import type { ToolContext } from "../tool.ts";
import { type BatchInput, toCallingRules } from "./batch-input.ts";
import { collectPages } from "./paging.ts";
import { invalidInput, parseCountry } from "./parse-input.ts";
import { type LoadedList, loadRecipients } from "./recipient-list.ts";

/** A request that can be sent as it is, and what became of each row of its list. */
export type PlannedInput = { readonly plan: BatchPlan; readonly list: LoadedList; readonly agent: VoiceAgent };

/**
 * Checks a request against everything that is known: its list, the account's agents and numbers, the do-not-call list,
 * the clock. Throws one `invalid_input` with all that is wrong with it.
 */
export async function planInput(input: BatchInput, context: ToolContext): Promise<PlannedInput> {
  const loaded = await loadRecipients(input, context);
  const list = isLoaded(loaded) ? loaded : emptyList;
  const { agent, ...facts } = await gatherFacts(input, list, context);
  const plan = planBatch(toRequest(input), list, { ...facts, agentExists: agent !== undefined });
  const issues = [...(isLoaded(loaded) ? [] : loaded), ...(isPlan(plan) ? [] : plan)];
  const reported = { ...list, ...suppress(list, facts.doNotCall, list.phoneField) };
  if (isLoaded(loaded) && reported.recipients.length === 0) throw nobodyToCall(reported, issues);
  if (issues.length > 0 || !isPlan(plan) || !agent) throw invalidInput(issues, "may_dial");
  return { plan, list: reported, agent };
}

/** What `planInput` would refuse of a request in which the arguments named in `failed` are of the wrong shape. */
export async function findPlanIssues(
  part: Partial<BatchInput>,
  failed: ReadonlySet<string>,
  context: ToolContext,
): Promise<readonly Issue[]> {
  const missing = { name: "", agent_id: "", from_number: "" };
  const isJudged = ({ field }: Issue): boolean => {
    const [argument = ""] = field.split(/[.[]/);
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

async function gatherFacts(input: BatchInput, list: RecipientList, context: ToolContext) {
  const country = parseCountry(input.default_country, "default_country");
  const [agent, callerIds, doNotCall] = await Promise.all([
    input.agent_id === "" ? undefined : findAgent(input.agent_id, context.api),
    listCallerIds(context),
    context.campaigns.doNotCall.find(list.recipients.map(({ toNumber }) => toNumber)),
  ]);
  return {
    agent,
    callerIds,
    doNotCall,
    now: context.clock.now(),
    fallbackZone: context.timezone,
    defaultCountry: isIssue(country) ? undefined : (country ?? context.defaultCountry),
  };
}

const emptyList: LoadedList = {
  recipients: [],
  rows: { input: 0, accepted: 0, duplicate: 0, suppressed: 0, refused: 0 },
  issues: [],
  phoneField: "to_number",
};

function isLoaded(loaded: LoadedList | readonly Issue[]): loaded is LoadedList {
  return "recipients" in loaded;
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
    rules: toCallingRules(input),
  } as const;
}

async function listCallerIds({ api }: ToolContext): Promise<readonly string[]> {
  const callerIds = await collectPages((page) => api.listPhoneNumbers(page));
  return callerIds.map(({ phoneNumber }) => phoneNumber);
}

function nobodyToCall({ rows, issues }: RecipientList, others: readonly Issue[]): Problem {
  const message = `None of the ${rows.input} rows can be called. Nothing was created.`;
  return new Problem("invalid_input", message, { issues: [...others.filter((issue) => !isMistake(issue)), ...issues] });
}

/** The agent with that id, with its variables; undefined when the account has none. */
export async function findAgent(agentId: string, api: BatchCallApi): Promise<VoiceAgent | undefined> {
  try {
    return await api.getAgent(agentId);
  } catch (error) {
    if (error instanceof Problem && error.code === "not_found") return undefined;
    throw error;
  }
}
