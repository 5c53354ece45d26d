import { request as nodeRequest } from "node:http";
import { type OneOrganization, serveOne } from "../support/http/serve-one.ts";
import { serveExamples } from "./example-tools.ts";
import { enveloped, headersFor, type Message, statelessRevision } from "./wire.ts";

export const token = "correct-horse-battery-staple";
const closers: (() => Promise<void>)[] = [];

/** To be run after each test; the latest first, so that clients go before their servers. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

export function closeLater(close: () => Promise<void>): void {
  closers.push(close);
}

/** Serves the example tools on a free port and answers the endpoint. */
export async function start(overrides: Partial<OneOrganization> = {}): Promise<string> {
  const server = await serveOne({ ...serveExamples(), host: "127.0.0.1", port: 0, ...overrides });
  closeLater(() => server.close());
  return server.url;
}

export function post(
  url: string,
  message: Message,
  revision: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  const body = JSON.stringify(revision === statelessRevision ? enveloped(message) : message);
  return fetch(url, { method: "POST", body, headers: { ...headersFor(message, revision), ...headers } });
}

/** Sends headers that `fetch` would not let through. */
export function statusWith(url: string, headers: Record<string, string>, method = "POST"): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = nodeRequest(url, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on("error", reject).end();
  });
}
