import { z } from "zod";
import { counted } from "../domain/text.ts";
import { batchHead } from "./arguments/shapes.ts";
import { lines, toBatchText, viewBatch, viewHours } from "./batch/batch-view.ts";
import { calledBefore } from "./calls/ended-same.ts";
import { requireStillOpen } from "./list/exclusions.ts";
import { tooManyPeople } from "./list/list-limits.ts";
import { listFields, reportList, toListText } from "./list/list-report.ts";
import { remedyFor, withRemedy, withRowsLeftOut } from "./list/operator-refusals.ts";
import { lateWarnings } from "./plan/batch-end.ts";
import { findPlanIssues, planInput } from "./plan/plan-input.ts";
import { clockWarnings } from "./plan/recipient-clocks.ts";
import { batchFields } from "./rules/batch-input.ts";
import { callerIdsIn } from "./rules/caller-ids-input.ts";
import { fallbackWarnings } from "./rules/fallback-numbers.ts";
import { defineTool } from "./tool.ts";

export const createBatchCallTool = defineTool({
  name: "create_batch_call",
  title: "Create a batch of calls",
  description: `Create a draft, or start it too: a voice agent calls each number of a list.
Use after preview_batch_call, once the user agreed to the list. start now or at_time rings people, costs money and cannot be taken back.
Not for starting a draft (start_batch). More than 1,000 people become linked batches, group_…. The same content again returns the first batch, replayed true, unless it is over and simulated. Live, a person has to agree: the answer says how.
Returns the batch, its list_id, rows left out, and repairs.`,
  toolset: "campaigns",
  effect: "may_dial",
  idempotent: false,
  input: z.strictObject({
    ...batchFields(),
    allow_duplicate: z.boolean().optional().describe("Creates it again: people are called again."),
  }),
  output: z.object({
    batch: batchHead(),
    ...listFields(),
    replayed: z.boolean(),
    unverified: z.array(z.string()).optional(),
    warnings: z.array(z.string()).optional(),
    approval: z.object({ how: z.string(), expected_recipients: z.number(), fingerprint: z.string() }).optional(),
  }),

  findIssues: findPlanIssues,

  async run(input, context) {
    const { plan, list, leftOut, withheld, planWarnings } = await planInput(input, context);
    if (!plan) throw tooManyPeople(list);
    const { campaigns, lists } = context;
    const existing = input.allow_duplicate ? undefined : await campaigns.findSame(plan, context.principal);
    if (existing && plan.exclude && plan.start.kind !== "draft") await requireStillOpen(existing, context);
    const before = existing || input.allow_duplicate ? [] : await calledBefore(plan, context);
    const remedy = remedyFor(list.listId, plan.recipients, callerIdsIn(plan), campaigns.policy);
    const notCalled = await fallbackWarnings(list, withheld, context);
    const kept = await clockWarnings(list, context);
    const warnings = [...before, ...kept, ...notCalled, ...planWarnings, ...(await campaigns.warnings(plan, existing))];
    warnings.push(...(await lateWarnings(plan, context)));
    if (remedy.nobodyLeft !== undefined) warnings.push(remedy.nobodyLeft);
    const created = await campaigns
      .create(plan, { allowDuplicate: input.allow_duplicate ?? false, by: context })
      .catch((error: unknown) => {
        throw withRowsLeftOut(withRemedy(error, remedy), list);
      });
    if (created.isSetGoing) warnings.push(setGoing(await context.api.hasBrake()));
    await lists.link(list.listId, created.batch.batchId);
    const { approval, unverified } = created;
    return {
      batch: { ...(await viewBatch(created.batch, context)), ...viewHours(created.sent) },
      ...reportList({ list, leftOut, blankVariables: plan.blankVariables, repair: remedy.repair }),
      replayed: created.replayed,
      ...(warnings.length > 0 && { warnings }),
      ...(unverified.length > 0 && { unverified: [...unverified] }),
      ...(approval && {
        approval: {
          how: approval.how,
          expected_recipients: approval.expectedRecipients,
          fingerprint: approval.fingerprint,
        },
      }),
    };
  },

  summarize: (output) =>
    lines(
      output.replayed ? "This content was created before; no new batch was made." : "Created.",
      toBatchText(output.batch),
      toListText(output),
      ...(output.warnings ?? []).map((warning) => `Warning: ${warning}`),
      output.unverified && `Not echoed by the API, so not verified: ${output.unverified.join(", ")}`,
      output.approval &&
        `Not started yet. ${output.approval.how} (${counted(output.approval.expected_recipients, "recipient")}, fingerprint ${output.approval.fingerprint})`,
    ),
});

function setGoing(hasBrake: boolean): string {
  const stop = hasBrake
    ? "Stop it with pause_batch or cancel_batch unless the user wants these calls."
    : "This API has no pause: unless the user wants these calls, a person has to stop it in the API provider's own portal, now.";
  return `This batch was set going, and no start of it was sent from here: the API started it by itself, or somebody did elsewhere. It may be calling people, and was not started again. ${stop} get_batch_status shows who was called.`;
}
