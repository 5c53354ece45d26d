import { createMcpHandler } from "@modelcontextprotocol/server";
import { type Context, Hono } from "hono";
import { Problem } from "../domain/problem.ts";
import { isLoopback } from "../domain/secret.ts";
import { explainListenError, type HttpListener, listen, type NodeExchange } from "../lib/http-listen.ts";
import { createDownloadRoute, type TakeDownload } from "./download-route.ts";
import { exchange, type ServeMcp } from "./http-exchange.ts";
import { fail, letPagesRead, protocolError, refuseForeignBrowsers, requireToken } from "./http-guards.ts";
import { createHttpListening } from "./listening.ts";
import { buildPageHost, type PageHost } from "./page-host.ts";
import { buildResourceWatch, buildServerFactory, type ServedTools } from "./server.ts";
import { createUploadRoute, type KeepUpload } from "./upload-route.ts";

// As the service's own limit: the largest legal batch is a body of 5.2 MB.
const maxRequestBodySize = 8 * 1024 * 1024;

export type HttpOptions = ServedTools & {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** What clients must send as a bearer token; needed on every address but loopback. */
  readonly token?: string;
  /**
   * Whether a form at the client counts as a person's answer. Whoever can reach the endpoint can say that it has forms and
   * fill them in by itself, so this is the operator's to allow, and takes a token. Not unless given.
   */
  readonly takesForms?: boolean;
  /** Takes lists that clients send to `/uploads`; nothing is served there without it. */
  readonly keepUpload?: KeepUpload;
  /** Hands out files at `/downloads`; nothing is served there without it. */
  readonly takeDownload?: TakeDownload;
  /** The page at `/`, with guards of its own; made of what it may ask of this server. */
  readonly buildPage?: (host: PageHost) => Hono;
  /** Served at `/approve` beside MCP, with guards of its own. */
  readonly approvalPage?: Hono;
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
export async function createHttpServer(
  options: HttpOptions,
  buildFactory: typeof buildServerFactory = buildServerFactory,
): Promise<RunningHttpServer> {
  refuseOpenDoor(options);
  refuseOpenForms(options);
  const { app, endMcp } = buildApp(options, buildFactory);
  const listener = await listenOrExplain((request, exchange) => app.fetch(request, exchange), options);
  const close = async (): Promise<void> => {
    await endMcp();
    await listener.cut();
  };
  return { url: `${listener.origin}/mcp`, close };
}

type App = { readonly app: Hono<{ Bindings: NodeExchange }>; endMcp(): Promise<void> };

function buildApp(options: HttpOptions, buildFactory: typeof buildServerFactory): App {
  const { host, token, approvalPage, keepUpload, takeDownload, log, version } = options;
  const onerror = (err: Error): void => log.info({ err }, "an MCP request went wrong");
  const caller = { principal: token ? "http" : "local", takesForms: options.takesForms ?? false, readsRoots: false };
  const watch = buildResourceWatch(options, caller);
  const { bus, run } = createHttpListening(watch);
  const handler = createMcpHandler(buildFactory(options, caller, watch), { maxRequestBodySize, onerror, bus });
  const serveMcp: ServeMcp = (request, given) => run(given?.parsedBody, () => handler.fetch(request, given));

  const app = new Hono<{ Bindings: NodeExchange }>();
  if (approvalPage) app.route("/approve", approvalPage);
  if (options.buildPage) app.route("/", options.buildPage(buildPageHost(options, caller.principal, watch)));
  app.use(...refuseForeignBrowsers(host), letPagesRead);
  app.get("/mcp", (context, next) =>
    isReadByPerson(context) ? context.html(forClients, 405, { Allow: "POST" }) : next(),
  );
  if (token) for (const path of ["/mcp", "/uploads", "/downloads/*"]) app.use(path, requireToken(token));
  app.post("/mcp", (context) => exchange(context.req.raw, serveMcp, maxRequestBodySize));
  app.all("/mcp", (context) => fail(context, 405, "Only POST is served here: there are no sessions.", "POST"));
  if (keepUpload) app.route("/uploads", createUploadRoute(keepUpload, caller.principal));
  if (takeDownload) app.route("/downloads", createDownloadRoute(takeDownload, caller.principal));
  app.get("/healthz", (context) => context.json({ status: "ok", service: "batch-call-mcp", version }));
  app.all("/healthz", (context) => fail(context, 405, "Only GET is served here.", "GET"));
  app.notFound((context) => fail(context, 404, "Nothing is served at this path. MCP is at /mcp."));
  app.onError((error, context) => {
    onerror(error);
    return fail(context, 500, "The server failed. Its log says why.");
  });
  return { app, endMcp: () => handler.close() };
}

/** A browser asks for HTML first; no client of MCP does. */
function isReadByPerson({ req }: Context): boolean {
  return req.header("accept")?.startsWith("text/html") ?? false;
}

const forClients = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Batch calls</title>
<p>This is the address for MCP clients. The page for people is at <a href="/">/</a>.</p></html>`;

function refuseOpenDoor({ host, token }: HttpOptions): void {
  if (token || isLoopback(host)) return;
  throw new Problem(
    "invalid_input",
    `BATCH_CALL_HTTP_HOST is ${host}, which other machines can reach, and BATCH_CALL_HTTP_TOKEN is not set. Nothing was started. ` +
      "Set BATCH_CALL_HTTP_TOKEN, or leave the host at 127.0.0.1.",
  );
}

function refuseOpenForms({ takesForms, token }: HttpOptions): void {
  if (!takesForms || token) return;
  throw new Problem(
    "invalid_input",
    "BATCH_CALL_APPROVAL is form, and BATCH_CALL_HTTP_TOKEN is not set: whoever reaches this server could answer for a person. Nothing was started. " +
      "Set BATCH_CALL_HTTP_TOKEN, or BATCH_CALL_APPROVAL=auto.",
  );
}

async function listenOrExplain(
  fetch: (request: Request, exchange: NodeExchange) => Response | Promise<Response>,
  { host, port }: HttpOptions,
): Promise<HttpListener> {
  const badRequest = protocolError("This is not a valid HTTP/1.1 request.");
  try {
    return await listen(fetch, { host, port, badRequest });
  } catch (cause) {
    const why = explainListenError(cause, "BATCH_CALL_HTTP");
    throw new Problem("unavailable", `Cannot listen on ${host}, port ${port}: ${why}`, { cause });
  }
}
