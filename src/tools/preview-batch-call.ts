import { z } from "zod";
import type { Batch, BatchStatus } from "../domain/batch/batch.ts";
import { countNearest } from "../domain/batch/caller-ids.ts";
import type { BatchPlan } from "../domain/batch/plan.ts";
import { dropUndefined } from "./arguments/shapes.ts";
import { type BatchView, lines, readUpstream, toBatchText, viewBatch, viewHours } from "./batch/batch-view.ts";
import { calledBefore } from "./calls/ended-same.ts";
import { tooManyPeople } from "./list/list-limits.ts";
import { listFields, reportList, toListText } from "./list/list-report.ts";
import { remedyFor, withRowsLeftOut } from "./list/operator-refusals.ts";
import { sampleFields, takeSample, toSampleText } from "./plan/list-sample.ts";
import { findPlanIssues, planInput } from "./plan/plan-input.ts";
import { forecastField, toForecast, toForecastText } from "./plan/preview-forecast.ts";
import { clockWarnings } from "./plan/recipient-clocks.ts";
import { toRehearsedText } from "./plan/rehearsed.ts";
import { briefBatchFields } from "./rules/batch-input.ts";
import { callerIdsIn } from "./rules/caller-ids-input.ts";
import { fallbackWarnings } from "./rules/fallback-numbers.ts";
import { defineTool } from "./tool.ts";

export const previewBatchCallTool = defineTool({
  name: "preview_batch_call",
  title: "Preview a batch of calls",
  description: `Check a batch before it is created: who would be called, when, which rows need repair.
Use to show the user before create_batch_call, which describes the arguments in full.
Not for a batch that exists (get_batch_status). Nobody is called; batch is as it would be, and only the list is kept, 30 days: then give list_id, not rows.`,
  toolset: "campaigns",
  effect: "keeps_list",
  idempotent: false,
  input: z.strictObject({
    ...briefBatchFields(),
    rehearse: z.boolean().optional().describe("Runs it on a virtual clock."),
  }),
  output: z.object({
    batch: z.looseObject({
      batch_id: z.string().optional(),
      name: z.string(),
      status: z.string(),
      is_paused: z.boolean(),
    }),
    ...listFields(),
    ...sampleFields(),
    outlook: forecastField().optional(),
    rehearsal: z.string().optional(),
    warnings: z.array(z.string()).optional(),
    replayed: z.boolean(),
  }),

  findIssues: findPlanIssues,

  async run(input, context) {
    const planned = await planInput(input, context);
    const { plan, list, leftOut, withheld } = planned;
    const remedy = remedyFor(list.listId, plan?.recipients ?? [], callerIdsIn(plan), context.campaigns.policy);
    const listed = reportList({ list, leftOut, blankVariables: plan?.blankVariables, repair: remedy.repair });
    const report = { ...listed, ...takeSample(planned) };
    const kept = [...(await clockWarnings(list, context)), ...(await fallbackWarnings(list, withheld, context))];
    if (!plan) {
      const batch = { name: input.name, status: statusByStart[input.start ?? "draft"], is_paused: false };
      return { batch, ...report, warnings: [...kept, tooManyPeople(list).message], replayed: false };
    }
    const sent = await context.campaigns.toSend(plan).catch((error: unknown) => {
      throw withRowsLeftOut(error, list);
    });
    const existing = await context.campaigns.findSame(plan, context.principal);
    const held = await context.campaigns.heldNumbers(plan.recipients);
    const upstream = await readUpstream(context.api);
    const before = existing ? [] : await calledBefore(plan, context);
    const warnings = [
      ...before,
      ...kept,
      ...planned.planWarnings,
      ...(await context.campaigns.warnings(plan, existing)),
    ];
    if (remedy.nobodyLeft !== undefined) warnings.push(remedy.nobodyLeft);
    const rehearsed = input.rehearse && (await context.rehearse(sent, context.signal));
    const view = { ...(await viewBatch(existing ?? toExpectedBatch(sent), context)), ...viewHours(sent) };
    return {
      batch: existing ? view : withoutIdentity(view),
      ...report,
      outlook: toForecast(sent, upstream, context.campaigns.policy, { held, now: context.clock.now() }),
      ...(rehearsed && { rehearsal: toRehearsedText(rehearsed) }),
      ...(warnings.length > 0 && { warnings }),
      replayed: existing !== undefined,
    };
  },

  summarize: (output) =>
    lines(
      output.replayed
        ? "The same content exists already; create_batch_call would return this batch."
        : "Preview only; no batch was created.",
      toBatchText({ ...output.batch, batch_id: output.batch.batch_id ?? "no id yet" }),
      toListText(output),
      output.outlook && toForecastText(output.outlook),
      output.rehearsal,
      ...(output.warnings ?? []).map((warning) => `Warning: ${warning}`),
      toSampleText(output),
    ),
});

/** What does not exist yet has no id, and no tool can act on it. */
function withoutIdentity({ batch_id: _id, allowed_actions: _actions, ...expected }: BatchView) {
  return expected;
}

const statusByStart: Readonly<Record<BatchPlan["start"]["kind"] | "at_time", BatchStatus>> = {
  draft: "draft",
  now: "sent",
  at: "scheduled",
  at_time: "scheduled",
};

/** The batch that the plan would become. It has no id yet. */
function toExpectedBatch(plan: BatchPlan): Batch {
  const total = plan.recipients.length;
  return {
    batchId: "",
    name: plan.name,
    status: statusByStart[plan.start.kind],
    total,
    isPaused: false,
    agentId: plan.agentId,
    fromNumber: plan.fromNumber,
    ...dropUndefined({
      callerIds: countNearest(
        plan.recipients.map(({ toNumber }) => toNumber),
        callerIdsIn(plan),
      ),
    }),
    timezone: plan.timezone,
    ...(plan.consent && { consent: plan.consent }),
    ...(plan.start.kind === "at" && {
      scheduledAt: plan.start.at,
      ...(plan.start.local !== undefined && { notBeforeLocal: plan.start.local }),
    }),
    counts: { total, pending: total, calling: 0, completed: 0, failed: 0, unknown: 0, cancelled: 0 },
  };
}
