import { Client, type Dispatcher, Pool } from "undici";
import { fromCallLimitsHeader } from "../contract/call-limits.ts";
import { headers } from "../contract/routes.ts";
import type { Environment } from "../domain/batch/batch.ts";
import type { CallLimits } from "../domain/batch/call-limits.ts";
import { Problem } from "../domain/problem.ts";
import { isLoopback, type Secret } from "../domain/secret.ts";
import type { Clock } from "../lib/clock.ts";
import type { Connections, Exchange, HttpAnswer, HttpRequest, InProcess } from "../lib/http-exchange.ts";

const defaultAnswerDeadlineMs = 30_000;
const maxAnswerBytes = 8 * 1024 * 1024;

/** The answer deadline runs on `clock`, the one for connecting (TLS included) on the machine's own. */
export function openConnections(
  clock: Clock,
  options: {
    readonly connectDeadlineMs?: number;
    readonly answerDeadlineMs?: number;
    /** The service at an origin, where it runs in this process. */
    readonly inProcess?: ((origin: string) => InProcess | undefined) | undefined;
  } = {},
): Connections {
  const answerDeadlineMs = options.answerDeadlineMs ?? defaultAnswerDeadlineMs;
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
  const send = (dispatcher: Dispatcher, request: HttpRequest) =>
    exchangeOver(dispatcher, request, { clock, answerDeadlineMs, notConnected });
  let kept: { readonly origin: string; readonly pool: Pool } | undefined;
  const askHere = (request: HttpRequest): Promise<Exchange> | undefined => {
    const service = options.inProcess?.(request.origin);
    return service && exchangeWithin(service(request), clock, answerDeadlineMs);
  };

  return {
    exchange(request) {
      const here = askHere(request);
      if (here) return here;
      if (kept?.origin !== request.origin) {
        void kept?.pool.close();
        kept = { origin: request.origin, pool: watched(new Pool(request.origin, { ...settings, connections: 16 })) };
      }
      return send(kept.pool, request);
    },
    async exchangeAfresh(request) {
      const here = askHere(request);
      if (here) return here;
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

/** Holds an answer of this process to what one from elsewhere is held to. */
async function exchangeWithin(asked: Promise<Exchange>, clock: Clock, answerDeadlineMs: number): Promise<Exchange> {
  let cancelDeadline = (): void => {};
  const silence = new Promise<Exchange>((resolve) => {
    cancelDeadline = clock.at(new Date(clock.now().getTime() + answerDeadlineMs), () =>
      resolve(silentFor(answerDeadlineMs)),
    );
  });
  const exchange = await Promise.race([asked, silence]);
  cancelDeadline();
  const isTooLarge = exchange.kind === "answer" && Buffer.byteLength(exchange.text) > maxAnswerBytes;
  return isTooLarge ? { kind: "too_large", code: "UND_ERR_RES_EXCEEDED_MAX_SIZE" } : exchange;
}

function silentFor(ms: number): Exchange {
  return { kind: "silent", code: `no answer within ${ms / 1000} s` };
}

async function exchangeOver(
  dispatcher: Dispatcher,
  request: HttpRequest,
  parts: { readonly clock: Clock; readonly answerDeadlineMs: number; readonly notConnected: WeakSet<Error> },
): Promise<Exchange> {
  const { clock, answerDeadlineMs, notConnected } = parts;
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
    if (abort.signal.aborted) return silentFor(answerDeadlineMs);
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

/** Where the API is. `prefix` is what stands before every path of a route: empty, or `/…` without a slash at its end. */
export type BaseUrl = { readonly origin: string; readonly prefix: string };

/**
 * Reads a base URL. The keys go there, so it is https, or http to this machine. A trailing `/api` is dropped: routes
 * that have it say so themselves, and batch routes have none (C26). `advice` ends the refusal of another text.
 */
export function parseBaseUrl(text: string, advice = ""): BaseUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.username || url.password || url.search || url.hash)
    throw refused("It must look like https://api.example.com.", advice);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) {
    throw refused(
      `It is ${url.protocol}//${url.host}; the keys are sent only over https, or over http to this machine.`,
      advice,
    );
  }
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, "").replace(/\/api$/, "") };
}

function refused(reason: string, advice: string): Problem {
  const message = `The address of the API cannot be used; nothing was sent. ${reason} ${advice}`;
  return new Problem("unavailable", message.trimEnd());
}

export type Keys = { readonly apiKey: Secret; readonly apiSecret: Secret };

/** Both headers that every request carries. `advice` ends the refusal of keys that no header can carry. */
export function toKeyHeaders({ apiKey, apiSecret }: Keys, advice = ""): Record<string, string> {
  return { [headers.apiKey]: headerValue(apiKey, advice), [headers.apiSecret]: headerValue(apiSecret, advice) };
}

// Undici refuses such a value too, but in a way that looks like a connection that broke.
function headerValue(secret: Secret, advice: string): string {
  const value = secret.reveal();
  if (/^[\x21-\x7e]+$/.test(value)) return value;
  const message =
    "The API key or secret is empty or holds a space, a line break or another character that keys do not have.";
  throw new Problem("unauthorized", `${message} Nothing was sent. ${advice}`.trimEnd());
}

/** The text without the keys, should somebody else have written them into it. */
export function withoutKeys({ apiKey, apiSecret }: Keys, text: string): string {
  return [apiKey, apiSecret].reduce((clean, secret) => clean.replaceAll(secret.reveal(), String(secret)), text);
}

/** What the upstreams' answers showed, by origin: the self-started service can move, a hosted one does not. */
export class UpstreamFacts {
  /** Null: it answered, and named no environment. */
  readonly #named = new Map<string, string | null>();
  readonly #limits = new Map<string, { readonly text: string; readonly limits: CallLimits }>();

  note(origin: string, answer: HttpAnswer): void {
    const named = answer.headers[headers.environment];
    this.#noteLimits(origin, answer.headers[headers.callLimits]);
    if (named !== undefined) this.#named.set(origin, named);
    // Something in between can answer an error in the upstream's place, so only a success shows that it names none.
    else if (answer.status >= 200 && answer.status < 300) this.#named.set(origin, null);
  }

  /** They are told with every answer, and are nearly always the same. */
  #noteLimits(origin: string, text: string | undefined): void {
    if (text === undefined || this.#limits.get(origin)?.text === text) return;
    const limits = fromCallLimitsHeader(text);
    if (limits) this.#limits.set(origin, { text, limits });
  }

  /** Undefined until it answered. Only the word `simulated` makes it simulated. */
  environmentOf(origin: string): Environment | undefined {
    const named = this.#named.get(origin);
    if (named === undefined) return undefined;
    return named === "simulated" ? "simulated" : "live";
  }

  /** Undefined where it tells none. */
  limitsOf(origin: string): CallLimits | undefined {
    return this.#limits.get(origin)?.limits;
  }

  /** True when the header showed that it is our service, which offers the extensions. */
  isOurs(origin: string): boolean {
    return isEnvironment(this.#named.get(origin));
  }
}

/** True for what our service says; gateways of others use a header of that name for words of their own. */
export function isEnvironment(named: string | null | undefined): named is Environment {
  return named === "simulated" || named === "live";
}

/** The seconds of a `Retry-After` header; its other form, a date, depends on two clocks agreeing and is not read. */
export function retryAfterSeconds(headers: Readonly<Record<string, string>>): number | undefined {
  const text = headers["retry-after"]?.trim();
  return text && /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}
