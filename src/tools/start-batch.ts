import { z } from "zod";
import type { Batch } from "../domain/batch/batch.ts";
import { callerIdsOf } from "../domain/batch/caller-ids.ts";
import { isGroupId } from "../domain/batch/group.ts";
import { recipientClock, type Start } from "../domain/batch/plan.ts";
import { parseTiming } from "../domain/batch/plan-batch.ts";
import { allowedActions, peopleToCall } from "../domain/batch/progress.ts";
import { maxGroupRecipients } from "../domain/batch/recipients.ts";
import { wrongState } from "../domain/batch/wrong-state.ts";
import { counted } from "../domain/text.ts";
import { invalidInput } from "./arguments/parse-input.ts";
import { batchId, instant, zoneName } from "./arguments/shapes.ts";
import { viewBatch } from "./batch/batch-view.ts";
import { changeBatch } from "./batch/change-batch.ts";
import { startOutput, toStartText, waitsForPerson } from "./batch/waiting-start.ts";
import { collectTasks } from "./calls/collect-tasks.ts";
import { listOfBatch } from "./calls/rows-of-tasks.ts";
import { requireStillOpen } from "./list/exclusions.ts";
import { type Remedy, remedyFor, withRemedy } from "./list/operator-refusals.ts";
import { judgeEnd } from "./plan/batch-end.ts";
import { clockOfStart, listedTasks, settleClocks } from "./plan/recipient-clocks.ts";
import { defineTool, type ToolContext } from "./tool.ts";
import { toCallText } from "./words/call-text.ts";

export const startBatchTool = defineTool({
  name: "start_batch",
  title: "Start a batch of calls",
  description: `Begin the calls of a draft or scheduled batch now, or set when they begin.
Use when the user has agreed to call that list. It rings every recipient, costs money and cannot be taken back.
Not for a paused batch (resume_batch) or a new one (create_batch_call). A simulated batch rings nobody and needs no approval. Live, a person has to agree; where no form can ask them, it answers needs_approval, and the batch starts by itself once they do.`,
  toolset: "campaigns",
  effect: "dials",
  hasView: true,
  idempotent: false,
  input: z.strictObject({
    batch_id: batchId(),
    start: z.enum(["now", "at_time"]).describe("at_time: at start_at."),
    start_at: instant().optional().describe("For at_time: 2026-02-20T13:00, read in timezone."),
    timezone: zoneName().optional().describe("Of start_at: IANA zone, or recipient."),
    expected_recipients: z.int().min(1).optional().describe("How many the user agreed to; refused if it differs."),
    fingerprint: z.string().optional().describe("From an answer that asked for approval."),
  }),
  output: startOutput(),

  async run(input, context) {
    const batch = await context.api.getBatch(input.batch_id);
    const timezone = clockOfStart(input, batch, context);
    const people = timezone === recipientClock ? await readPeople(batch, context) : [];
    const { start: wanted, issues } = parseTiming(
      { start: input.start, startAt: input.start_at, timezone },
      { now: context.clock.now(), fallbackZone: batch.timezone ?? context.timezone, people },
    );
    const wrongCount = countIssue(input.expected_recipients, batch);
    if (!wanted || wanted.kind === "draft" || wrongCount)
      throw invalidInput([...issues, ...(wrongCount ? [wrongCount] : [])], "dials");
    const start = await settleClocks({ rules: {}, start: wanted }, people, context.api);
    const { issues: ending } = await judgeEnd(batch, { start: toInstant(start, context) }, context);
    if (ending.length > 0) throw invalidInput(ending, "dials");
    const hasBrake = await context.api.hasBrake();
    const isBegun = batch.status !== "draft" && batch.status !== "scheduled";
    // A resume lets all of a group go on, those parts too that did not begin.
    const isResumed = allowedActions(batch, hasBrake).includes("resume_batch") && batch.parts !== undefined && hasBrake;
    if (batch.isPaused || isBegun || isResumed) throw wrongState(batch, "start_batch", hasBrake);
    await requireStillOpen(batch, context);
    const started = await changeBatch(input.batch_id, "start_batch", context, () =>
      context.campaigns.start(input.batch_id, start, context, {
        recipients: input.expected_recipients,
        fingerprint: input.fingerprint,
      }),
    ).catch(async (error: unknown) => {
      throw withRemedy(error, await remedyOf(batch, context));
    });
    return { batch: await viewBatch(started, context) };
  },

  waits: waitsForPerson,

  summarize: (output) => toStartText(output),
});

/** When a start begins. */
function toInstant(start: Exclude<Start, { kind: "draft" }>, { clock }: ToolContext) {
  return start.kind === "at" ? start : { at: clock.now() };
}

/** What takes the people off the list whom the operator allows nobody to call, and makes it that of the batch. */
async function remedyOf({ batchId, fromNumber, moreFromNumbers }: Batch, context: ToolContext): Promise<Remedy> {
  const { lists, campaigns } = context;
  const list = await listOfBatch(batchId, context);
  if (!list || list.rows.accepted > maxGroupRecipients) return {};
  const people = await lists.recipients(list.listId, maxGroupRecipients);
  const remedy = remedyFor(list.listId, people, callerIdsOf(fromNumber, moreFromNumbers), campaigns.policy);
  if (remedy.repair === undefined) return remedy;
  const update = toCallText("update_batch", { batch_id: batchId, list_id: "…" });
  return { repair: `${remedy.repair}, then ${update} with the list_id it answers.` };
}

async function readPeople({ batchId, total }: Batch, context: ToolContext) {
  const tasks = await collectTasks(batchId, context, total);
  return listedTasks(batchId, tasks, context);
}

/** Of linked batches, the start itself counts: only some of the parts may be left to call. */
function countIssue(expected: number | undefined, batch: Batch) {
  const toCall = peopleToCall(batch);
  if (expected === undefined || isGroupId(batch.batchId) || expected === toCall) return undefined;
  const message = `The batch has ${counted(toCall, "recipient")}, not ${expected}. Ask the user again before starting it.`;
  return { field: "expected_recipients", code: "other_list", message };
}
