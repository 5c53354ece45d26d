import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { outcomesRoute } from "../../contract/bridge.ts";
import { type FailureBody, toFailureBody, toSuccessBody } from "../../contract/envelope.ts";
import { type RehearsalReport, rehearsalRoute } from "../../contract/rehearsal.ts";
import { headers, routes } from "../../contract/routes.ts";
import type { Environment } from "../../domain/batch/batch.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Keyring } from "../accounts/index.ts";
import { Refusal, unauthorized } from "../batches/index.ts";
import type { CallReports } from "../dialing/index.ts";
import { toHealthBody } from "./health.ts";
import { buildOpenApi } from "./openapi.ts";
import { parseBody, readBody } from "./request-body.ts";
import type { RestEndpoint, ServiceParts } from "./rest-endpoint.ts";
import { takeOutcome } from "./routes/carrier-outcomes.ts";
import { endpoints } from "./routes/endpoints.ts";

type AppParts = ServiceParts & {
  readonly keyring: Keyring;
  readonly environment: Environment;
  readonly metrics: MetricsPage;
  readonly rehearsal?: RehearsalReporter;
  /** Absent where the carrier sends no reports. */
  readonly reports?: CallReports;
  readonly log: Log;
};

/** The figures of this process for a monitoring system, which has no keys. */
export type MetricsPage = { readonly contentType: string; render(): Promise<string> };

/** Reports what became of an organization's batches in a rehearsal. */
export type RehearsalReporter = { reportTo(organizationId: string): Promise<RehearsalReport> };

type Env = { Variables: { organizationId: string } };

/** The REST service as a function of requests; it does not listen by itself. */
export function createApp(parts: AppParts): Hono<Env> {
  const app = new Hono<Env>();
  app.use(async (context, next) => {
    await next();
    context.header(headers.environment, parts.environment);
  });
  app.use(methodNotAllowed({ app, onMethodNotAllowed: (context, allowed) => refuseMethod(context, allowed) }));
  app.get(routes.health.pattern, (context) => context.json(toHealthBody(parts.environment)));
  const { reports, clock, rehearsal } = parts;
  app.get(routes.openApi.pattern, (context) =>
    context.json(buildOpenApi({ takesReports: reports !== undefined, rehearses: rehearsal !== undefined })),
  );
  app.get(routes.metrics.pattern, (context) => showMetrics(context, parts.metrics));
  if (reports) app.post(outcomesRoute.pattern, (context) => runReport(context, reports, clock));
  app.use(async (context, next) => {
    context.set("organizationId", authenticate(context, parts.keyring));
    await next();
  });
  for (const endpoint of endpoints) {
    app.on(endpoint.route.method, endpoint.route.pattern, (context) => run(endpoint, context, parts));
  }
  if (rehearsal) app.get(rehearsalRoute.pattern, (context) => showRehearsal(context, rehearsal));
  app.notFound((context) =>
    fail(context, 404, toFailureBody("Not found", `There is no route ${context.req.method} ${context.req.path}`)),
  );
  app.onError((error, context) => answerError(error, context, parts.log));
  return app;
}

async function showMetrics(context: Context, { contentType, render }: MetricsPage): Promise<Response> {
  return context.body(await render(), 200, { "Content-Type": contentType });
}

async function showRehearsal(context: Context<Env>, rehearsal: RehearsalReporter): Promise<Response> {
  const report = await rehearsal.reportTo(context.get("organizationId"));
  return context.json(toSuccessBody("Rehearsal reported successfully", report));
}

function authenticate(context: Context, keyring: Keyring): string {
  const apiKey = context.req.header(headers.apiKey);
  const apiSecret = context.req.header(headers.apiSecret);
  const organizationId = apiKey && apiSecret && keyring.organizationOf(apiKey, apiSecret);
  if (!organizationId) throw unauthorized();
  return organizationId;
}

async function run(endpoint: RestEndpoint, context: Context<Env>, parts: AppParts): Promise<Response> {
  const bodyText = endpoint.body ? await readBody(context.req.raw) : "";
  const request = {
    organizationId: context.get("organizationId"),
    id: context.req.param("id") ?? "",
    query: context.req.query(),
    bodyText,
    body: parseBody(bodyText),
    header: (name: string) => context.req.header(name),
  };
  const answer = await endpoint.run(request, parts);
  return context.json(answer.body, 200, { ...answer.headers });
}

async function runReport(context: Context<Env>, reports: CallReports, clock: Clock): Promise<Response> {
  const request = { bodyText: await readBody(context.req.raw), header: (name: string) => context.req.header(name) };
  const answer = await takeOutcome(request, reports, clock.now());
  return context.json(answer.body);
}

function refuseMethod(context: Context, allowed: readonly string[]): Response {
  const { method, path } = context.req;
  context.header("Allow", allowed.join(", "));
  return fail(context, 405, toFailureBody("Method not allowed", `${path} takes ${allowed.join(", ")}, not ${method}.`));
}

function answerError(error: Error, context: Context, log: Log): Response {
  if (error instanceof Refusal) return fail(context, error.status, error.body);
  const reference = randomUUID();
  log.error({ err: error, reference, method: context.req.method, route: context.req.routePath }, "A request failed");
  const detail = `The request failed for a reason of our own. Reference: ${reference}`;
  return fail(context, 500, toFailureBody("Internal server error", detail));
}

function fail(context: Context, status: ContentfulStatusCode, body: FailureBody): Response {
  return context.json(body, status);
}
