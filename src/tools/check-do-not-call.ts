import { z } from "zod";
import type { DoNotCallList } from "../campaigns/limits/index.ts";
import { parseEveryReading } from "../domain/phone/phone-number.ts";
import { type Issue, isIssue } from "../domain/problem.ts";
import { lines } from "./shared/batch-view.ts";
import { invalidInput } from "./shared/parse-input.ts";
import { dropUndefined, nextCursor, pageInput, toNextCursor, toPageRequest } from "./shared/shapes.ts";
import { defineTool } from "./tool.ts";

const mostNumbers = 1000;

type PageInput = { readonly limit?: number | undefined; readonly cursor?: string | undefined };

export const checkDoNotCallTool = defineTool({
  name: "check_do_not_call",
  title: "Check the do-not-call list",
  description: `Tell which numbers are on the do-not-call list, or page through it, newest first.
Use when somebody asks whether a number may be called, or who is listed and why.
Not for changes (update_do_not_call_list).
Returns the listed numbers and which texts are none.`,
  effect: "reads",
  idempotent: true,
  input: z.strictObject({
    numbers: z
      .array(z.string())
      .min(1)
      .max(mostNumbers)
      .optional()
      .describe(`Phone numbers as text, at most ${mostNumbers}; leave out to page through the list.`),
    ...pageInput(),
  }),
  output: z.object({
    listed: z.array(z.looseObject({ number: z.string() })),
    refused: z.array(z.looseObject({ message: z.string() })).optional(),
    total: z.number().optional(),
    next_cursor: nextCursor(),
  }),

  async run({ numbers, ...page }, { campaigns: { doNotCall }, defaultCountry }) {
    if (numbers === undefined) return readPage(doNotCall, page);
    const contradictions = pageIssues(page);
    if (contradictions.length > 0) throw invalidInput(contradictions, "reads");
    return check(doNotCall, numbers, defaultCountry);
  },

  summarize: ({ listed, refused = [], total, next_cursor: next }) =>
    lines(
      total === undefined ? `${listed.length} on the do-not-call list` : `${total} on the do-not-call list`,
      ...listed.map(({ number, reason, added_at: at }) => `- ${[number, at, reason].filter(Boolean).join(", ")}`),
      refused.length > 0 && `${refused.length} could not be read:`,
      ...refused.map(({ field, message }) => `- ${field}: ${message}`),
      next && `More: cursor ${next}`,
    ),
});

/** A text that can mean two numbers is looked up as both. Throws when none is a number. */
async function check(list: DoNotCallList, texts: readonly string[], country: string | undefined) {
  const parsed = texts.map((text, index) => parseEveryReading(text, country, `numbers[${index}]`));
  const refused = parsed.filter(isIssue);
  const numbers = [...new Set(parsed.flatMap((readings) => (isIssue(readings) ? [] : readings)))];
  if (numbers.length === 0) throw invalidInput(refused, "reads");
  const found = await list.find(numbers);
  const listed = numbers.filter((number) => found.has(number)).map((number) => ({ number }));
  return { listed, ...(refused.length > 0 && { refused }) };
}

async function readPage(list: DoNotCallList, input: PageInput) {
  const request = toPageRequest(input);
  const { rows, totalCount, hasMore } = await list.list(request);
  const listed = rows.map(({ phoneNumber: number, reason, addedAt }) => ({
    number,
    ...dropUndefined({ reason, added_at: addedAt?.toISOString() }),
  }));
  return { listed, ...dropUndefined({ total: totalCount }), ...toNextCursor(request, { hasMore }) };
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
