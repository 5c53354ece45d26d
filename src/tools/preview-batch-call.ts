import { z } from "zod";
import type { Batch, BatchStatus } from "../domain/batch/batch.ts";
import type { BatchPlan } from "../domain/batch/plan.ts";
import { batchFields } from "./shared/batch-input.ts";
import { type BatchView, lines, viewBatch, viewHours } from "./shared/batch-view.ts";
import { listFields, reportList, toCreationText } from "./shared/list-report.ts";
import { sampleFields, takeSample, toSampleText } from "./shared/list-sample.ts";
import { findPlanIssues, planInput } from "./shared/plan-input.ts";
import { forecastField, toForecast, toForecastText } from "./shared/preview-forecast.ts";
import { asIn } from "./shared/shapes.ts";
import { defineTool } from "./tool.ts";

export const previewBatchCallTool = defineTool({
  name: "preview_batch_call",
  title: "Preview a batch of calls",
  description: `Check a batch and its list as create_batch_call would, without sending or storing anything.
Use before create_batch_call, to show the user how many people would be called, when, and which rows are left out and why.
Not for looking at a batch that exists (get_batch_status). It takes the arguments of create_batch_call and refuses what that refuses.
Returns the batch as it would be, row counts, the reasons, three masked sample rows, how columns fit the agent's variables, the outlook of a start, what would refuse it, and replayed true with the batch_id when the same content exists already.`,
  effect: "reads",
  idempotent: true,
  input: asIn("create_batch_call", z.strictObject(batchFields())),
  output: z.object({
    batch: z.looseObject({
      batch_id: z.string().optional(),
      name: z.string(),
      status: z.string(),
      is_paused: z.boolean(),
    }),
    ...listFields(),
    ...sampleFields(),
    outlook: forecastField(),
    warnings: z.array(z.string()).optional(),
    replayed: z.boolean(),
  }),

  findIssues: findPlanIssues,

  async run(input, context) {
    const planned = await planInput(input, context);
    const sent = await context.campaigns.toSend(planned.plan);
    const existing = await context.campaigns.findSame(planned.plan, context.principal);
    const environment = await context.api.environment();
    const warnings = await context.campaigns.warnings(planned.plan);
    const view = { ...(await viewBatch(existing ?? toExpectedBatch(sent), context)), ...viewHours(sent) };
    return {
      batch: existing ? view : withoutIdentity(view),
      ...reportList(planned),
      ...takeSample(planned),
      outlook: toForecast(sent, environment, context.campaigns.policy, context.clock.now()),
      ...(warnings.length > 0 && { warnings: [...warnings] }),
      replayed: existing !== undefined,
    };
  },

  summarize: (output) =>
    lines(
      output.replayed
        ? "The same content exists already; create_batch_call would return this batch."
        : "Preview only; nothing was created.",
      toCreationText(output),
      toForecastText(output.outlook),
      ...(output.warnings ?? []).map((warning) => `Warning: ${warning}`),
      toSampleText(output),
    ),
});

/** What does not exist yet has no id, and no tool can act on it. */
function withoutIdentity({ batch_id: _id, allowed_actions: _actions, ...expected }: BatchView) {
  return expected;
}

const statusByStart: Readonly<Record<BatchPlan["start"]["kind"], BatchStatus>> = {
  draft: "draft",
  now: "sent",
  at: "scheduled",
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
    timezone: plan.timezone,
    ...(plan.start.kind === "at" && { scheduledAt: plan.start.at }),
    counts: { total, pending: total, calling: 0, completed: 0, failed: 0, unknown: 0, cancelled: 0 },
  };
}
