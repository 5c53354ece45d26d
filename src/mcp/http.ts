import { AsyncLocalStorage } from "node:async_hooks";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { type Context, Hono } from "hono";
import { type Caller, callerKey, type Gate, type RequestBudget } from "../access/index.ts";
import { organizationOwner as owner } from "../domain/access.ts";
import { Problem } from "../domain/problem.ts";
import { isOnOtherMachines } from "../domain/public-url.ts";
import { isLoopback } from "../domain/secret.ts";
import { commandText } from "../lib/command-text.ts";
import { explainListenError, type HttpListener, listen, type NodeExchange } from "../lib/http-listen.ts";
import type { ResourceWatch } from "../resources/resource-watch.ts";
import { refuseUnread } from "./access.ts";
import { type Authorization, toAuthInfo } from "./authorization.ts";
import { createDownloadRoute } from "./download-route.ts";
import { FormStates } from "./form-state.ts";
import { createDirectDoor, originSeen } from "./http-direct.ts";
import { exchange, type ServeMcp } from "./http-exchange.ts";
import { fail, letPagesRead, protocolError, refuseForeignBrowsers } from "./http-guards.ts";
import { createHttpListening, isListening } from "./listening.ts";
import { buildPageHost, type PageHost } from "./page-host.ts";
import { answerPlainCall, plainlyCalled } from "./plain-call.ts";
import { findQuickWay, type QuickWay } from "./quick-way.ts";
import type { ServedNow, ServedTools } from "./served.ts";
import { buildResourceWatch, buildServerFactory } from "./server.ts";
import { StandingServer } from "./standing-server.ts";
import { createUploadRoute } from "./upload-route.ts";
import {
  letIn,
  type OpenOrganization,
  type OpenOrganizationOf,
  requireAccessAt,
  requireScopeAt,
  type Visit,
  type VisitEnv,
} from "./visit.ts";

// As the service's own limit: the largest legal batch is a body of 5.2 MB.
const maxRequestBodySize = 8 * 1024 * 1024;

export type HttpOptions = Omit<ServedTools, "makeContext"> & {
  readonly host: string;
  /** Address of `/mcp` as clients are given it; its host is one of the server's own names, and files are handed out under it. */
  readonly publicUrl?: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Tells who sends a request; on every address but loopback nobody gets in without a token. */
  readonly gate: Gate;
  readonly openOrganization: OpenOrganizationOf;
  /** Without, nobody has to wait. */
  readonly budget?: RequestBudget;
  /** What a client needs to get a token of an issuer; served and told of only where there is one. */
  readonly authorization?: Authorization;
  /**
   * Whether a form at the client counts as a person's answer. Whoever can reach the endpoint can say that it has forms and
   * fill them in by itself, so this is the operator's to allow, and takes a token. Not unless given.
   */
  readonly takesForms?: boolean;
  /** The page at `/`, with guards of its own; made of what a person who is in may ask of this server. */
  readonly buildPage?: (hostOf: (caller: Caller) => Promise<PageHost>) => Hono<{ Bindings: NodeExchange }>;
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
  const { app, takesFirst, endMcp } = buildApp(options, buildFactory);
  const listener = await listenOrExplain((request, exchange) => app.fetch(request, exchange), takesFirst, options);
  const close = async (): Promise<void> => {
    await endMcp();
    await listener.cut();
  };
  return { url: `${listener.origin}/mcp`, close };
}

type App = {
  readonly app: Hono<VisitEnv>;
  readonly takesFirst: (exchange: NodeExchange) => boolean;
  endMcp(): Promise<void>;
};

/** The request that is being handled. */
type Handled = ServedNow & { readonly message: unknown };

/** How often it is looked whether the token is still good behind a subscription that is open. */
const lookAgainMs = 5_000;

function buildApp(options: HttpOptions, buildFactory: typeof buildServerFactory): App {
  const { publicUrl, gate, openOrganization, budget, authorization, approvalPage, resources, log, version } = options;
  const onerror = (err: Error): void => log.info({ err }, "an MCP request went wrong");
  const handling = new AsyncLocalStorage<Handled>();
  const handled = (): Handled => {
    const found = handling.getStore();
    if (!found) throw new Error("A server was asked for outside of a request");
    return found;
  };
  const watchOf = createWatches(resources);
  const forms = new FormStates();
  const bus = createHttpListening(handled);
  const factory = buildFactory(options, handled);
  const handler = createMcpHandler(factory, { maxRequestBodySize, onerror, bus });
  const takesForms = options.takesForms ?? false;
  const publicOrigin = publicUrl === undefined ? undefined : new URL(publicUrl).origin;
  const nowOf = ({ caller, organization, makeContext }: Visit, seen: string): ServedNow => ({
    caller: { principal: caller.principal, owner, access: caller.access, takesForms, readsRoots: false },
    makeContext,
    watch: watchOf(organization),
    forms,
    callerKey: callerKey(caller),
    origin: publicOrigin ?? seen,
  });
  const serveMcp = async (visit: Visit, request: Request): Promise<Response> => {
    const { caller } = visit;
    const { access } = caller;
    const now = nowOf(visit, originSeen(new URL(request.url).host, request.headers));
    const authInfo = toAuthInfo(caller, authorization);
    const serve: ServeMcp = (passed, given) => {
      const message = given?.parsedBody;
      const lasting = isListening(message) ? whileGood(passed, caller, options) : passed;
      return handling.run({ ...now, message }, () => handler.fetch(lasting, { ...given, ...authInfo }));
    };
    return exchange(request, serve, maxRequestBodySize, (message) => refuseUnread(message, access));
  };
  const hostOf = async (caller: Caller): Promise<PageHost> => {
    const organization = await openOrganization(caller);
    const { makeContext, audit } = organization;
    const parts = { ...options, makeContext, watch: watchOf(organization), ...(audit && { audit }) };
    return buildPageHost({ ...parts, caller: { ...caller, owner } });
  };

  const app = new Hono<VisitEnv>();
  const told = authorization ? { resourceMetadataUrl: authorization.metadataUrl } : {};
  const door = { gate, openOrganization, challenge: told, ...(budget && { budget }) };
  const standing = createStandingServers(factory, onerror);
  const toolsByName = new Map(options.tools.map((tool) => [tool.name, tool]));
  const direct = createDirectDoor({
    ...options,
    door,
    maxBytes: maxRequestBodySize,
    find: (message, headers, { caller }) =>
      findQuickWay(message, headers, toolsByName, toAuthInfo(caller, authorization).authInfo && caller.access),
    async ask({ kind, request }, visit, origin, asker) {
      const now = nowOf(visit, origin);
      const tool = kind === "legacy" ? plainlyCalled(request, toolsByName) : undefined;
      if (tool) return answerPlainCall(tool, request, now, asker, log);
      const server = await standing.get(kind, visit.organization);
      return handling.run({ ...now, message: request }, () => server.ask(request, asker));
    },
    serve: serveMcp,
    onError: (error) => onerror(error instanceof Error ? error : new Error(String(error))),
  });
  if (authorization) app.route("/.well-known/oauth-protected-resource", authorization.routes);
  if (approvalPage) app.route("/approve", approvalPage);
  if (options.buildPage) app.route("/", options.buildPage(hostOf));
  app.use(...refuseForeignBrowsers(options), letPagesRead);
  app.get("/mcp", (context, next) =>
    isReadByPerson(context) ? context.html(forClients, 405, { Allow: "POST" }) : next(),
  );
  for (const path of ["/mcp", "/uploads", "/downloads/*"]) app.use(path, letIn(door));
  app.use("/uploads", requireScopeAt("operate", told), requireAccessAt("keeps_list"));
  app.use("/downloads/*", requireScopeAt("read", told));
  app.post("/mcp", (context) => serveMcp(context.get("visit"), context.req.raw));
  app.all("/mcp", (context) => fail(context, 405, "Only POST is served here: there are no sessions.", "POST"));
  app.route("/uploads", createUploadRoute());
  app.route("/downloads", createDownloadRoute());
  app.get("/healthz", (context) => context.json({ status: "ok", service: "batch-call-mcp", version }));
  app.all("/healthz", (context) => fail(context, 405, "Only GET is served here.", "GET"));
  app.notFound((context) => fail(context, 404, "Nothing is served at this path. MCP is at /mcp."));
  app.onError((error, context) => {
    onerror(error);
    return fail(context, 500, "The server failed. Its log says why.");
  });
  const endMcp = async (): Promise<void> => {
    direct.close();
    await handler.close();
  };
  return { app, takesFirst: direct.takesFirst, endMcp };
}

type Kind = Exclude<QuickWay, { kind: "accepted" }>["kind"];

/**
 * The servers that last: for what callers ask one of each era for each organization, as long as that is open, so that nothing that a server
 * holds is ever of two; and one for all that says nothing but what this server is.
 */
function createStandingServers(factory: ReturnType<typeof buildServerFactory>, onerror: (error: Error) => void) {
  const known = new WeakMap<object, Map<Kind, Promise<StandingServer>>>();
  const open = (kind: Kind): Promise<StandingServer> => {
    const era = kind === "modern" ? "modern" : "legacy";
    const server = factory({ era, requestInfo: new Request("http://localhost/mcp") });
    server.server.onerror = onerror;
    return StandingServer.open(server, era);
  };
  const everybody = {};
  return {
    get(kind: Kind, organization: OpenOrganization): Promise<StandingServer> {
      const whose = kind === "initialize" ? everybody : organization;
      const servers = known.get(whose) ?? new Map<Kind, Promise<StandingServer>>();
      const server = servers.get(kind) ?? open(kind);
      known.set(whose, servers.set(kind, server));
      return server;
    },
  };
}

/** One for what is read alike, for as long as its organization is open. */
function createWatches(resources: ServedTools["resources"]) {
  const known = new WeakMap<OpenOrganization, ResourceWatch>();
  return (organization: OpenOrganization): ResourceWatch => {
    const { makeContext } = organization;
    const watch =
      known.get(organization) ?? buildResourceWatch({ resources, makeContext }, { principal: "watch", owner });
    known.set(organization, watch);
    return watch;
  };
}

/** The request, ended too when its caller's token is not good any more. */
function whileGood(request: Request, caller: Caller, { gate, openOrganization }: HttpOptions): Request {
  const end = new AbortController();
  const timer = setInterval(() => {
    if (request.signal.aborted || !gate.isGood(caller)) end.abort();
    // Shows that it is in use.
    else openOrganization(caller).catch(() => end.abort());
  }, lookAgainMs);
  timer.unref();
  const signal = AbortSignal.any([request.signal, end.signal]);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  return new Request(request, { signal });
}

/** A browser asks for HTML first; no client of MCP does. */
function isReadByPerson({ req }: Context): boolean {
  return req.header("accept")?.startsWith("text/html") ?? false;
}

const forClients = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Batch calls</title>
<p>This is the address for MCP clients. The page for people is at <a href="/">/</a>.</p></html>`;

function refuseOpenDoor({ host, publicUrl, gate }: HttpOptions): void {
  const isPublic = isOnOtherMachines(publicUrl);
  if (!gate.isOpen() || (isLoopback(host) && !isPublic)) return;
  const [what, instead] = isLoopback(host)
    ? [`BATCH_CALL_HTTP_PUBLIC_URL is ${publicUrl}`, "leave the public URL out"]
    : [`BATCH_CALL_HTTP_HOST is ${host}`, "leave the host at 127.0.0.1"];
  throw new Problem(
    "invalid_input",
    `${what}, which other machines can reach, and nobody needs a token. Nothing was started. ` +
      `Make one with \`${commandText("token add NAME")}\`, set BATCH_CALL_HTTP_TOKEN or BATCH_CALL_OIDC_ISSUER, or ${instead}.`,
  );
}

function refuseOpenForms({ takesForms, gate }: HttpOptions): void {
  if (!takesForms || !gate.isOpen()) return;
  throw new Problem(
    "invalid_input",
    "BATCH_CALL_APPROVAL is form, and BATCH_CALL_HTTP_TOKEN is not set nor any other token made: whoever reaches this server could answer for a person. Nothing was started. " +
      "Set BATCH_CALL_HTTP_TOKEN, or BATCH_CALL_APPROVAL=auto.",
  );
}

async function listenOrExplain(
  fetch: (request: Request, exchange: NodeExchange) => Response | Promise<Response>,
  takesFirst: App["takesFirst"],
  { host, port }: HttpOptions,
): Promise<HttpListener> {
  const badRequest = protocolError("This is not a valid HTTP/1.1 request.");
  try {
    return await listen(fetch, { host, port, badRequest, takesFirst });
  } catch (cause) {
    const why = explainListenError(cause, "BATCH_CALL_HTTP");
    throw new Problem("unavailable", `Cannot listen on ${host}, port ${port}: ${why}`, { cause });
  }
}
