import type { Secret } from "../../../domain/secret.ts";
import type { Connections, Exchange, HttpRequest } from "../../../lib/http-exchange.ts";
import { packageVersion } from "../../../lib/version.ts";
import { jsonOf } from "./answers.ts";
import type { Ask, Platform, PlatformAnswer, PlatformRequest } from "./platform.ts";

export type PlatformAccess = {
  readonly platform: Platform;
  /** Https, or http to this machine. */
  readonly baseUrl: string;
  readonly key: Secret;
  /** What the platform signs notices with: absent where none is set, and then no notice is genuine. */
  readonly noticeKey?: Secret;
  /** Where the platform reaches this service with notices, told with each call where that can be. */
  readonly noticeUrl?: string;
  /** Without repeats and redirects, each request with one deadline of 25 s. Closed with the carrier. */
  readonly connections: Connections;
};

/** What became of the request that makes a phone ring. `not_sent`: the connection was never made, so nothing of it left. */
export type Placed =
  | { readonly kind: "answer"; readonly answer: PlatformAnswer }
  | { readonly kind: "not_sent" | "no_answer"; readonly why: string };

/** Requests to one account of a platform. */
export type PlatformHttp = {
  readonly ask: Ask;
  /** Sends it once, on a connection of its own: one that was kept open can be closing just then. */
  place(request: PlatformRequest): Promise<Placed>;
};

export function openPlatformHttp({ platform, baseUrl, key, connections }: PlatformAccess): PlatformHttp {
  const base = new URL(baseUrl);
  const prefix = `${base.pathname.replace(/\/+$/, "")}${platform.accountPath?.(key) ?? ""}`;

  function toHttp({ method, path, ...request }: PlatformRequest): HttpRequest {
    const content = contentOf(request);
    const headers = {
      accept: "application/json",
      "user-agent": `batch-call-mcp/${packageVersion}`,
      ...(content && { "content-type": content.type }),
      ...platform.keyHeaders(key),
    };
    return {
      origin: base.origin,
      method,
      path: `${prefix}${path}`,
      headers,
      ...(content && { body: content.text }),
    };
  }

  return {
    async ask(request) {
      const exchange = await connections.exchange(toHttp(request));
      if (exchange.kind !== "answer") throw new Error(`${platform.name} did not answer (${exchange.code})`);
      return toAnswer(exchange);
    },
    async place(request) {
      const exchange = await connections.exchangeAfresh(toHttp(request));
      if (exchange.kind === "answer") return { kind: "answer", answer: toAnswer(exchange) };
      const why = `${platform.name} did not answer (${exchange.code})`;
      return { kind: exchange.kind === "not_connected" ? "not_sent" : "no_answer", why };
    },
  };
}

function contentOf({ body, form }: Pick<PlatformRequest, "body" | "form">) {
  if (form) {
    const fields = new URLSearchParams(form.map(([name, value]): [string, string] => [name, value]));
    return { type: "application/x-www-form-urlencoded", text: fields.toString() };
  }
  return body === undefined ? undefined : { type: "application/json", text: JSON.stringify(body) };
}

function toAnswer({ status, headers, text }: Extract<Exchange, { kind: "answer" }>): PlatformAnswer {
  const seconds = headers["retry-after"]?.trim() ?? "";
  return { status, body: jsonOf(text), ...(/^\d{1,6}$/.test(seconds) && { retryAfterSeconds: Number(seconds) }) };
}
