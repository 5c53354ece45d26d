import { z } from "zod";
import { parseEveryReading } from "../domain/phone/phone-number.ts";
import { type Issue, isIssue } from "../domain/problem.ts";
import { nowField, nowIn, toNowText } from "./arguments/now.ts";
import { invalidInput, parseCountry } from "./arguments/parse-input.ts";
import { dropUndefined, pageEnd, pageInput, toPageEnd, toPageEndLines, toPageRequest } from "./arguments/shapes.ts";
import { lines } from "./batch/batch-view.ts";
import { toEntryLine, toEntryView } from "./do-not-call/do-not-call-view.ts";
import { defineTool, type ToolContext } from "./tool.ts";

const mostNumbers = 1000;

type PageInput = { readonly limit?: number | undefined; readonly cursor?: string | undefined };

export const checkDoNotCallTool = defineTool({
  name: "check_do_not_call",
  title: "Check the do-not-call list",
  description: `Tell which numbers are on the do-not-call list that every new batch leaves out, or page through it, newest first.
Use when somebody asks whether a number may be called, or who is listed and why.
Not for changes (update_do_not_call_list). A text with two readings is looked up as both; numbers are not masked. limit and cursor only without numbers.
Returns the numbers listed, why and since when, and texts that are no number.`,
  toolset: "do_not_call",
  effect: "reads",
  idempotent: true,
  input: z.strictObject({
    numbers: z
      .array(z.string())
      .min(1)
      .max(mostNumbers)
      .optional()
      .describe("Numbers to look up; the whole list when left out."),
    default_country: z.string().optional().describe("Of numbers without one, such as US."),
    ...pageInput(),
  }),
  output: z.object({
    listed: z.array(z.looseObject({ number: z.string() })),
    refused: z.array(z.looseObject({ message: z.string() })).optional(),
    total: z.number().optional(),
    now: nowField(),
    ...pageEnd(),
  }),

  async run({ numbers, default_country: given, ...page }, context) {
    const now = nowIn(context.timezone, context);
    const country = parseCountry(given, "default_country");
    if (isIssue(country)) throw invalidInput([country], "reads");
    if (numbers === undefined) return { ...(await readPage(page, context)), now };
    const contradictions = pageIssues(page);
    if (contradictions.length > 0) throw invalidInput(contradictions, "reads");
    return { ...(await check(numbers, { ...context, ...dropUndefined({ defaultCountry: country }) })), now };
  },

  summarize: ({ listed, refused = [], total, now, ...end }) =>
    lines(
      total === undefined ? `${listed.length} on the do-not-call list` : `${total} on the do-not-call list`,
      ...listed.map(toEntryLine),
      refused.length > 0 && `${refused.length} could not be read:`,
      ...refused.map(({ field, message }) => `- ${field}: ${message}`),
      toNowText(now),
      ...toPageEndLines(end),
    ),
});

/** A text that can mean two numbers is looked up as both. Throws when none is a number. */
async function check(texts: readonly string[], { campaigns, defaultCountry, timezone }: ToolContext) {
  const parsed = texts.map((text, index) => parseEveryReading(text, defaultCountry, `numbers[${index}]`));
  const refused = parsed.flatMap((readings) => (isIssue(readings) ? [readings] : []));
  const numbers = [...new Set(parsed.flatMap((readings) => (isIssue(readings) ? [] : readings)))];
  if (numbers.length === 0) throw invalidInput(refused, "reads");
  const found = new Map((await campaigns.doNotCall.read(numbers)).map((entry) => [entry.phoneNumber, entry]));
  const listed = numbers.flatMap((number) => found.get(number) ?? []).map((entry) => toEntryView(entry, timezone));
  return { listed, ...(refused.length > 0 && { refused }) };
}

async function readPage(input: PageInput, { campaigns, timezone }: ToolContext) {
  const request = toPageRequest(input);
  const { rows, totalCount, hasMore, nextCursor: next } = await campaigns.doNotCall.list(request);
  const listed = rows.map((entry) => toEntryView(entry, timezone));
  return {
    listed,
    ...dropUndefined({ total: totalCount }),
    ...toPageEnd(input, request, { hasMore, ...dropUndefined({ nextCursor: next }) }),
  };
}

function pageIssues(page: PageInput): readonly Issue[] {
  return Object.entries(page)
    .filter(([, value]) => value !== undefined)
    .map(([field]) => ({
      field,
      code: "contradiction",
      message: `${field} is for paging through the list; leave it out when numbers are given.`,
    }));
}
