import { Client, type Dispatcher, Pool } from "undici";
import type { Clock } from "../lib/clock.ts";

const answerDeadlineMs = 30_000;
const maxAnswerBytes = 8 * 1024 * 1024;

type HttpRequest = {
  readonly origin: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

export type HttpAnswer = {
  readonly kind: "answer";
  readonly status: number;
  /** In lower case; of a header that came twice, the first. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
};

/**
 * Why there is no answer. `not_connected` proves that nothing was sent; the others leave open how far the request got.
 * `code` is the system's or the library's short name for it.
 */
type NoAnswer = { readonly kind: "not_connected" | "silent" | "broken" | "too_large"; readonly code: string };

export type Exchange = HttpAnswer | NoAnswer;

/** HTTP without redirects and without repeats of its own. Never throws for what the network does. */
export type Connections = {
  /** May use a connection that is already open. */
  exchange(request: HttpRequest): Promise<Exchange>;
  /** On a connection of its own: one that was kept open can be closing just then, and the fate of a write be unknown. */
  exchangeAfresh(request: HttpRequest): Promise<Exchange>;
  close(): Promise<void>;
};

/** The answer deadline runs on `clock`, the one for connecting (TLS included) on the machine's own. */
export function openConnections(clock: Clock, options: { readonly connectDeadlineMs?: number } = {}): Connections {
  const settings: Client.Options = {
    connect: { timeout: options.connectDeadlineMs ?? 5_000 },
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: maxAnswerBytes,
  };
  const notConnected = new WeakSet<Error>();
  const watched = <D extends Dispatcher>(dispatcher: D): D => {
    dispatcher.on("connectionError", (_origin, _targets, error) => notConnected.add(error));
    return dispatcher;
  };
  const send = (dispatcher: Dispatcher, request: HttpRequest) => exchangeOver(dispatcher, request, clock, notConnected);
  let kept: { readonly origin: string; readonly pool: Pool } | undefined;

  return {
    exchange(request) {
      if (kept?.origin !== request.origin) {
        void kept?.pool.close();
        kept = { origin: request.origin, pool: watched(new Pool(request.origin, { ...settings, connections: 16 })) };
      }
      return send(kept.pool, request);
    },
    async exchangeAfresh(request) {
      const client = watched(new Client(request.origin, settings));
      try {
        return await send(client, request);
      } finally {
        await client.destroy();
      }
    },
    async close() {
      await kept?.pool.destroy();
      kept = undefined;
    },
  };
}

async function exchangeOver(
  dispatcher: Dispatcher,
  request: HttpRequest,
  clock: Clock,
  notConnected: WeakSet<Error>,
): Promise<Exchange> {
  const { origin: _, body, ...rest } = request;
  const abort = new AbortController();
  const cancelDeadline = clock.at(new Date(clock.now().getTime() + answerDeadlineMs), () => abort.abort());
  try {
    const response = await dispatcher.request({ ...rest, body: body ?? null, signal: abort.signal });
    const text = await response.body.text();
    return { kind: "answer", status: response.statusCode, headers: firstValues(response.headers), text };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (notConnected.has(error)) return { kind: "not_connected", code: codeOf(error) };
    if (abort.signal.aborted) return { kind: "silent", code: "no answer within 30 s" };
    return { kind: codeOf(error) === "UND_ERR_RES_EXCEEDED_MAX_SIZE" ? "too_large" : "broken", code: codeOf(error) };
  } finally {
    cancelDeadline();
  }
}

function firstValues(headers: Dispatcher.ResponseData["headers"]): Record<string, string> {
  const entries = Object.entries(headers).map(
    ([name, value]) => [name, Array.isArray(value) ? value[0] : value] as const,
  );
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
