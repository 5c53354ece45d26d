import { z } from "zod";
import { nameOfTest } from "../campaigns/index.ts";
import type { Batch } from "../domain/batch/batch.ts";
import { callerIdsFor, callerIdsOf } from "../domain/batch/caller-ids.ts";
import type { BatchPlan } from "../domain/batch/plan.ts";
import { variablesOf } from "../domain/list/judge-row.ts";
import { parsePhoneNumber, toTodaysNumber } from "../domain/phone/phone-number.ts";
import { type Issue, isIssue, Problem } from "../domain/problem.ts";
import { queueInFront } from "../domain/queue-in-front.ts";
import { invalidInput } from "./arguments/parse-input.ts";
import { batchId } from "./arguments/shapes.ts";
import { viewBatch } from "./batch/batch-view.ts";
import { startOutput, toStartText, waitsForPerson } from "./batch/waiting-start.ts";
import { listOfBatch } from "./calls/rows-of-tasks.ts";
import { toIssue } from "./list/list-issues.ts";
import { defineTool, type ToolContext } from "./tool.ts";

export const testCallTool = defineTool({
  name: "test_call",
  title: "Place a test call",
  description: `Ring one of the operator's test numbers with one row's words, to hear a draft.
Use before start_batch, when the user names the number. Live, that phone rings at once, costs money and needs no approval.
Not for calling the list (start_batch): nobody on it is called, and the draft stays as it is.
Returns the test's own batch, for get_batch_status.`,
  toolset: "campaigns",
  needsTestNumbers: true,
  effect: "dials",
  idempotent: false,
  input: z.strictObject({
    batch_id: batchId(),
    row: z.int().min(1).describe("Of its list: whose words are said."),
    to_number: z.string().describe("The operator's own, such as +14155550123."),
  }),
  output: startOutput(),

  async run({ batch_id: id, row, to_number: toNumber }, context) {
    const campaign = await context.api.getBatch(id);
    const plan = await planTest(campaign, row, toNumber, context);
    return { batch: await viewBatch(await context.campaigns.testCall(plan, context), context) };
  },

  waits: waitsForPerson,

  summarize: (output) => toStartText(output, "The test call is placed; it counts for no campaign."),
});

/** Agent, caller id and words as the campaign's; no rules, so that it rings once. */
async function planTest(
  { batchId: id, name, agentId, fromNumber, moreFromNumbers, timezone }: Batch,
  row: number,
  text: string,
  context: ToolContext,
): Promise<BatchPlan> {
  const number = withoutCountryAdvice(parsePhoneNumber(text));
  const [nearest = ""] = callerIdsFor(toTodaysNumber(text), callerIdsOf(fromNumber, moreFromNumbers));
  const caller = parsePhoneNumber(nearest, undefined, "from_number");
  const variables = await readWords(id, row, context);
  const issues = [number, variables].filter(isIssue);
  if (isIssue(number) || isIssue(variables)) throw invalidInput(issues, "dials");
  if (agentId === undefined || isIssue(caller)) throw notTold(id);
  const { e164, ...told } = number;
  return {
    name: nameOfTest(name, row),
    agentId,
    fromNumber: caller.e164,
    timezone: timezone ?? context.timezone,
    recipients: [{ row, toNumber: e164, ...told, variables }],
    rules: {},
    start: { kind: "draft" },
  };
}

/** There is no `default_country` here. */
function withoutCountryAdvice(read: ReturnType<typeof parsePhoneNumber>): ReturnType<typeof parsePhoneNumber> {
  return isIssue(read) ? { ...read, message: read.message.replace(", or set default_country.", ".") } : read;
}

async function readWords(
  id: string,
  row: number,
  context: ToolContext,
): Promise<Readonly<Record<string, string>> | Issue> {
  const list = await listOfBatch(id, context);
  if (!list) {
    const message =
      "The batch has no list that is kept, so it is not known what is said to whom. Read the list again with preview_batch_call and create a draft.";
    return { field: "batch_id", code: "no_list", message };
  }
  const found = (await context.lists.rowsAt(list.listId, [row])).get(row);
  if (!found) return { field: "row", code: "no_such_row", message: `The list has no row ${row}; get_list shows them.` };
  const { cells, changed = {} } = found;
  const why = toIssue(found, list);
  if (why)
    return {
      field: "row",
      code: why.code,
      message: `Row ${row} would not be called: ${why.message} Give another row.`,
    };
  return variablesOf(
    cells.map((cell, at) => changed[at] ?? cell),
    list.plan,
  );
}

function notTold(id: string): Problem {
  const message = `The API does not tell agent and caller id of ${id}. Nothing was created and nobody was called. ${queueInFront("tells both of each batch that it is given")}`;
  return new Problem("unsupported", message);
}
