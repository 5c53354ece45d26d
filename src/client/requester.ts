import { isFailureBody } from "../contract/envelope.ts";
import type { Route } from "../contract/routes.ts";
import { type Clock, sleep } from "../lib/clock.ts";
import type { Connections, Exchange, HttpAnswer } from "../lib/http-exchange.ts";
import type { Log } from "../lib/log.ts";
import { hearer } from "../lib/notices.ts";
import { type BaseUrl, type Keys, parseBaseUrl, retryAfterSeconds, toKeyHeaders, withoutKeys } from "./connection.ts";
import { type Asked, type Kind, misunderstood, type SettingAdvice, toProblem } from "./refusals.ts";

/** One request to one route, and how to read the answer. */
type ApiRequest<T> = {
  readonly route: Route;
  /** The route's pattern with its ids filled in. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Returns undefined when the body is not what the route gives. No body at all is undefined too. */
  readonly parse: (body: unknown) => T | undefined;
};

export type ApiWrite<T> = ApiRequest<T> & { readonly ifUnknown: string };

/** The one way to the API: keys, deadlines, repeats and failures in one place. Both throw a `Problem`. */
export type Requester = {
  baseUrl(): Promise<BaseUrl>;
  /** Repeated when it fails in a way that may pass. */
  read<T>(request: ApiRequest<T>): Promise<T>;
  /** Sent once: repeated only while it provably was not sent at all. */
  write<T>(request: ApiWrite<T>): Promise<T>;
};

type RequesterOptions = Keys & {
  /** Asked before each attempt: the self-started service can move to another port. */
  readonly baseUrl: () => Promise<string>;
  readonly connections: Connections;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  readonly advice?: SettingAdvice;
  /** Told of every answer. */
  readonly onAnswer: (origin: string, answer: HttpAnswer) => void;
};

export function createRequester(options: RequesterOptions): Requester {
  let parsed: { readonly text: string; readonly url: BaseUrl } | undefined;
  const baseUrl = async () => {
    const text = await options.baseUrl();
    if (parsed?.text !== text) parsed = { text, url: parseBaseUrl(text, options.advice?.address) };
    return parsed.url;
  };

  let keyHeaders: Readonly<Record<string, string>> | undefined;
  const toHeaders = () => {
    keyHeaders ??= toKeyHeaders(options, options.advice?.keys);
    return keyHeaders;
  };

  async function perform<T>(request: ApiRequest<T>, kind: Kind): Promise<T> {
    const { origin, exchange } = await exchangeUntilSettled(request, kind.effect);
    const redact = (text: string) => withoutKeys(options, text);
    const { advice } = options;
    const asked: Asked = { ...kind, isExtension: request.route.isExtension, origin, redact, advice };
    if (exchange.kind !== "answer") throw toProblem(exchange, undefined, asked);
    const body = readJson(exchange.text);
    if (exchange.status < 200 || exchange.status > 299) throw toProblem(exchange, body, asked);
    // An error that came with a 2xx (C5) is the refusal that the pages print no code for.
    if (isFailureBody(body)) throw toProblem({ ...exchange, status: 400 }, body, asked);
    const value = body === notJson ? undefined : request.parse(body);
    if (value === undefined) throw misunderstood(`The API's answer (${exchange.status}) cannot be understood.`, asked);
    return value;
  }

  async function exchangeUntilSettled(request: ApiRequest<unknown>, effect: Kind["effect"]) {
    const { clock, random, log } = options;
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const startedAt = clock.now().getTime();
    let isGone = false;
    for (let repeats = 0; ; ) {
      const { origin, prefix } = await baseUrl();
      const stopTelling = tellIfSlow(request.route, clock);
      const exchange = await attempt(request, effect, { origin, prefix }, body).finally(stopTelling);
      const elapsedMs = clock.now().getTime() - startedAt;
      const waitMs = waitBeforeRepeat(exchange, { effect, repeats, elapsedMs }, random());
      log.debug(
        { ...factsOf(exchange), method: request.route.method, route: request.route.pattern, elapsedMs, waitMs },
        "asked the API",
      );
      if (waitMs === undefined) return { origin, exchange };
      // While a service restarts it is looked for several times a second.
      if (exchange.kind !== "not_connected" || !isGone) tellOfRepeat(exchange, request.route, waitMs);
      isGone = exchange.kind === "not_connected";
      if (exchange.kind !== "not_connected") repeats++;
      await sleep(clock, waitMs);
    }
  }

  async function attempt(
    request: ApiRequest<unknown>,
    effect: Kind["effect"],
    base: BaseUrl,
    body: string | undefined,
  ): Promise<Exchange> {
    const query = request.query ? `?${new URLSearchParams(request.query)}` : "";
    const http = {
      origin: base.origin,
      method: request.route.method,
      path: `${base.prefix}${request.path}${query}`,
      headers: {
        ...toHeaders(),
        accept: "application/json",
        ...(body !== undefined && jsonContent),
        ...request.headers,
      },
      ...(body !== undefined && { body }),
    };
    const exchange = await (effect === "reads"
      ? options.connections.exchange(http)
      : options.connections.exchangeAfresh(http));
    if (exchange.kind === "answer") options.onAnswer(base.origin, exchange);
    return exchange;
  }

  return {
    baseUrl,
    read: (request) => perform(request, { effect: "reads" }),
    write: (request) => perform(request, { effect: "writes", ifUnknown: request.ifUnknown }),
  };
}

const jsonContent = { "content-type": "application/json" };
const notJson = Symbol("text that is not JSON");

/** Undefined for an empty body, as a 204 has it. */
function readJson(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return notJson;
  }
}

const slowMs = 3_000;

/**
 * Tells whoever waits that the API takes long: once as a notice, and as long as it goes on as progress, so that a client that
 * gives up on silence does not. Returns what ends that.
 */
function tellIfSlow({ method, pattern }: Route, clock: Clock): () => void {
  const heardBy = hearer();
  if (!heardBy) return () => {};
  const startMs = clock.now().getTime();
  let stop = (): void => {};
  const tellAfter = (ms: number): void => {
    stop = clock.at(new Date(startMs + ms), () => {
      const message = `The API has not answered ${method} ${pattern} for ${ms / 1000} s; it is still waited for.`;
      if (ms === slowMs) heardBy.tell("notice", message);
      heardBy.tellWait?.(message);
      tellAfter(ms + slowMs);
    });
  };
  tellAfter(slowMs);
  return () => stop();
}

function tellOfRepeat(exchange: Exchange, { method, pattern }: Route, waitMs: number): void {
  const failure = exchange.kind === "answer" ? `answered ${exchange.status} to` : failureWords[exchange.kind];
  const wait = waitMs < 1000 ? "at once" : `in ${Math.round(waitMs / 1000)} s`;
  const message = `The API ${failure} ${method} ${pattern}; it is asked again ${wait}.`;
  hearer()?.tell("warning", message);
  hearer()?.tellWait?.(message);
}

const failureWords: Readonly<Record<Exclude<Exchange["kind"], "answer">, string>> = {
  not_connected: "could not be reached for",
  silent: "did not answer",
  broken: "broke off its answer to",
  too_large: "gave too long an answer to",
};

function factsOf(exchange: Exchange): object {
  return exchange.kind === "answer" ? { status: exchange.status } : { failure: exchange.kind, code: exchange.code };
}

type Progress = {
  /** Whether the request changes something at the API. */
  readonly effect: "reads" | "writes";
  /** Repeats so far of a request that was sent. */
  readonly repeats: number;
  /** Since the first attempt. */
  readonly elapsedMs: number;
};

/** How long a service that restarts on this machine may be gone. */
const bridgedMs = 3_000;
const maxRepeats = 3;
const longestWaitMs = 10_000;
const passingStatuses = new Set([408, 429, 500, 502, 503, 504]);

/**
 * How long to wait before the same request is sent again; undefined when it is not. A request that was never sent is
 * repeated whatever it does. One that was sent is repeated only when it reads, three times at most, and not after
 * silence: whoever asked has waited long enough. `random` is in [0, 1).
 */
function waitBeforeRepeat(exchange: Exchange, progress: Progress, random: number): number | undefined {
  if (exchange.kind === "not_connected") return progress.elapsedMs < bridgedMs ? 100 + 100 * random : undefined;
  if (progress.effect === "writes" || progress.repeats >= maxRepeats) return undefined;
  if (exchange.kind === "broken") return backOffMs(progress.repeats, random);
  if (exchange.kind !== "answer" || !passingStatuses.has(exchange.status)) return undefined;
  const askedMs = retryAfterSeconds(exchange.headers);
  if (askedMs === undefined) return backOffMs(progress.repeats, random);
  return askedMs * 1000 <= longestWaitMs ? askedMs * 1000 + 100 * random : undefined;
}

function backOffMs(repeats: number, random: number): number {
  const longest = 500 * 2 ** repeats;
  return longest / 2 + (longest / 2) * random;
}
