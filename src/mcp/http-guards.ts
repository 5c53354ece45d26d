import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isIPv6 } from "node:net";
import { hostHeaderValidation, originValidation } from "@modelcontextprotocol/node";
import { localhostAllowedHostnames } from "@modelcontextprotocol/server";

/** Looks at a request's head. False when the request may not go on; it is then answered already. */
export type Guard = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * Keeps pages in a browser on this machine from reaching the server, directly or by DNS rebinding: a foreign `Origin`
 * gets 403, and on loopback a foreign `Host` does too. Elsewhere the names that lead here are unknown, and there is
 * always a token, which such a page does not have.
 */
export function buildBrowserGuards(host: string): readonly Guard[] {
  const names = [...localhostAllowedHostnames(), isIPv6(host) ? `[${host}]` : host];
  const origin = originValidation(names);
  return isLoopback(host) ? [hostHeaderValidation(names), origin] : [origin];
}

/** Lets through who sends the token. No OAuth metadata is served: clients that find some ignore a token they were given. */
export function buildTokenGuard(token: string): Guard {
  const expected = digest(token);
  return (request, response) => {
    const given = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? "")?.[1];
    // Equal lengths, so that the comparison takes the same time for every wrong token.
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return true;
    const problem = given === undefined ? "" : ', error="invalid_token"';
    answerError(
      response,
      401,
      "A bearer token is needed: Authorization: Bearer <BATCH_CALL_HTTP_TOKEN of this server>.",
      {
        "WWW-Authenticate": `Bearer realm="batch-call-mcp"${problem}`,
      },
    );
    return false;
  };
}

/** Whether only programs on this machine can reach a server that listens there. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** An error before or outside the protocol, in the form that its clients parse anyway. */
export function answerError(
  response: ServerResponse,
  status: number,
  message: string,
  headers: Record<string, string> = {},
): void {
  answerJson(response, status, { jsonrpc: "2.0", error: { code: -32000, message }, id: null }, headers);
}

export function answerJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
