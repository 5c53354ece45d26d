import { z } from "zod";
import type { ContentChange, ContentChanged } from "../campaigns/index.ts";
import type { BatchEdit } from "../client/api.ts";
import type { Batch } from "../domain/batch/batch.ts";
import { isGroupId } from "../domain/batch/group.ts";
import { recipientClock } from "../domain/batch/plan.ts";
import { clockIssues, parseTiming, rulesIssues } from "../domain/batch/plan-batch.ts";
import { wrongState } from "../domain/batch/wrong-state.ts";
import { type Issue, isIssue, Problem } from "../domain/problem.ts";
import { invalidInput } from "./arguments/parse-input.ts";
import { batchHead, batchId, dropUndefined } from "./arguments/shapes.ts";
import { lines, toBatchText, viewBatch } from "./batch/batch-view.ts";
import { changeBatch } from "./batch/change-batch.ts";
import { collectTasks } from "./calls/collect-tasks.ts";
import { type ListedPeople, listEditShape, readWantedList, toListEditText, toListEditView } from "./list/batch-list.ts";
import { type JudgedEnd, judgeEnd } from "./plan/batch-end.ts";
import { clockOfStart, listedTasks, settleClocks } from "./plan/recipient-clocks.ts";
import { findAgent } from "./rules/account-names.ts";
import { changedRules, type RulesInput, toCallingRules } from "./rules/batch-input.ts";
import { settleCallerIds } from "./rules/caller-ids-input.ts";
import { pace, type SteeringInput, settleSteering, steeringGiven } from "./rules/steering-input.ts";
import { defineTool, type ToolContext } from "./tool.ts";

export const updateBatchTool = defineTool({
  name: "update_batch",
  title: "Change a batch",
  description: `Change a batch: its list, rules and pace until it ends; agent, start time, zone and canary only before it begins.
Use to fix rules, or add or drop people. What is not given stays; a rule is replaced whole, as in create_batch_call.
Not for starting (start_batch), stopping (pause_batch) or rows (change_list, then list_id). Live, if more than name, pace or fewer people changes, a scheduled batch becomes a draft and a running one is held until resume_batch.
Returns the batch, the list's change, and whether calls go on.`,
  toolset: "campaigns",
  effect: "steers",
  idempotent: false,
  input: z.strictObject({
    batch_id: batchId(),
    name: z.string().min(1).max(255).optional().describe("New name."),
    list_id: z.string().min(1).optional().describe("The new list, whole: others who wait are taken out."),
    agent_id: z.string().min(1).optional().describe("From list_agents."),
    start_at: z.string().optional().describe("As 2026-02-20T13:00."),
    timezone: z.string().optional().describe("IANA zone, or recipient."),
    pace: pace(),
    ...changedRules(),
  }),
  output: z.object({
    batch: batchHead(),
    starts_by_itself: z.boolean(),
    question_ended: z.boolean().optional(),
    list_change: z.looseObject({}).optional(),
    unverified: z.array(z.string()).optional(),
    warnings: z.array(z.string()).optional(),
  }),

  async run(input, context) {
    const batch = await context.api.getBatch(input.batch_id);
    const steering = await settleSteering(
      dropUndefined({ ...input, timezone: input.timezone ?? batch.timezone }),
      context,
      true,
    );
    const callerIds = await settleCallerIds(input.more_from_numbers, batch, context);
    const wrong = [...steering.issues, ...callerIds.issues];
    if (wrong.length > 0) throw invalidInput(wrong, "writes");
    const edit = { ...(await planEdit(input, batch, context)), ...dropUndefined({ pace: steering.pace }) };
    await requireChangeable(input, batch, context);
    const { list_id, more_from_numbers } = input;
    const ofAll = [...Object.keys(dropUndefined({ list_id, more_from_numbers })), ...steeringGiven(input)];
    if (ofAll.length > 0) await context.campaigns.requireWhole(input.batch_id, ofAll);
    const wanted: Partial<ListedPeople> =
      input.list_id === undefined ? {} : await readWantedList(input.list_id, batch, context);
    const rules = toCallingRules(input);
    const patch = { ...wanted.rules, ...rules, ...steering.rules, ...callerIds.rules };
    const { issues, warnings } = await judgeChangedEnd(
      batch,
      { input, edit, patch, people: wanted.recipients },
      context,
    );
    if (issues.length > 0) throw invalidInput(issues, "writes");
    const content = { ...wanted, ...(Object.keys(patch).length > 0 && { rules: patch }) };
    const wasAsked = context.campaigns.openQuestion(input.batch_id) !== undefined;
    const made = await changeBatch(input.batch_id, "update_batch", context, () =>
      makeChange(batch, edit, content, context),
    );
    if (input.list_id !== undefined) await context.lists.link(input.list_id, input.batch_id);
    const { batch: changed, report, unverified } = made;
    const isAskedNoMore = wasAsked && context.campaigns.openQuestion(input.batch_id) === undefined;
    return {
      batch: await viewBatch(changed, context),
      starts_by_itself: goesOn(changed) || (await context.campaigns.startStatus(changed.batchId))?.kind === "waits",
      ...(isAskedNoMore && { question_ended: true }),
      ...(report && { list_change: toListEditView(report) }),
      ...(unverified.length > 0 && { unverified: [...unverified] }),
      ...(warnings.length > 0 && { warnings: [...warnings] }),
    };
  },

  summarize: ({
    batch,
    starts_by_itself: startsByItself,
    question_ended: wasAsked,
    list_change: change,
    unverified,
    warnings,
  }) =>
    lines(
      toNextStep(batch, startsByItself),
      wasAsked && `The question that a person was asked is over: ${beginsWith(batch)} asks anew.`,
      change && toListEditText(listEditShape().parse(change)),
      unverified && `The API did not confirm: ${unverified.join(", ")}`,
      toBatchText(batch),
      ...(warnings ?? []).map((warning) => `Warning: ${warning}`),
    ),
});

type Change = {
  readonly input: UpdateInput;
  readonly edit: BatchEdit;
  readonly patch: NonNullable<ContentChange["rules"]>;
  readonly people: ListedPeople["recipients"] | undefined;
};

/** Whom an end leaves no minute, where the change is of what decides that. */
async function judgeChangedEnd(
  batch: Batch,
  { input, edit, patch, people }: Change,
  context: ToolContext,
): Promise<JudgedEnd> {
  const { start_at: startAt, timezone, quiet_hours: quiet, stop_when: stop } = input;
  if ([startAt, timezone, quiet, stop, people].every((given) => given === undefined))
    return { issues: [], warnings: [] };
  const { scheduledAt: at, notBeforeLocal: local } = edit;
  const start = at && { at, local };
  return judgeEnd(batch, { rules: patch, timezone: edit.timezone, start, people }, context);
}

/** The fields first, then the content; where that fails, the refusal says that the fields were changed. */
async function makeChange(
  { batchId: id }: Batch,
  edit: BatchEdit,
  content: ContentChange,
  context: ToolContext,
): Promise<ContentChanged> {
  const { campaigns } = context;
  const edited = Object.keys(edit).length > 0 ? await campaigns.edit(id, edit, context) : undefined;
  if (edited && Object.keys(content).length === 0) return { batch: edited, unverified: [] };
  return campaigns.changeContent(id, content, context).catch((error: unknown) => {
    if (!edited || !(error instanceof Problem)) throw error;
    const message = `${error.message} That is said of its list and rules; the other fields that were given were changed before.`;
    throw new Problem(error.code, message, { issues: error.issues, cause: error });
  });
}

async function requireChangeable(input: UpdateInput, batch: Batch, context: ToolContext): Promise<void> {
  if (batch.status === "draft" || batch.status === "scheduled") return;
  const hasBrake = await context.api.hasBrake();
  if (batch.status !== "sent" || !hasBrake) throw wrongState(batch, "update_batch", hasBrake);
  const fixed = (["agent_id", "start_at", "timezone", "canary"] as const).filter((field) => input[field] !== undefined);
  if (fixed.length === 0) return;
  const message = `${batch.batchId} has begun: ${fixed.join(", ")} cannot change any more. Nothing was changed. Its name, list_id, more_from_numbers, retry_config, retry_rules, quiet_hours, voicemail, stop_when and pace can.`;
  throw new Problem("wrong_state", message);
}

/** Whether phones ring with nothing done about it. */
function goesOn({ status, isPaused, heldReason, parts }: Batch): boolean {
  if (parts) return parts.some((part) => (part.status === "scheduled" || part.status === "sent") && !part.isHeld);
  return (status === "scheduled" || status === "sent") && !isPaused && heldReason === undefined;
}

function beginsWith({ allowed_actions: allowed }: NextStepView): "start_batch" | "resume_batch" {
  return Array.isArray(allowed) && allowed.includes("resume_batch") ? "resume_batch" : "start_batch";
}

type NextStepView = {
  readonly batch_id: string;
  readonly status: string;
  readonly is_paused: boolean;
  readonly held_reason?: unknown;
  readonly allowed_actions?: unknown;
};

function toNextStep(
  { batch_id: id, status, is_paused: isPaused, held_reason: heldReason, allowed_actions: allowed }: NextStepView,
  startsByItself: boolean,
): string {
  // Of linked batches, some of which are held.
  if (!startsByItself && status === "draft" && !(Array.isArray(allowed) && allowed.includes("start_batch")))
    return "Nobody is called until resume_batch: it lets the parts go on that are held, and starts those that did not begin, under one agreement.";
  if (!startsByItself && (status === "scheduled" || status === "sent"))
    return `Nobody is called until resume_batch: the batch is ${heldReason === undefined ? "paused" : "held"}.`;
  if (!startsByItself) return "Nobody is called until start_batch: the batch does not start by itself.";
  // Of linked batches, some of which are held.
  if (status === "sent" && isGroupId(id) && Array.isArray(allowed) && allowed.includes("resume_batch"))
    return "Calls of the parts that are not held go on; resume_batch lets the others go on.";
  if (isPaused && !isGroupId(id)) return startWaits;
  if (status === "sent") return "Calls go on.";
  return status === "scheduled" ? "Still scheduled: it starts by itself." : startWaits;
}

const startWaits = "A start waits for a person or for the API's answer: the batch may begin by itself.";

type UpdateInput = RulesInput &
  SteeringInput & {
    readonly more_from_numbers?: readonly string[] | undefined;
    readonly name?: string | undefined;
    readonly list_id?: string | undefined;
    readonly agent_id?: string | undefined;
    readonly start_at?: string | undefined;
    readonly timezone?: string | undefined;
  };

/** The edit, or one `invalid_input` with all that is wrong with it. */
async function planEdit(input: UpdateInput, batch: Batch, context: ToolContext): Promise<BatchEdit> {
  const { name, start_at: startAt } = input;
  const timezone = clockOfStart(input, batch, context);
  const agent = input.agent_id === undefined ? undefined : await findAgent(input.agent_id, context.api);
  const agentId = isIssue(agent) ? undefined : agent?.agentId;
  const now = context.clock.now();
  const rules = toCallingRules(input);
  const people = needsClocks({ ...input, timezone }) ? await readClocks(batch, context) : [];
  const timing = parseTiming(
    { start: startAt === undefined ? "draft" : "at_time", startAt, timezone },
    { now, fallbackZone: batch.timezone ?? context.timezone, people },
  );
  const zone = timezone === recipientClock ? undefined : timezone;
  const issues = [
    ...nameIssues(name),
    ...(isIssue(agent) ? [agent] : []),
    ...timing.issues,
    ...emptyIssues(input),
    ...rulesIssues(rules, now),
    ...clockIssues(rules, people, now),
  ];
  if (issues.length > 0) throw invalidInput(issues, "writes");
  const start = await settleClocks({ rules, start: timing.start }, people, context.api);
  const { at: scheduledAt, local: notBeforeLocal } = start?.kind === "at" ? start : {};
  const changesCalls = agentId !== undefined || startAt !== undefined || zone !== undefined;
  const status = changesCalls && batch.status === "scheduled" ? ("draft" as const) : undefined;
  return dropUndefined({ name: name?.trim(), agentId, timezone: zone, scheduledAt, notBeforeLocal, status });
}

function needsClocks({ timezone, quiet_hours: quiet }: UpdateInput): boolean {
  return timezone === recipientClock || quiet?.timezone === recipientClock;
}

async function readClocks({ batchId: id, total }: Batch, context: ToolContext) {
  const tasks = await collectTasks(id, context, total);
  return listedTasks(id, tasks, context);
}

function nameIssues(name: string | undefined): readonly Issue[] {
  return name === undefined || name.trim() !== ""
    ? []
    : [{ field: "name", code: "empty", message: "The name is blank." }];
}

function emptyIssues({ name, list_id, agent_id, start_at, timezone: zone, ...rules }: UpdateInput): readonly Issue[] {
  const {
    retry_config,
    retry_rules,
    quiet_hours,
    voicemail,
    canary,
    stop_when,
    pace: speed,
    more_from_numbers,
  } = rules;
  if (zone === recipientClock && [start_at, retry_rules, quiet_hours].every((value) => value === undefined)) {
    const advice =
      'timezone "recipient" says by which clock start_at, retry_rules and quiet_hours hold; give one of them.';
    return [{ field: "timezone", code: "contradiction", message: advice }];
  }
  const given = [name, list_id, agent_id, start_at, zone, retry_config, retry_rules, quiet_hours, voicemail];
  if ([...given, more_from_numbers, canary, stop_when, speed].some((value) => value !== undefined)) return [];
  const message =
    "There is nothing to change. Give name, list_id, agent_id, start_at, timezone, more_from_numbers, retry_config, retry_rules, quiet_hours, voicemail, canary, stop_when or pace.";
  return [{ field: "arguments", code: "required", message }];
}
