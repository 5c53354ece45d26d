import type { Clock } from "../../lib/clock.ts";
import type { Connections, Exchange, HttpRequest } from "../../lib/http-exchange.ts";

/** A request to the platform and what came of it. Its headers and body are the answer's, empty where there was none. */
export type Seen = {
  /** Whether it was the one that makes a phone ring. */
  readonly isCreate: boolean;
  readonly method: string;
  readonly path: string;
  readonly sentAt: Date;
  readonly answeredAt: Date;
  readonly status?: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The JSON of it; undefined where it is none. */
  readonly body: unknown;
  /** Why there was no answer. */
  readonly failure?: string;
};

/** The same connections, with everything that went over them written down in `seen`. */
export function recordConnections(
  connections: Connections,
  clock: Clock,
): { readonly connections: Connections; readonly seen: readonly Seen[] } {
  const seen: Seen[] = [];

  async function record(request: HttpRequest, isCreate: boolean, exchange: Promise<Exchange>): Promise<Exchange> {
    const sentAt = clock.now();
    const answer = await exchange;
    const { method, path } = request;
    const common = { isCreate, method, path, sentAt, answeredAt: clock.now() };
    if (answer.kind === "answer")
      seen.push({ ...common, status: answer.status, headers: answer.headers, body: parseJson(answer.text) });
    else seen.push({ ...common, headers: {}, body: undefined, failure: answer.code });
    return answer;
  }

  return {
    seen,
    connections: {
      exchange: (request) => record(request, false, connections.exchange(request)),
      // What makes a phone ring goes over a connection of its own, and nothing else does.
      exchangeAfresh: (request) => record(request, true, connections.exchangeAfresh(request)),
      close: () => connections.close(),
    },
  };
}

/** Undefined where the text is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
