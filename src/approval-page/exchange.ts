import type { IncomingMessage, ServerResponse } from "node:http";
import type { Log } from "../lib/log.ts";
import { documentPolicy } from "./document.ts";
import type { Html } from "./html.ts";

const longestBody = 4096;

const alwaysSent = {
  "Cache-Control": "no-store",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** The whole document, or a view that its script puts into it. */
export function sendHtml(
  response: ServerResponse,
  status: number,
  content: string | Html,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = typeof content === "string" ? content : content.text;
  const type = "text/html; charset=utf-8";
  response.writeHead(status, {
    "Content-Type": type,
    "Content-Security-Policy": documentPolicy,
    ...alwaysSent,
    ...headers,
  });
  response.end(text);
}

/** Says no before anything was looked at. No HTML, so that the page shows words of its own. */
export function sendRefusal(response: ServerResponse, status: number, reason: string): void {
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", ...alwaysSent });
  response.end(reason);
}

/** The fields of a form as the page posts it; undefined when it is larger than any answer. */
export async function readFields(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    // Read to its end all the same: a request that is left unread takes the connection with it, and the answer too.
    if (size <= longestBody) chunks.push(bytes);
  }
  return size > longestBody ? undefined : new URLSearchParams(Buffer.concat(chunks).toString("utf8"));
}

/**
 * True when the page that sends this was loaded from this server. Browsers name the origin with every POST and let no
 * page forge it; whoever names none is no browser, and so is not needed here.
 */
export function isFromOwnPage({ headers }: IncomingMessage): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin") return false;
  const { origin, host } = headers;
  return origin !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** A listener for a server that goes on when a request fails: it is logged and answered with 500. */
export function guarded(
  serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  log: Log,
): Listener {
  return (request, response) => {
    serve(request, response).catch((err: unknown) => {
      log.error({ err }, "the approval page failed");
      if (!response.headersSent) sendRefusal(response, 500, "The program failed.");
    });
  };
}
