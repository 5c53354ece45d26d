import { z } from "zod";
import type { BatchEdit } from "../client/api.ts";
import type { Batch } from "../domain/batch/batch.ts";
import { parseTiming, unknownAgent } from "../domain/batch/plan-batch.ts";
import type { Issue } from "../domain/problem.ts";
import { lines, toBatchText, viewBatch } from "./shared/batch-view.ts";
import { changeBatch, wrongState } from "./shared/change-batch.ts";
import { invalidInput } from "./shared/parse-input.ts";
import { findAgent } from "./shared/plan-input.ts";
import { batchHead, batchId, dropUndefined, timezone } from "./shared/shapes.ts";
import { defineTool, type ToolContext } from "./tool.ts";

export const updateBatchTool = defineTool({
  name: "update_batch",
  title: "Change a batch that has not begun",
  description: `Change the name, agent, intended start time or zone of a batch that has not begun.
Use to correct a draft or scheduled batch. Any change but the name puts a scheduled batch back to draft: nobody is called until start_batch.
Not for changing the list or the rules: cancel_batch it and make another with create_batch_call. It starts nothing.
Returns the batch after the change.`,
  effect: "writes",
  idempotent: true,
  input: z.strictObject({
    batch_id: batchId(),
    name: z.string().min(1).max(255).optional().describe("New name."),
    agent_id: z.string().min(1).optional().describe("Another voice agent, from list_agents."),
    start_at: z
      .string()
      .optional()
      .describe("New intended time: local such as 2026-02-20T13:00, read in timezone, or ISO 8601 with an offset."),
    timezone: timezone("New zone of the batch, also for reading start_at."),
  }),
  output: z.object({
    batch: batchHead(),
    starts_by_itself: z.boolean(),
  }),

  async run(input, context) {
    const batch = await context.api.getBatch(input.batch_id);
    const edit = await planEdit(input, batch, context);
    if (batch.status !== "draft" && batch.status !== "scheduled")
      throw wrongState(batch, "update_batch", await context.api.hasBrake());
    const edited = await changeBatch(input.batch_id, "update_batch", context, () =>
      context.campaigns.edit(input.batch_id, edit, context),
    );
    return {
      batch: await viewBatch(edited, context),
      starts_by_itself: isScheduled(edited) || (await context.campaigns.startStatus(edited.batchId))?.kind === "waits",
    };
  },

  summarize: ({ batch, starts_by_itself: startsByItself }) =>
    lines(toNextStep(batch, startsByItself), toBatchText(batch)),
});

function isScheduled({ status, isPaused, heldReason }: Batch): boolean {
  return status === "scheduled" && !isPaused && heldReason === undefined;
}

function toNextStep({ status }: { readonly status: string }, startsByItself: boolean): string {
  if (!startsByItself && status === "scheduled") return "Nobody is called until resume_batch: the batch is held.";
  if (!startsByItself) return "Nobody is called until start_batch: the batch does not start by itself.";
  return status === "scheduled"
    ? "Still scheduled: it starts by itself."
    : "A start waits for a person or for the API's answer: the batch may begin by itself.";
}

type UpdateInput = {
  readonly name?: string | undefined;
  readonly agent_id?: string | undefined;
  readonly start_at?: string | undefined;
  readonly timezone?: string | undefined;
};

/** The edit, or one `invalid_input` with all that is wrong with it. */
async function planEdit(input: UpdateInput, batch: Batch, context: ToolContext): Promise<BatchEdit> {
  const { name, agent_id: agentId, start_at: startAt, timezone: zone } = input;
  const timing = parseTiming(
    { start: startAt === undefined ? "draft" : "at_time", startAt, timezone: zone },
    { now: context.clock.now(), fallbackZone: batch.timezone ?? context.timezone },
  );
  const issues = [
    ...nameIssues(name),
    ...(await agentIssues(agentId, context)),
    ...timing.issues,
    ...emptyIssues(input),
  ];
  if (issues.length > 0) throw invalidInput(issues, "writes");
  const scheduledAt = timing.start?.kind === "at" ? timing.start.at : undefined;
  const changesCalls = agentId !== undefined || startAt !== undefined || zone !== undefined;
  const status = changesCalls && batch.status === "scheduled" ? ("draft" as const) : undefined;
  return dropUndefined({ name: name?.trim(), agentId, timezone: zone, scheduledAt, status });
}

function nameIssues(name: string | undefined): readonly Issue[] {
  return name === undefined || name.trim() !== ""
    ? []
    : [{ field: "name", code: "empty", message: "The name is blank." }];
}

function emptyIssues({ name, agent_id, start_at, timezone: zone }: UpdateInput): readonly Issue[] {
  if ([name, agent_id, start_at, zone].some((value) => value !== undefined)) return [];
  return [
    {
      field: "arguments",
      code: "required",
      message: "There is nothing to change. Give name, agent_id, start_at or timezone.",
    },
  ];
}

async function agentIssues(agentId: string | undefined, { api }: ToolContext): Promise<readonly Issue[]> {
  const isKnown = agentId === undefined || (await findAgent(agentId, api)) !== undefined;
  return isKnown ? [] : [unknownAgent(agentId)];
}
