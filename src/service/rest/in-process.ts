import { AsyncResource } from "node:async_hooks";
import type { Exchange, HttpRequest, InProcess } from "../../lib/http-exchange.ts";
import type { Delivery } from "./app.ts";

/** What the routes look at of a request; a real one, with its streams and signals, costs more than most of them. */
type RequestParts = Pick<Request, "method" | "url"> & {
  readonly headers: Pick<Headers, "get">;
  readonly body: unknown;
};

/**
 * The service for whoever is in the same process: every request goes the way of those that come over a socket, keys included, and comes
 * back as the same status, headers and text. `drain` takes no more and resolves when those in hand are answered.
 */
export function createInProcessDoor(fetch: Fetch): {
  readonly ask: InProcess;
  drain(): Promise<void>;
} {
  // What a request sets off, such as a dialer that goes on for hours, is not done for whoever asked.
  const scope = new AsyncResource("batch-call service");
  const inHand = new Set<Promise<Exchange>>();
  let isOpen = true;
  return {
    async ask(request) {
      if (!isOpen) return { kind: "not_connected", code: "ECONNREFUSED" };
      // Over a socket too, whatever fails there is no more than an answer that never came.
      const answer = scope.runInAsyncScope(exchange, undefined, fetch, request).catch(() => broken);
      inHand.add(answer);
      return answer.finally(() => inHand.delete(answer));
    },
    async drain() {
      isOpen = false;
      await Promise.allSettled(inHand);
    },
  };
}

const broken: Exchange = { kind: "broken", code: "ECONNRESET" };

type Fetch = (request: Request, delivery: Delivery) => Response | Promise<Response>;

async function exchange(fetch: Fetch, { origin, path, method, headers, body }: HttpRequest): Promise<Exchange> {
  const named = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const parts: RequestParts = {
    method,
    url: `${origin}${path}`,
    headers: { get: (name) => named.get(name.toLowerCase()) ?? null },
    body: body === undefined ? null : [Buffer.from(body)],
  };
  // Safe: the app reads no other part of a request, and a body as the chunks that it gives.
  let delivered: string | undefined;
  const deliver = (text: string): void => {
    delivered = text;
  };
  const response = await fetch(parts as unknown as Request, { deliver });
  const text = delivered ?? (await response.text());
  return { kind: "answer", status: response.status, headers: Object.fromEntries(response.headers), text };
}
