import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { isIPv6 } from "node:net";
import { type NodeIncomingMessageLike, toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { Problem } from "../domain/problem.ts";
import { answerError, answerJson, buildBrowserGuards, buildTokenGuard, isLoopback } from "./http-guards.ts";
import { buildServerFactory, type ServedTools } from "./server.ts";

// As the service's own limit: the largest legal batch is a body of 5.2 MB.
const maxRequestBodySize = 8 * 1024 * 1024;

export type HttpOptions = ServedTools & {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** What clients must send as a bearer token; needed on every address but loopback. */
  readonly token?: string;
  /** Serves a page of its own beside MCP, with guards of its own. True when the request was for it, and is answered. */
  readonly beside?: (request: IncomingMessage, response: ServerResponse) => boolean;
};

export type RunningHttpServer = {
  /** The endpoint that clients are given, path included. */
  readonly url: string;
  /** Stops listening and ends every connection; calls in progress are aborted. */
  close(): Promise<void>;
};

/**
 * Serves MCP over Streamable HTTP at `/mcp`, every protocol revision, without sessions. Throws `invalid_input` when it
 * would be open to other machines without a token, `unavailable` when it cannot listen; both name the setting.
 */
export async function createHttpServer(options: HttpOptions): Promise<RunningHttpServer> {
  refuseOpenDoor(options);
  const serveMcp = buildMcpEndpoint(options);
  const health = { status: "ok", service: "batch-call-mcp", version: options.version };
  const browserGuards = buildBrowserGuards(options.host);

  const server = createServer((request, response) => {
    if (options.beside?.(request, response)) return;
    if (!browserGuards.every((guard) => guard(request, response))) return;
    const [path] = (request.url ?? "/").split("?");
    if (path === "/mcp") return serveMcp(request, response);
    if (path === "/healthz" && request.method === "GET") return answerJson(response, 200, health);
    if (path === "/healthz") return answerError(response, 405, "Only GET is served here.", { Allow: "GET" });
    answerError(response, 404, "Nothing is served at this path. MCP is at /mcp.");
  });
  const port = await listen(server, options);
  return {
    url: `http://${isIPv6(options.host) ? `[${options.host}]` : options.host}:${port}/mcp`,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function buildMcpEndpoint(options: HttpOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const onerror = (err: Error): void => options.log.info({ err }, "an MCP request went wrong");
  const limits = { maxRequestBodySize, onerror };
  const handler = createMcpHandler(buildServerFactory(options, options.token ? "http" : "local"), limits);
  const answer = toNodeHandler(handler, limits);
  const mayPass = options.token ? buildTokenGuard(options.token) : () => true;
  return (request, response) => {
    if (!mayPass(request, response)) return;
    if (request.method === "POST") return void answer(forAdapter(request), response).catch(onerror);
    answerError(response, 405, "Only POST is served here: there are no sessions.", { Allow: "POST" });
  };
}

/** Safe: the adapter itself expects `method` and `url` to be undefined at times; only its type does not say so. */
function forAdapter(request: IncomingMessage): NodeIncomingMessageLike {
  return request as NodeIncomingMessageLike;
}

function refuseOpenDoor({ host, token }: HttpOptions): void {
  if (token || isLoopback(host)) return;
  throw new Problem(
    "invalid_input",
    `BATCH_CALL_HTTP_HOST is ${host}, which other machines can reach, and BATCH_CALL_HTTP_TOKEN is not set. Nothing was started. ` +
      "Set BATCH_CALL_HTTP_TOKEN, or leave the host at 127.0.0.1.",
  );
}

/** Resolves with the port once the server accepts connections. */
async function listen(server: Server, { host, port }: HttpOptions): Promise<number> {
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (cause) {
    throw new Problem("unavailable", `Cannot listen on ${host}, port ${port}: ${whyNot(cause)}`, { cause });
  }
  const address = server.address();
  return typeof address === "object" && address ? address.port : port;
}

function whyNot(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "EADDRINUSE")
    return "another program listens there. Stop it, or set BATCH_CALL_HTTP_PORT to another port.";
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return "this machine has no such address. Set BATCH_CALL_HTTP_HOST to one that it has.";
  if (code === "EACCES") return "the system does not allow it. Set BATCH_CALL_HTTP_PORT to a port above 1023.";
  return "the system refused it. Set BATCH_CALL_HTTP_HOST and BATCH_CALL_HTTP_PORT to an address of this machine and a free port.";
}
