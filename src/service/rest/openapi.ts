import { OpenAPIHono, type RouteConfig } from "@hono/zod-openapi";
import { z } from "zod";
import { enveloped, failureAnswer, healthAnswer, outcomeAnswer } from "../../contract/answers.ts";
import { bridgeHeaders, outcomeBody, outcomesRoute } from "../../contract/bridge.ts";
import { rehearsalReport, rehearsalRoute } from "../../contract/rehearsal.ts";
import { routes } from "../../contract/routes.ts";
import { packageVersion } from "../../lib/version.ts";
import type { RefusalStatus } from "../batches/index.ts";
import type { RestEndpoint } from "./rest-endpoint.ts";
import { endpoints } from "./routes/endpoints.ts";

/**
 * The OpenAPI 3.1 document of the service, made from the schemas that its routes read and write with. A service whose
 * carrier sends reports, and one that rehearses, have one route more.
 */
export function buildOpenApi(
  facts = { takesReports: false, rehearses: false },
): ReturnType<OpenAPIHono["getOpenAPI31Document"]> {
  const app = new OpenAPIHono();
  const registry = app.openAPIRegistry;
  for (const name of ["X-API-KEY", "X-API-SECRET"])
    registry.registerComponent("securitySchemes", name, { type: "apiKey", in: "header", name });
  registry.registerComponent("headers", "X-Environment", environmentHeader);
  registry.registerPath(healthOperation);
  registry.registerPath(documentOperation);
  registry.registerPath(metricsOperation);
  if (facts.takesReports) registry.registerPath(outcomesOperation);
  if (facts.rehearses) registry.registerPath(rehearsalOperation);
  for (const endpoint of endpoints) registry.registerPath(toOperation(endpoint));
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Batch-call service", version: packageVersion, license: { name: "MIT" }, description },
    security: [{ "X-API-KEY": [], "X-API-SECRET": [] }],
    servers: [{ url: "/" }],
  });
}

const description = [
  "Batch calls over REST, by the contract of the hosted API where that is documented. What only this service has is marked `x-extension: true`.",
  'Every answer is `{message, status, error, data}`, but for POST /batch-call; every failure is `{message, status: "error", error}`. Times are in milliseconds since 1970 UTC, status values in lower case. Request bodies are at most 8 MiB.',
  "Both keys are needed on every route but /healthz, /metrics and /openapi.json. An organization sees only its own: an id of another one is answered like an unknown one. The header `X-Environment` on every answer says whether calls are simulated or live.",
  "A batch ends `completed` when nobody is left to call; it ends `failed` when nobody was reached and the carrier could place none of the attempts. A start that was missed by more than 15 minutes is not made up for: the batch is held (`is_paused`, `held_reason`) until somebody resumes it.",
].join("\n\n");

const environmentHeader = {
  description: "Whether the calls of this service are simulated or real.",
  schema: { type: "string" as const, enum: ["simulated", "live"] },
  "x-extension": true,
};
const answerHeaders = { "X-Environment": { $ref: "#/components/headers/X-Environment" } };

const healthOperation: RouteConfig = {
  method: "get",
  path: routes.health.pattern,
  operationId: "getHealth",
  tags: ["Service"],
  summary: "Tell who runs here",
  security: [],
  responses: {
    200: {
      description: "The service runs.",
      headers: answerHeaders,
      content: { "application/json": { schema: healthAnswer } },
    },
  },
  "x-extension": true,
};

const documentOperation: RouteConfig = {
  method: "get",
  path: routes.openApi.pattern,
  operationId: "getOpenApi",
  tags: ["Service"],
  summary: "Get this document",
  security: [],
  responses: {
    200: {
      description: "An OpenAPI 3.1 document.",
      headers: answerHeaders,
      content: { "application/json": { schema: z.looseObject({ openapi: z.string() }) } },
    },
  },
  "x-extension": true,
};

const metricsOperation: RouteConfig = {
  method: "get",
  path: routes.metrics.pattern,
  operationId: "getMetrics",
  tags: ["Service"],
  summary: "Get the figures of this process for Prometheus",
  description:
    "Attempts by outcome, lateness of dials, queue by state, attempts in flight. Figures only: no number, name or id is in them, which is why no keys are asked for.",
  security: [],
  responses: {
    200: {
      description: "Prometheus text format.",
      headers: answerHeaders,
      content: { "text/plain": { schema: z.string() } },
    },
  },
  "x-extension": true,
};

function toOperation({ route, ...endpoint }: RestEndpoint): RouteConfig {
  const { operationId, tag, summary, description: details, query, headers, body, answer, refusals } = endpoint;
  const params = route.pattern.includes(":id") ? z.object({ id: z.string() }) : undefined;
  return {
    method: methods[route.method],
    path: route.pattern.replace(":id", "{id}"),
    operationId,
    tags: [tag],
    summary,
    ...(details && { description: details }),
    request: {
      ...(params && { params }),
      ...(query && { query }),
      ...(headers && { headers }),
      ...(body && { body: { required: body.isRequired, content: { "application/json": { schema: body.schema } } } }),
    },
    responses: {
      200: { description: "Success", headers: answerHeaders, content: { "application/json": { schema: answer } } },
      ...toFailures([401, ...refusals, 500]),
    },
    ...(route.isExtension && { "x-extension": true }),
  };
}

const methods = { GET: "get", POST: "post", PUT: "put", PATCH: "patch", DELETE: "delete" } as const;

const failures: { readonly [Status in RefusalStatus | 500]: string } = {
  400: "The request is not valid, or the state of the thing forbids the step",
  401: "A key is missing or wrong",
  404: "There is no such thing in this organization",
  405: "The route does not take this method",
  413: "The body is larger than 8 MiB",
  422: "The Idempotency-Key was used before for something else",
  500: "A failure of the service; the answer holds a reference to its log",
};

function toFailures(statuses: readonly (RefusalStatus | 500)[]) {
  return Object.fromEntries(statuses.map((status) => [status, toFailure(status)]));
}

function toFailure(status: RefusalStatus | 500) {
  return {
    description: failures[status],
    headers: answerHeaders,
    content: { "application/json": { schema: failureAnswer } },
  };
}

const outcomesOperation: RouteConfig = {
  method: "post",
  path: outcomesRoute.pattern,
  operationId: "reportOutcome",
  tags: ["Carrier"],
  summary: "Report how a call ended",
  description:
    "For the bridge that places the calls. It signs with the secret it shares with the service, as docs/carriers.md says. The same report twice changes nothing.",
  security: [],
  request: {
    headers: z.object({
      [bridgeHeaders.timestamp]: z.string().describe("Unix time in seconds, at most 5 minutes off."),
      [bridgeHeaders.signature]: z.string().describe("`v1=` and the hex HMAC-SHA256 of `<timestamp>.<body>`."),
    }),
    body: { required: true, content: { "application/json": { schema: outcomeBody } } },
  },
  responses: {
    200: {
      description: "Success",
      headers: answerHeaders,
      content: { "application/json": { schema: enveloped(outcomeAnswer) } },
    },
    ...toFailures([400, 404, 413, 500]),
    401: {
      ...toFailure(401),
      description: "The signature is missing or wrong, or its time is more than 5 minutes off",
    },
  },
  "x-extension": true,
};

const rehearsalOperation: RouteConfig = {
  method: "get",
  path: rehearsalRoute.pattern,
  operationId: "getRehearsalReport",
  tags: ["Service"],
  summary: "Tell how the campaigns went on the virtual clock so far",
  responses: {
    200: {
      description: "Success",
      headers: answerHeaders,
      content: { "application/json": { schema: enveloped(rehearsalReport) } },
    },
    ...toFailures([401, 500]),
  },
  "x-extension": true,
};
