import { z } from "zod";
import { parsePhoneNumber } from "../domain/phone/phone-number.ts";
import { isIssue } from "../domain/problem.ts";
import { plainText } from "../domain/text.ts";
import { invalidInput, parseCountry } from "./arguments/parse-input.ts";
import {
  collectPages,
  dropUndefined,
  pageEnd,
  pageInput,
  slicePage,
  toPageEnd,
  toPageEndLines,
  toPageRequest,
} from "./arguments/shapes.ts";
import { lines } from "./batch/batch-view.ts";
import { defineTool, type ToolContext } from "./tool.ts";

const longestName = 200;

export const listPhoneNumbersTool = defineTool({
  name: "list_phone_numbers",
  title: "List phone numbers to call from",
  description: `List the phone numbers that the account can call from, each with its country.
Use before preview_batch_call, for from_number; people answer a number of their own country more.
Not for recipients (get_batch_results) or agents (list_agents). Read live from the account, unmasked; no tool buys one.`,
  toolset: "account",
  effect: "reads",
  idempotent: true,
  input: z.strictObject({
    country: z.string().optional().describe("ISO code, such as US."),
    ...pageInput(),
  }),
  output: z.object({
    phone_numbers: z.array(
      z.object({ phone_number: z.string(), country: z.string().optional(), nickname: z.string().optional() }),
    ),
    ...pageEnd(),
  }),

  async run(input, { api }) {
    const page = toPageRequest(input);
    const country = parseCountry(input.country, "country");
    if (isIssue(country)) throw invalidInput([country], "reads");
    const { rows, hasMore } =
      country === undefined ? await readPage(api, page) : slicePage(await readCountry(api, country), page);
    return { phone_numbers: [...rows], ...toPageEnd(input, page, { hasMore }) };
  },

  summarize: ({ phone_numbers: numbers, ...end }) =>
    lines(
      numbers.length === 0 && "No phone numbers. No tool buys one: that is done where the account is managed.",
      ...numbers.map(
        ({ phone_number, country, nickname }) =>
          `- ${[phone_number, country, nickname].filter((part) => part).join(", ")}`,
      ),
      ...toPageEndLines(end),
    ),
});

type Api = ToolContext["api"];
type NumberView = { phone_number: string; country?: string; nickname?: string };

async function readPage(api: Api, request: { readonly page: number; readonly limit: number }) {
  const page = await api.listPhoneNumbers(request);
  return { ...page, rows: page.rows.map(toView) };
}

async function readCountry(api: Api, country: string): Promise<NumberView[]> {
  const all = await collectPages((request) => readPage(api, request));
  return all.filter((number) => number.country === country);
}

function toView({ phoneNumber, nickname }: { readonly phoneNumber: string; readonly nickname?: string }): NumberView {
  const number = parsePhoneNumber(phoneNumber);
  const country = isIssue(number) ? undefined : number.country;
  return {
    phone_number: phoneNumber,
    ...dropUndefined({ country, nickname: nickname && plainText(nickname, longestName) }),
  };
}
