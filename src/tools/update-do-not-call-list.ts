import { z } from "zod";
import type { DoNotCallList } from "../campaigns/limits/index.ts";
import { type E164, parseE164, parseEveryReading } from "../domain/phone/phone-number.ts";
import { type Issue, isIssue } from "../domain/problem.ts";
import { lines } from "./shared/batch-view.ts";
import { invalidInput } from "./shared/parse-input.ts";
import { dropUndefined } from "./shared/shapes.ts";
import { defineTool } from "./tool.ts";

const mostNumbers = 1000;

export const updateDoNotCallListTool = defineTool({
  name: "update_do_not_call_list",
  title: "Update the do-not-call list",
  description: `Add numbers to the account's do-not-call list, or remove them.
Use add as soon as somebody asks not to be called; remove only if the user says that the person agreed to calls again.
Not for looking (check_do_not_call) or stopping a batch. Listed numbers are left out of new batches; our own service obeys in running ones too.
Returns the numbers concerned, those refused and why, and the size of the list.`,
  effect: "destroys",
  idempotent: true,
  input: z.strictObject({
    action: z.enum(["add", "remove"]).describe("Which of the two."),
    numbers: z
      .array(z.string())
      .min(1)
      .max(mostNumbers)
      .describe(`Phone numbers as text, such as +14155550123; at most ${mostNumbers}.`),
    reason: z.string().max(200).optional().describe("For add: why, such as asked on a call."),
    requested_by: z.string().max(200).optional().describe("For add: who asked."),
  }),
  output: z.object({
    numbers: z.array(z.string()),
    added: z.number(),
    removed: z.number(),
    refused: z.array(z.looseObject({ message: z.string() })).optional(),
    total: z.number().optional(),
  }),

  async run({ action, numbers: texts, ...said }, { campaigns: { doNotCall }, defaultCountry, principal }) {
    const { numbers, refused } = action === "add" ? readAll(texts, defaultCountry) : readOnes(texts, defaultCountry);
    const wrong = action === "remove" ? [...saidIssues(said), ...refused] : refused;
    if (numbers.length === 0 || (action === "remove" && wrong.length > 0)) throw invalidInput(wrong, "destroys");
    const facts = dropUndefined({ reason: said.reason, requestedBy: said.requested_by });
    const addedBy = `tool: ${principal}`;
    const changed =
      action === "add"
        ? {
            added: await doNotCall.add(numbers.map((phoneNumber) => ({ phoneNumber, ...facts, addedBy }))),
            removed: 0,
          }
        : { added: 0, removed: await doNotCall.remove(numbers) };
    return { numbers, ...changed, ...(refused.length > 0 && { refused }), ...(await readTotal(doNotCall)) };
  },

  summarize: ({ numbers, added, removed, refused = [], total }) =>
    lines(
      `${added} added, ${removed} removed, ${total ?? "an unknown number"} on the list`,
      ...numbers.map((number) => `- ${number}`),
      refused.length > 0 && `${refused.length} refused and not on the list:`,
      ...refused.map(({ field, message }) => `- ${field}: ${message}`),
    ),
});

function saidIssues(said: object): readonly Issue[] {
  return Object.entries(said)
    .filter(([, value]) => value !== undefined)
    .map(([field]) => ({
      field,
      code: "contradiction",
      message: `Action "remove" does not take ${field}; leave it out.`,
    }));
}

type NumbersRead = { readonly numbers: E164[]; readonly refused: Issue[] };

/** Of two readings both are listed: a second number there harms nobody, a missing one is somebody who asked. */
function readAll(texts: readonly string[], country: string | undefined): NumbersRead {
  return split(texts.map((text, index) => parseEveryReading(text, country, `numbers[${index}]`)));
}

/** Nothing is taken off by guess. What was stored before numbers were checked can be removed. */
function readOnes(texts: readonly string[], country: string | undefined): NumbersRead {
  return split(
    texts.map((text, index) => {
      const number = parseE164(text, country, `numbers[${index}]`);
      return isIssue(number) ? number : [number];
    }),
  );
}

function split(parsed: readonly (readonly E164[] | Issue)[]): NumbersRead {
  return {
    numbers: [...new Set(parsed.flatMap((numbers) => (isIssue(numbers) ? [] : numbers)))],
    refused: parsed.filter(isIssue),
  };
}

async function readTotal(list: DoNotCallList) {
  const { totalCount } = await list.list({ page: 0, limit: 1 });
  return dropUndefined({ total: totalCount });
}
