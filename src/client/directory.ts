import { fromAgentBody, toAgentFilterBody } from "../contract/agent.ts";
import { fromCallBody } from "../contract/call.ts";
import { fromPageBody, toPagingQuery } from "../contract/paging.ts";
import { fromPhoneNumberBody } from "../contract/phone-number.ts";
import { buildPath, routes } from "../contract/routes.ts";
import type { BatchCallApi } from "./api.ts";
import type { Requester } from "./requester.ts";

type DirectoryMethods = Pick<BatchCallApi, "getCall" | "listAgents" | "getAgent" | "listPhoneNumbers">;

/** What the account has besides batches: calls, agents, phone numbers. All of it is only read. */
export function directoryMethods(api: Requester): DirectoryMethods {
  return {
    getCall(callId) {
      return api.read({ route: routes.getCall, path: buildPath(routes.getCall, { id: callId }), parse: fromCallBody });
    },

    listAgents({ name, ...paging }) {
      const parse = (body: unknown) => fromPageBody(body, "agents", paging, fromAgentBody);
      if (name === undefined) {
        return api.read({
          route: routes.listAgents,
          path: routes.listAgents.pattern,
          query: toPagingQuery(paging),
          parse,
        });
      }
      return api.read({
        route: routes.filterAgents,
        path: routes.filterAgents.pattern,
        body: toAgentFilterBody(paging, name),
        parse,
      });
    },

    getAgent(agentId) {
      return api.read({
        route: routes.getAgent,
        path: buildPath(routes.getAgent, { id: agentId }),
        parse: fromAgentBody,
      });
    },

    listPhoneNumbers(paging) {
      return api.read({
        route: routes.listPhoneNumbers,
        path: routes.listPhoneNumbers.pattern,
        query: toPagingQuery(paging),
        parse: (body) => fromPageBody(body, "phone_numbers", paging, fromPhoneNumberBody),
      });
    },
  };
}
