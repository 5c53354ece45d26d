import { randomUUID } from "node:crypto";
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { toCallLimitsHeader } from "../../contract/call-limits.ts";
import { type FailureBody, toFailureBody } from "../../contract/envelope.ts";
import { storableText } from "../../contract/fields.ts";
import { headers } from "../../contract/routes.ts";
import type { CallLimits } from "../../domain/batch/call-limits.ts";
import type { Log } from "../../lib/log.ts";
import { explainStorageError } from "../../lib/sqlite.ts";
import type { Keyring } from "../accounts/index.ts";
import { Refusal } from "../batches/index.ts";
import type { CallNotices, CallReports } from "../dialing/index.ts";
import { StoreUnavailable } from "../store/index.ts";
import { parseBody, readText, retryLater } from "./exchange.ts";
import { documentInfo, registerComponents } from "./openapi.ts";
import type { MonitorParts, RestEndpoint, ServiceParts } from "./rest-endpoint.ts";
import { noticeEndpoint } from "./routes/carrier-notices.ts";
import { outcomeEndpoint } from "./routes/carrier-outcomes.ts";
import { endpoints } from "./routes/endpoints.ts";
import { monitorEndpoints, type RehearsalReporter, rehearsalEndpoint, serviceEndpoints } from "./routes/service.ts";

export type AppParts = Omit<ServiceParts, "describe"> & {
  readonly keyring: Keyring;
  readonly callLimits: CallLimits;
  readonly rehearsal?: RehearsalReporter;
  /** Absent where the carrier sends no reports. */
  readonly reports?: CallReports;
  /** Absent where no provider sends notices. */
  readonly notices?: CallNotices;
  readonly log: Log;
};

/** What somebody in this process is told of an answer besides its `Response`, which is slow to be read. */
export type Delivery = { deliver?: (text: string) => void };

type Env = { Variables: { organizationId: string }; Bindings: Delivery };

/** The REST service as a function of requests; it does not listen by itself. */
export function createApp(appParts: AppParts): OpenAPIHono<Env> {
  const { environment, callLimits, keyring, reports, notices, rehearsal, log } = appParts;
  const app = new OpenAPIHono<Env>();
  let document: object | undefined;
  const describe = (): object => {
    // Making it takes far longer than any other request, and nobody needs keys to ask for it.
    document ??= app.getOpenAPI31Document(documentInfo);
    return document;
  };
  const parts: ServiceParts = { ...appParts, describe };
  registerComponents(app);
  const serveAll = (all: readonly RestEndpoint[]): void => {
    for (const endpoint of all) serve(app, endpoint, parts);
  };
  const limitsHeader = toCallLimitsHeader(callLimits);
  app.use(async (context, next) => {
    await next();
    context.header(headers.environment, environment);
    context.header(headers.callLimits, limitsHeader);
  });
  app.use(methodNotAllowed({ app, onMethodNotAllowed: (context, allowed) => refuseMethod(context, allowed) }));
  serveAll([
    ...serviceEndpoints,
    ...(reports ? [outcomeEndpoint(reports)] : []),
    ...(notices ? [noticeEndpoint(notices)] : []),
  ]);
  app.use(async (context, next) => {
    context.set("organizationId", authenticate(context, keyring));
    await next();
  });
  serveAll([...endpoints, ...(rehearsal ? [rehearsalEndpoint(rehearsal)] : [])]);
  app.notFound((context) =>
    fail(context, 404, toFailureBody("Not found", `There is no route ${context.req.method} ${context.req.path}`)),
  );
  app.onError((error, context) => answerError(error, context, log));
  return app;
}

/** What a process serves that takes no requests for calls: how it stands. */
export function createMonitorApp({ log, ...parts }: MonitorParts & { readonly log: Log }): OpenAPIHono<Env> {
  const app = new OpenAPIHono<Env>();
  for (const endpoint of monitorEndpoints) serve(app, endpoint, parts);
  app.notFound((context) =>
    fail(context, 404, toFailureBody("Not found", "A worker serves GET /healthz and GET /metrics only.")),
  );
  app.onError((error, context) => answerError(error, context, log));
  return app;
}

/** The document without the routes that not every service has. */
export function buildOpenApi(): object {
  const app = new OpenAPIHono();
  registerComponents(app);
  for (const { route } of [...serviceEndpoints, ...endpoints]) app.openAPIRegistry.registerPath(route);
  return app.getOpenAPI31Document(documentInfo);
}

/**
 * Registers a route for serving and for the document. Requests are read by the contract's own schemas, which take what
 * has one meaning and word their refusals as the API does; so nothing is validated here.
 */
function serve<Parts>(app: OpenAPIHono<Env>, { route, run }: RestEndpoint<Parts>, parts: Parts): void {
  app.openAPIRegistry.registerPath(route);
  const method = route.method.toUpperCase();
  const path = route.getRoutingPath();
  app.on(method, path, async (context) => {
    const bodyText = route.request?.body ? await readText(context.req.raw) : "";
    const { origin, search } = new URL(context.req.url);
    const answer = await run(
      {
        organizationId: context.get("organizationId") ?? "",
        // An id that no database holds is the id of nothing.
        id: storableText.parse(context.req.param("id") ?? ""),
        origin,
        query: context.req.query(),
        search,
        bodyText,
        get body() {
          return parseBody(bodyText);
        },
        header: (name) => context.req.header(name),
      },
      parts,
    );
    const { body, status = 200 } = answer;
    if (context.env?.deliver) {
      context.env.deliver(typeof body === "string" ? body : JSON.stringify(body));
      return context.body(null, status, { ...answer.headers });
    }
    return typeof body === "string"
      ? context.body(body, status, { ...answer.headers })
      : context.json(body, status, { ...answer.headers });
  });
}

function authenticate(context: Context, keyring: Keyring): string {
  const apiKey = context.req.header(headers.apiKey);
  const apiSecret = context.req.header(headers.apiSecret);
  const organizationId = apiKey && apiSecret && keyring.organizationOf(apiKey, apiSecret);
  if (!organizationId) throw new Refusal(401, toFailureBody("Unauthorized", "Missing or invalid API key/secret"));
  return organizationId;
}

function refuseMethod(context: Context, allowed: readonly string[]): Response {
  const { method, path } = context.req;
  context.header("Allow", allowed.join(", "));
  return fail(context, 405, toFailureBody("Method not allowed", `${path} takes ${allowed.join(", ")}, not ${method}.`));
}

function answerError(error: Error, context: Context, log: Log): Response {
  if (error instanceof Refusal) return fail(context, error.status, error.body);
  const request = { method: context.req.method, route: context.req.routePath };
  if (error instanceof StoreUnavailable) {
    log.warn({ code: error.code, reason: error.message, ...request }, "A request found the database away");
    context.header("Retry-After", retryLater["Retry-After"]);
    return fail(context, 503, databaseAway);
  }
  const reference = randomUUID();
  log.error({ err: error, reference, ...request }, "A request failed");
  const trouble = explainStorageError(error);
  if (trouble) {
    const detail = `The service cannot use its database: ${trouble}. Reference: ${reference}`;
    return fail(context, 503, toFailureBody("Service unavailable", detail));
  }
  const detail = `The request failed for a reason of our own. Reference: ${reference}`;
  return fail(context, 500, toFailureBody("Internal server error", detail));
}

/** No word on whether a change was made: a connection can break between the commit and its answer. */
const databaseAway = toFailureBody(
  "Service unavailable",
  "The service cannot reach its database at the moment. Whether a change of this request was made is not known; read before repeating it.",
);

function fail(context: Context, status: ContentfulStatusCode, body: FailureBody): Response {
  return context.json(body, status);
}
