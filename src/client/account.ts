import { fromAgentBody, fromPhoneNumberBody, toAgentFilterBody } from "../contract/account.ts";
import { fromStopAnswer, fromStopState } from "../contract/batch/grant.ts";
import { fromCallBody } from "../contract/call.ts";
import {
  type DoNotCallReading,
  fromChangedBody,
  fromCheckBody,
  fromDoNotCallBody,
  maxDoNotCallNumbers,
  toAddDoNotCallBody,
  toOlderAddBodies,
} from "../contract/do-not-call.ts";
import { fromPageBody, toPagingQuery } from "../contract/paging.ts";
import { fromRecentCallsAnswer, maxRecentNumbers, toRecentCallsBody } from "../contract/recent-calls.ts";
import type { NewDoNotCallEntry, RecentCall } from "../contract/records.ts";
import { buildPath, routes } from "../contract/routes.ts";
import { Problem } from "../domain/problem.ts";
import type { BatchCallApi } from "./api.ts";
import type { Requester } from "./requester.ts";

type DirectoryMethods = Pick<BatchCallApi, "getCall" | "recentCalls" | "listAgents" | "getAgent" | "listPhoneNumbers">;

/** What the account has besides batches: calls, agents, phone numbers. All of it is only read. */
export function directoryMethods(api: Requester): DirectoryMethods {
  return {
    getCall(callId) {
      return api.read({ route: routes.getCall, path: buildPath(routes.getCall, { id: callId }), parse: fromCallBody });
    },

    async recentCalls({ numbers, ...query }) {
      const { recentCalls: route } = routes;
      const found: RecentCall[] = [];
      for (let first = 0; first < numbers.length; first += maxRecentNumbers) {
        const body = toRecentCallsBody({ ...query, numbers: numbers.slice(first, first + maxRecentNumbers) });
        found.push(...(await api.read({ route, path: route.pattern, body, parse: fromRecentCallsAnswer })));
      }
      return found;
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

/** The stop of everything of the account, at our service. */
export function stopMethods(api: Requester, isOurs: () => Promise<boolean>): Pick<BatchCallApi, "getStop" | "setStop"> {
  return {
    async getStop() {
      if (!(await isOurs())) return undefined;
      const { getStop: route } = routes;
      return (await api.read({ route, path: route.pattern, parse: fromStopState })).stop;
    },

    setStop(isStopped) {
      return api.write({
        route: routes.setStop,
        path: routes.setStop.pattern,
        body: { stopped: isStopped },
        parse: fromStopAnswer,
        ifUnknown: "It may have been done. The same command again does no harm.",
      });
    },
  };
}

type DoNotCallMethods = Pick<
  BatchCallApi,
  "listDoNotCall" | "addDoNotCall" | "removeDoNotCall" | "findDoNotCall" | "readDoNotCall"
>;

const ifUnknown = "The do-not-call list may have been changed. The same call again does no harm.";

/** What a text means may be two numbers, so that a thousand texts are more than the API takes at a time. Returns the sum. */
async function inBlocks<T>(items: readonly T[], send: (block: readonly T[]) => Promise<number>): Promise<number> {
  let changed = 0;
  for (let first = 0; first < items.length; first += maxDoNotCallNumbers) {
    try {
      changed += await send(items.slice(first, first + maxDoNotCallNumbers));
    } catch (error) {
      if (first === 0 || !(error instanceof Problem)) throw error;
      const message = `${error.message} That is said of the numbers after the first ${first}; those before are done. The same call again does no harm.`;
      throw new Problem(error.code, message, { issues: error.issues, cause: error });
    }
  }
  return changed;
}

export function doNotCallMethods(api: Requester): DoNotCallMethods {
  const add = (body: object): Promise<number> => {
    const parse = (answer: unknown) => fromChangedBody(answer, "added");
    return api.write({ route: routes.addDoNotCall, path: routes.addDoNotCall.pattern, body, parse, ifUnknown });
  };

  async function addBlock(entries: readonly NewDoNotCallEntry[]): Promise<number> {
    try {
      return await add(toAddDoNotCallBody(entries));
    } catch (error) {
      if (!isUnknownField(error)) throw error;
      let added = 0;
      for (const body of toOlderAddBodies(entries)) added += await add(body);
      return added;
    }
  }

  function removeBlock(numbers: readonly string[]): Promise<number> {
    const { removeDoNotCall: route } = routes;
    const parse = (answer: unknown) => fromChangedBody(answer, "removed");
    return api.write({ route, path: route.pattern, body: { numbers }, parse, ifUnknown });
  }

  async function read(numbers: readonly string[]): Promise<readonly DoNotCallReading[]> {
    const found: DoNotCallReading[] = [];
    for (let first = 0; first < numbers.length; first += maxDoNotCallNumbers) {
      const body = { numbers: numbers.slice(first, first + maxDoNotCallNumbers) };
      const route = routes.findDoNotCall;
      found.push(...(await api.read({ route, path: route.pattern, body, parse: fromCheckBody })));
    }
    return found;
  }

  return {
    listDoNotCall(paging) {
      return api.read({
        route: routes.listDoNotCall,
        path: routes.listDoNotCall.pattern,
        query: toPagingQuery(paging),
        parse: (body) => fromPageBody(body, "numbers", paging, fromDoNotCallBody),
      });
    },

    addDoNotCall: (entries) => inBlocks(entries, addBlock),

    removeDoNotCall: (numbers) => inBlocks(numbers, removeBlock),

    readDoNotCall: read,

    async findDoNotCall(numbers) {
      return new Set((await read(numbers)).map(({ phoneNumber }) => phoneNumber));
    },
  };
}

/** An older copy of our service stores nothing when a body has a field that it does not know. */
function isUnknownField(error: unknown): boolean {
  return error instanceof Problem && error.code === "invalid_input" && /There is no such field/.test(error.message);
}
