import { callAnswer, callListAnswer, enveloped } from "../../../contract/answers.ts";
import { toCallBody } from "../../../contract/call.ts";
import {
  type CallListRequest,
  filterCallsBody,
  fromCallsQuery,
  fromFilterCallsBody,
  listCallsQuery,
  toCallListBody,
} from "../../../contract/call-list.ts";
import { callNotFound } from "../../../contract/envelope.ts";
import { parseWith } from "../../../contract/fields.ts";
import {
  fromRecentCallsBody,
  recentCallsAnswer,
  recentCallsBody,
  toRecentCallsAnswer,
} from "../../../contract/recent-calls.ts";
import { routes } from "../../../contract/routes.ts";
import { Refusal } from "../../batches/index.ts";
import { accept, success } from "../exchange.ts";
import { endpoint, type RestEndpoint, type ServiceParts } from "../rest-endpoint.ts";

const tag = "Calls";

export const callEndpoints: readonly RestEndpoint[] = [
  endpoint({
    route: routes.listCalls,
    operationId: "listCalls",
    tag,
    summary: "List calls, newest first",
    description: "20 a page unless a limit is given.",
    query: listCallsQuery,
    answer: enveloped(callListAnswer),
    refusals: [400],
    async run({ organizationId, query }, parts) {
      return success(
        "Calls retrieved successfully",
        await listPage(organizationId, parts, accept(fromCallsQuery(query))),
      );
    },
  }),
  endpoint({
    route: routes.filterCalls,
    operationId: "filterCalls",
    tag,
    summary: "List calls that meet criteria, newest first",
    description: "Lists, and creates nothing. Of the API's criteria this service knows `agent_id`; others are refused.",
    body: { schema: filterCallsBody, isRequired: false },
    answer: enveloped(callListAnswer),
    refusals: [400, 413],
    async run({ organizationId, body }, parts) {
      return success(
        "Calls retrieved successfully",
        await listPage(organizationId, parts, accept(fromFilterCallsBody(body ?? {}))),
      );
    },
  }),
  endpoint({
    route: routes.recentCalls,
    operationId: "recentCalls",
    tag,
    summary: "Tell which of the numbers were called, and reached, since an instant",
    description:
      "For leaving people out of a new batch. Numbers that were not called are not in the answer. Calls of a batch that was deleted are forgotten.",
    body: { schema: recentCallsBody, isRequired: true },
    answer: enveloped(recentCallsAnswer),
    refusals: [400, 413],
    async run({ organizationId, body }, { store }) {
      const query = fromRecentCallsBody(accept(parseWith(recentCallsBody, body)));
      return success(
        "Calls retrieved successfully",
        toRecentCallsAnswer(await store.recentCalls(organizationId, query)),
      );
    },
  }),
  endpoint({
    route: routes.getCall,
    operationId: "getCall",
    tag,
    summary: "Get a call with its transcript and outcome",
    answer: enveloped(callAnswer),
    refusals: [404],
    async run({ organizationId, id }, { store }) {
      const attempt = await store.getAttemptByCallId(organizationId, id);
      if (!attempt) throw new Refusal(404, callNotFound(id));
      return success("Call retrieved successfully", toCallBody(attempt));
    },
  }),
];

async function listPage(organizationId: string, { store }: ServiceParts, { page, filter }: CallListRequest) {
  const { rows, ...found } = await store.listCalls(organizationId, filter, page);
  return toCallListBody(organizationId, { rows: rows.map(toCallBody), ...found }, page);
}
