import { z } from "zod";
import type { DoNotCallList } from "../campaigns/limits/index.ts";
import { type E164, parseE164 } from "../domain/phone/phone-number.ts";
import { type Issue, isIssue } from "../domain/problem.ts";
import { lines } from "./shared/batch-view.ts";
import { invalidInput } from "./shared/parse-input.ts";
import { dropUndefined, nextCursor, pageInput, toNextCursor, toPageRequest } from "./shared/shapes.ts";
import { defineTool } from "./tool.ts";

const mostNumbers = 1000;

export const updateDoNotCallListTool = defineTool({
  name: "update_do_not_call_list",
  title: "Update the do-not-call list",
  description: `Add numbers to the account's do-not-call list, remove numbers from it, or list it.
Use add as soon as somebody asks not to be called; remove only if the user says that the person agreed to calls again.
Not for stopping a batch (pause_batch, cancel_batch). A listed number is left out of every new batch; in the simulated environment it is also checked before each call, so batches that run already obey. A call in progress is not hung up.
Returns the numbers concerned, how many were added or removed, and the size of the list.`,
  effect: "writes",
  idempotent: true,
  input: z.strictObject({
    action: z.enum(["add", "remove", "list"]).describe("list only reads."),
    numbers: z
      .array(z.string())
      .min(1)
      .max(mostNumbers)
      .optional()
      .describe(`Phone numbers for add and remove, as text such as +14155550123; at most ${mostNumbers}.`),
    reason: z.string().max(200).optional().describe("For add: why, such as asked on a call."),
    ...pageInput(),
  }),
  output: z.object({
    numbers: z.array(z.string()),
    added: z.number(),
    removed: z.number(),
    total: z.number().optional(),
    next_cursor: nextCursor(),
  }),

  async run(input, { campaigns: { doNotCall }, defaultCountry }) {
    const issues = combinationIssues(input);
    const { numbers, wrong } = parseNumbers(input.numbers ?? [], defaultCountry);
    if (issues.length > 0 || wrong.length > 0) throw invalidInput([...issues, ...wrong], "writes");
    switch (input.action) {
      case "list":
        return readList(doNotCall, input);
      case "add":
        return {
          numbers,
          added: await doNotCall.add(numbers, input.reason),
          removed: 0,
          ...(await readTotal(doNotCall)),
        };
      case "remove":
        return { numbers, added: 0, removed: await doNotCall.remove(numbers), ...(await readTotal(doNotCall)) };
    }
  },

  summarize: ({ numbers, added, removed, total, next_cursor: next }) =>
    lines(
      `${added} added, ${removed} removed, ${total ?? "an unknown number"} on the list`,
      ...numbers.map((number) => `- ${number}`),
      next && `More: cursor ${next}`,
    ),
});

type ListInput = {
  readonly action: "add" | "remove" | "list";
  readonly numbers?: readonly string[] | undefined;
  readonly reason?: string | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
};

function combinationIssues({ action, numbers, reason, limit, cursor }: ListInput): readonly Issue[] {
  const unused = {
    numbers: action === "list" && numbers,
    reason: action !== "add" && reason,
    limit: action !== "list" && limit,
    cursor: action !== "list" && cursor,
  };
  const contradictions = Object.entries(unused)
    .filter(([, value]) => value !== false && value !== undefined)
    .map(([field]) => ({
      field,
      code: "contradiction",
      message: `Action "${action}" does not take ${field}; leave it out.`,
    }));
  if (action === "list" || numbers) return contradictions;
  return [
    ...contradictions,
    { field: "numbers", code: "required", message: `Action "${action}" needs numbers, such as ["+14155550123"].` },
  ];
}

function parseNumbers(texts: readonly string[], country: string | undefined): { numbers: E164[]; wrong: Issue[] } {
  const parsed = texts.map((text, index) => parseE164(text, country, `numbers[${index}]`));
  return {
    numbers: [...new Set(parsed.flatMap((number) => (isIssue(number) ? [] : [number])))],
    wrong: parsed.filter(isIssue),
  };
}

async function readList(list: DoNotCallList, input: ListInput) {
  const request = toPageRequest(input, "writes");
  const { rows, totalCount, hasMore } = await list.list(request);
  const numbers = rows.map(({ phoneNumber }) => phoneNumber);
  return {
    numbers,
    added: 0,
    removed: 0,
    ...dropUndefined({ total: totalCount }),
    ...toNextCursor(request, { hasMore }),
  };
}

async function readTotal(list: DoNotCallList) {
  const { totalCount } = await list.list({ page: 0, limit: 1 });
  return dropUndefined({ total: totalCount });
}
