import { z } from "zod";
import { batchFields } from "./shared/batch-input.ts";
import { lines, viewBatch, viewHours } from "./shared/batch-view.ts";
import { listFields, reportList, toCreationText } from "./shared/list-report.ts";
import { findPlanIssues, planInput } from "./shared/plan-input.ts";
import { batchHead } from "./shared/shapes.ts";
import { defineTool } from "./tool.ts";

export const createBatchCallTool = defineTool({
  name: "create_batch_call",
  title: "Create a batch of calls",
  description: `Create a batch that has a voice agent call every number of a list, inline or from a CSV file.
Use after preview_batch_call, once the user agreed to the list. It is saved as a draft unless start says otherwise; start "now" or "at_time" rings people, and a call cannot be taken back.
Not for starting a draft that exists (start_batch). Rows that cannot be called are left out and listed; one wrong argument, and nothing is created. The same content again returns the first batch with replayed true, so a repeat after a lost answer is safe. With live credentials a person has to agree to a start; where no form can ask them, the answer holds approval, and get_batch_status shows how it goes.
Returns the batch, what became of each row, and the reasons for rows left out.`,
  effect: "may_dial",
  idempotent: false,
  input: z.strictObject({
    ...batchFields(),
    allow_duplicate: z
      .boolean()
      .optional()
      .describe("True makes a second batch of content that was created before; people on it are called again."),
  }),
  output: z.object({
    batch: batchHead(),
    ...listFields(),
    replayed: z.boolean().describe("True when this content was created before and this is that batch."),
    unverified: z.array(z.string()).optional(),
    warnings: z.array(z.string()).optional(),
    approval: z.object({ how: z.string(), expected_recipients: z.number(), fingerprint: z.string() }).optional(),
  }),

  findIssues: findPlanIssues,

  async run(input, context) {
    const planned = await planInput(input, context);
    const warnings = await context.campaigns.warnings(planned.plan);
    const created = await context.campaigns.create(planned.plan, {
      allowDuplicate: input.allow_duplicate ?? false,
      by: context,
    });
    const { approval, unverified } = created;
    return {
      batch: { ...(await viewBatch(created.batch, context)), ...viewHours(created.sent) },
      ...reportList(planned),
      replayed: created.replayed,
      ...(warnings.length > 0 && { warnings: [...warnings] }),
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
      toCreationText(output),
      ...(output.warnings ?? []).map((warning) => `Warning: ${warning}`),
      output.unverified && `Not echoed by the API, so not verified: ${output.unverified.join(", ")}`,
      output.approval &&
        `Not started yet. ${output.approval.how} (${output.approval.expected_recipients} recipients, fingerprint ${output.approval.fingerprint})`,
    ),
});
