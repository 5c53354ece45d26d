import { z } from "zod";
import type { DoNotCallList } from "../campaigns/limits/index.ts";
import { parseE164, readEveryNumber } from "../domain/phone/phone-number.ts";
import { type Issue, isIssue } from "../domain/problem.ts";
import { invalidInput, parseCountry } from "./arguments/parse-input.ts";
import { dropUndefined } from "./arguments/shapes.ts";
import { lines } from "./batch/batch-view.ts";
import { toLink, toPlaceText, writtenFile } from "./batch/written-file.ts";
import { argumentIssues } from "./do-not-call/do-not-call-arguments.ts";
import { exportDoNotCall } from "./do-not-call/export-do-not-call.ts";
import { importDoNotCall } from "./do-not-call/import-do-not-call.ts";
import { toIssueLine, toNotes } from "./list/list-report.ts";
import { columnChoices } from "./rules/batch-input.ts";
import { defineTool, type ToolContext } from "./tool.ts";

const mostNumbers = 1000;

const input = z.strictObject({
  action: z.enum(["add", "remove", "export"]).describe("export: all, as a new CSV file."),
  numbers: z
    .array(z.string())
    .min(1)
    .max(mostNumbers)
    .optional()
    .describe("For remove; for add, these or numbers_file."),
  numbers_file: z
    .string()
    .min(1)
    .optional()
    .describe("For add, as tasks_file: all its phone columns, reason, requested_by, requested_at."),
  columns: columnChoices("Of the file: {to_number: Mobile}.").optional(),
  default_country: z.string().optional().describe("Of numbers without one, such as US."),
  reason: z.string().max(200).optional().describe("For add: why."),
  requested_by: z.string().max(200).optional().describe("For add: who asked."),
});
type Input = z.output<typeof input>;

export const updateDoNotCallListTool = defineTool({
  name: "update_do_not_call_list",
  title: "Update the do-not-call list",
  description: `Add numbers, or a file of them, to the do-not-call list, remove some, or export it.
Use add as soon as somebody asks not to be called; remove only if they agreed to calls again; export for a copy.
Not for looking (check_do_not_call). New batches leave listed numbers out; running ones drop them at once, but not at a hosted API. remove puts nobody back into a batch.
Returns what was changed and refused, unmasked, and its size.`,
  toolset: "do_not_call",
  effect: "destroys",
  idempotent: false,
  input,
  output: z.object({
    numbers: z.array(z.string()),
    added: z.number(),
    removed: z.number(),
    rows: z.looseObject({}).optional(),
    notes: z.array(z.string()).optional(),
    refused: z.array(z.looseObject({ message: z.string() })).optional(),
    total: z.number().optional(),
    ...writtenFile(),
  }),

  async run(given, context) {
    const country = parseCountry(given.default_country, "default_country");
    const defaultCountry = isIssue(country) ? undefined : (country ?? context.defaultCountry);
    const wrong = [
      ...argumentIssues(given),
      ...(isIssue(country) ? [country] : []),
      ...(given.action === "remove" ? readOnes(given.numbers ?? [], defaultCountry).refused : []),
    ];
    if (wrong.length > 0) throw invalidInput(wrong, "destroys");
    const changed = await change(given, { ...context, ...dropUndefined({ defaultCountry }) });
    return { ...changed, ...(await readTotal(context.campaigns.doNotCall)) };
  },

  link: toLink,

  summarize: ({ numbers, added, removed, rows, notes = [], refused = [], total, ...written }) =>
    lines(
      (written.path ?? written.uri) !== undefined && `The whole list was written to ${toPlaceText(written)}`,
      `${added} added, ${removed} removed, ${total ?? "an unknown number"} on the list`,
      rows &&
        Object.entries(rows)
          .map(([what, count]) => `${count} ${what}`)
          .join(", "),
      ...notes,
      ...numbers.map((number) => `- ${number}`),
      refused.length > 0 && (rows ? "Could not be read:" : `${refused.length} refused and not on the list:`),
      ...refused.map(toIssueLine),
    ),
});

async function change(given: Input, context: ToolContext) {
  const { action, numbers = [], numbers_file: path } = given;
  if (action === "export") {
    return { numbers: [], added: 0, removed: 0, ...(await exportDoNotCall(context)) };
  }
  if (action === "remove") {
    const { numbers: gone } = readOnes(numbers, context.defaultCountry);
    return { numbers: gone, added: 0, removed: await context.campaigns.doNotCall.remove(gone) };
  }
  const addedBy = `tool: ${context.principal}`;
  const said = { ...dropUndefined({ reason: given.reason, requestedBy: given.requested_by }), addedBy };
  return path === undefined ? add(numbers, said, context) : addFile({ ...given, path, said }, context);
}

type Said = { readonly reason?: string; readonly requestedBy?: string; readonly addedBy: string };

/** Of two readings both are listed: a second number there harms nobody, a missing one is somebody who asked. */
async function add(texts: readonly string[], said: Said, { campaigns, defaultCountry }: ToolContext) {
  const read = texts.map((text, index) => readEveryNumber(text, defaultCountry, `numbers[${index}]`));
  const numbers = [...new Set(read.flatMap((text) => text.numbers))];
  const refused = read.flatMap(({ issues }) => issues);
  if (numbers.length === 0) throw invalidInput(refused, "destroys");
  const added = await campaigns.doNotCall.add(numbers.map((phoneNumber) => ({ phoneNumber, ...said })));
  return { numbers, added, removed: 0, ...(refused.length > 0 && { refused }) };
}

async function addFile(
  { path, columns = {}, said }: Pick<Input, "columns"> & { readonly path: string; readonly said: Said },
  context: ToolContext,
) {
  const order = { path, columns, country: context.defaultCountry, said };
  const { added, rows, issues, shape, said: mapped } = await importDoNotCall(order, context);
  if (rows.listed === 0) throw invalidInput(issues, "destroys");
  const notes = [...mapped, ...toNotes(shape)];
  return { numbers: [], added, removed: 0, rows, notes, ...(issues.length > 0 && { refused: issues.map(toView) }) };
}

/** Well-formed, whoever's it is. */
const asStored = /^\+[1-9]\d{6,14}$/;

/** Nothing is taken off by guess. What was stored before numbers were checked is removed as it is written there. */
function readOnes(texts: readonly string[], country: string | undefined) {
  const read = texts.map((text, index) => {
    const stored = asStored.test(text.trim()) ? [text.trim()] : [];
    const number = parseE164(text, country, `numbers[${index}]`);
    if (!isIssue(number)) return { numbers: [number, ...stored], refused: [] };
    return { numbers: stored, refused: stored.length > 0 ? [] : [number] };
  });
  return {
    numbers: [...new Set<string>(read.flatMap(({ numbers }) => numbers))],
    refused: read.flatMap(({ refused }) => refused),
  };
}

type Refused = Issue & { readonly rows?: number; readonly first_rows?: readonly number[] };

function toView({ first_rows: firstRows, ...issue }: Refused) {
  return { ...issue, ...(firstRows && { first_rows: [...firstRows] }) };
}

async function readTotal(list: DoNotCallList) {
  const { totalCount } = await list.list({ page: 0, limit: 1 });
  return dropUndefined({ total: totalCount });
}
