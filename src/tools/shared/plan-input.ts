import type { BatchCallApi, VoiceAgent } from "../../client/api.ts";
import { readContactList } from "../../contacts/contact-list.ts";
import type { BatchPlan } from "../../domain/batch/plan.ts";
import { isMistake, planBatch } from "../../domain/batch/plan-batch.ts";
import { fitVariables } from "../../domain/batch/preview-variables.ts";
import { parseRecipients, type RecipientList, type RecipientRow, suppress } from "../../domain/batch/recipients.ts";
import { type E164, parseE164 } from "../../domain/phone/phone-number.ts";
import { type Issue, isIssue, Problem } from "../../domain/problem.ts";
import type { ToolContext } from "../tool.ts";
import { type BatchInput, type TaskInput, toCallingRules } from "./batch-input.ts";
import { invalidInput, parseCountry } from "./parse-input.ts";
import { collectPages } from "./shapes.ts";

/** A request that can be sent as it is, and the fate of each row of its list. */
export type PlannedInput = {
  readonly plan: BatchPlan;
  readonly list: LoadedList;
  /** Columns that the agent does not know. */
  readonly unusedVariables: readonly string[];
};

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
  const fit = fitVariables(agent.variables, plan.recipients);
  return {
    plan: fit.missing.length > 0 ? { ...plan, blankVariables: fit.missing } : plan,
    list: reported,
    unusedVariables: fit.unused,
  };
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

/** The recipients of a request, wherever they came from. */
export type LoadedList = RecipientList & {
  /** Where a row has its number: the phone column of a file, else `to_number`. */
  readonly phoneField: string;
  /** Names of a file's other columns; absent for an inline list. */
  readonly variables?: readonly string[];
};

type ListInput = Pick<BatchInput, "tasks" | "tasks_file" | "default_country" | "from_number">;

/** Reads and checks the list, or returns what is wrong with the arguments that name it. */
export async function loadRecipients(input: ListInput, context: ToolContext): Promise<LoadedList | readonly Issue[]> {
  const country = parseCountry(input.default_country, "default_country");
  const issues = [...(isIssue(country) ? [country] : []), ...sourceIssues(input)];
  if (issues.length > 0 || isIssue(country)) return issues;
  const defaultCountry = country ?? context.defaultCountry;
  const fromNumber = parseE164(input.from_number, defaultCountry, "from_number");
  const options = {
    ...(defaultCountry !== undefined && { defaultCountry }),
    ...(!isIssue(fromNumber) && { fromNumber }),
  };
  if (input.tasks_file === undefined) return fromTasks(input.tasks ?? [], options);
  return fromFile(input.tasks_file, context, options);
}

type Options = { readonly defaultCountry?: string; readonly fromNumber?: E164 };

function fromTasks(tasks: readonly TaskInput[], options: Options): LoadedList {
  return { ...parseRecipients(tasks.map(toRow), options), phoneField: "to_number" };
}

function toRow(task: TaskInput, index: number): RecipientRow {
  const row = { row: index + 1, phone: task.to_number, variables: task.dynamic_variables ?? {} };
  return task.max_retries === undefined ? row : { ...row, maxRetries: task.max_retries };
}

async function fromFile(path: string, { files }: ToolContext, options: Options): Promise<LoadedList> {
  if (!files) {
    throw new Problem(
      "unsupported",
      "tasks_file only works over stdio, where this server has a files folder. Nothing was created. Give the recipients in tasks.",
    );
  }
  const text = await files.read(path);
  const { rows, phoneColumn, columns, issues } = readContactList(text, { source: `"${path}" in ${files.path}` });
  const list = parseRecipients(rows, { ...options, phoneField: phoneColumn, unreadable: issues });
  return { ...list, phoneField: phoneColumn, variables: columns };
}

function sourceIssues({ tasks, tasks_file: file }: ListInput): readonly Issue[] {
  if (tasks && file !== undefined)
    return [{ field: "tasks_file", code: "contradiction", message: "Give either tasks or tasks_file, not both." }];
  if (!tasks && file === undefined)
    return [
      {
        field: "tasks",
        code: "required",
        message: "There is nobody to call. Give tasks: [{ to_number }], or tasks_file.",
      },
    ];
  return [];
}
