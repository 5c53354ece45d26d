import { directoryMethods, doNotCallMethods, stopMethods } from "../../../src/client/account.ts";
import type { BatchCallApi } from "../../../src/client/api.ts";
import { batchMethods } from "../../../src/client/batches.ts";
import { createRequester } from "../../../src/client/requester.ts";
import { Secret } from "../../../src/domain/secret.ts";
import type { Clock } from "../../../src/lib/clock.ts";
import type { Connections, Exchange } from "../../../src/lib/http-exchange.ts";
import { silentLog } from "../../../src/lib/log.ts";

const origin = "http://127.0.0.1:9";

export type Fetch = (request: Request) => Response | Promise<Response>;

/** The client of the API on a service in this process: every request and answer as on the wire, without sockets. */
export function createInProcessApi(
  fetch: Fetch,
  keys: { readonly apiKey: string; readonly apiSecret: string },
  clock: Clock,
): BatchCallApi {
  const requester = createRequester({
    baseUrl: async () => origin,
    apiKey: new Secret(keys.apiKey),
    apiSecret: new Secret(keys.apiSecret),
    connections: connectionsTo(fetch),
    clock,
    random: () => 0.5,
    log: silentLog,
    onAnswer: () => {},
  });
  return {
    ...batchMethods(requester, () => true),
    ...directoryMethods(requester),
    ...doNotCallMethods(requester),
    ...stopMethods(requester, async () => true),
    origin: async () => origin,
    environment: async () => "live",
    hasBrake: async () => true,
    callLimits: async () => undefined,
  };
}

function connectionsTo(fetch: Fetch): Connections {
  const exchange: Connections["exchange"] = async (request) => {
    const { method, headers, body } = request;
    const url = new URL(request.path, origin);
    const answer = await fetch(new Request(url, { method, headers, ...(body !== undefined && { body }) }));
    const text = await answer.text();
    return {
      kind: "answer",
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      text,
    } satisfies Exchange;
  };
  return { exchange, exchangeAfresh: exchange, close: async () => {} };
}
