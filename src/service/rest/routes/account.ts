import {
  filterAgentsBody,
  filterPhoneNumbersBody,
  listAgentsQuery,
  listPhoneNumbersQuery,
  toAgentBody,
  toAgentListBody,
  toPhoneNumberBody,
  toPhoneNumberListBody,
} from "../../../contract/account.ts";
import {
  agentAnswer,
  agentListAnswer,
  enveloped,
  phoneNumberAnswer,
  phoneNumberListAnswer,
} from "../../../contract/answers.ts";
import { agentNotFound, toFailureBody } from "../../../contract/envelope.ts";
import { parseWith } from "../../../contract/fields.ts";
import { routes } from "../../../contract/routes.ts";
import type { AccountSource } from "../../accounts/index.ts";
import { Refusal } from "../../batches/index.ts";
import { type AskedPage, accept, pageOf, success } from "../exchange.ts";
import { endpoint, type RestEndpoint, type ServiceParts } from "../rest-endpoint.ts";

const pageHint = "20 a page unless a limit is given.";

export const accountEndpoints: readonly RestEndpoint[] = [
  endpoint({
    route: routes.listAgents,
    operationId: "listAgents",
    tag: "Agents",
    summary: "List the voice agents",
    description: pageHint,
    query: listAgentsQuery,
    answer: enveloped(agentListAnswer),
    refusals: [400],
    async run({ organizationId, query }, parts) {
      const asked = accept(parseWith(listAgentsQuery, query));
      return success("Agents retrieved successfully", await listAgents(organizationId, parts, asked, []));
    },
  }),
  endpoint({
    route: routes.filterAgents,
    operationId: "filterAgents",
    tag: "Agents",
    summary: "List the voice agents by part of their name",
    description: `Lists, and creates nothing. ${pageHint}`,
    body: { schema: filterAgentsBody, isRequired: false },
    answer: enveloped(agentListAnswer),
    refusals: [400, 413],
    async run({ organizationId, body }, parts) {
      const asked = accept(parseWith(filterAgentsBody, body ?? {}));
      const names = asked.filter_criteria?.agent_name ?? [];
      return success("Agents retrieved successfully", await listAgents(organizationId, parts, asked, names));
    },
  }),
  endpoint({
    route: routes.getAgent,
    operationId: "getAgent",
    tag: "Agents",
    summary: "Get a voice agent with the variables it expects",
    answer: enveloped(agentAnswer),
    refusals: [404],
    async run({ organizationId, id }, { account, ...carrier }) {
      const agent = (await account()).agents.find(({ agentId }) => agentId === id);
      if (!agent) throw new Refusal(404, agentNotFound(id, organizationId));
      return success("Agent retrieved successfully", toAgentBody(agent, carrier));
    },
  }),
  endpoint({
    route: routes.listPhoneNumbers,
    operationId: "listPhoneNumbers",
    tag: "Phone numbers",
    summary: "List the numbers that calls can be placed from",
    description: pageHint,
    query: listPhoneNumbersQuery,
    answer: enveloped(phoneNumberListAnswer),
    refusals: [400],
    async run({ organizationId, query }, { account }) {
      const asked = accept(parseWith(listPhoneNumbersQuery, query));
      return success("Phone numbers retrieved successfully", await listNumbers(organizationId, account, asked));
    },
  }),
  endpoint({
    route: routes.filterPhoneNumbers,
    operationId: "filterPhoneNumbers",
    tag: "Phone numbers",
    summary: "List the numbers that calls can be placed from",
    description: pageHint,
    body: { schema: filterPhoneNumbersBody, isRequired: false },
    answer: enveloped(phoneNumberListAnswer),
    refusals: [400, 413],
    async run({ organizationId, body }, { account }) {
      const asked = accept(parseWith(filterPhoneNumbersBody, body ?? {}));
      return success("Phone numbers retrieved successfully", await listNumbers(organizationId, account, asked));
    },
  }),
  endpoint({
    route: routes.getPhoneNumber,
    operationId: "getPhoneNumber",
    tag: "Phone numbers",
    summary: "Get a number that calls can be placed from",
    description: "Write the `+` of the number as `%2B`.",
    answer: enveloped(phoneNumberAnswer),
    refusals: [404],
    async run({ id }, { account }) {
      const found = (await account()).phoneNumbers.find(({ phoneNumber }) => phoneNumber === id);
      if (!found) throw new Refusal(404, toFailureBody("Phone number not found", "Phone number does not exist"));
      return success("Phone number retrieved successfully", toPhoneNumberBody(found));
    },
  }),
];

async function listAgents(
  organizationId: string,
  { account, ...carrier }: ServiceParts,
  asked: AskedPage,
  names: readonly string[],
) {
  const wanted = names.map((name) => name.toLowerCase());
  const agents = (await account()).agents.filter(
    ({ name }) => wanted.length === 0 || wanted.some((part) => name.toLowerCase().includes(part)),
  );
  const { page, rows } = pageOf(agents, asked);
  return toAgentListBody(organizationId, rows, page, agents.length, carrier);
}

async function listNumbers(organizationId: string, account: AccountSource, asked: AskedPage) {
  const { phoneNumbers } = await account();
  const { page, rows } = pageOf(phoneNumbers, asked);
  return toPhoneNumberListBody(organizationId, rows, page, phoneNumbers.length);
}
