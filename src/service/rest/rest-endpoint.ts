import { createRoute, type RouteConfig } from "@hono/zod-openapi";
import { z } from "zod";
import { failureAnswer } from "../../contract/answers.ts";
import type { Route } from "../../contract/routes.ts";
import type { BatchParts, RefusalStatus } from "../batches/index.ts";
import type { DialerStanding } from "../dialing/index.ts";
import type { Store } from "../store/index.ts";
import type { ProcessName } from "./metrics.ts";

/** What the routes work with. */
export type ServiceParts = BatchParts & {
  readonly store: Store;
  /** Whether POST /batch-call answers in the older page's envelope where the request does not say. */
  readonly answersEnveloped: boolean;
  readonly metrics: MetricsPage;
  readonly process: ProcessName;
  standing(): DialerStanding;
  /** The OpenAPI document of the app that serves. */
  readonly describe: () => object;
};

/** What the routes work with that tell how a process stands. */
export type MonitorParts = Pick<ServiceParts, "store" | "standing" | "environment" | "metrics" | "process">;

/** The figures of this process for a monitoring system, which has no keys. */
export type MetricsPage = { readonly contentType: string; render(): Promise<string> };

/** One route of the service. The app serves it, and the OpenAPI document describes it, from the same declaration. */
export type RestEndpoint<Parts = ServiceParts> = {
  readonly route: RouteConfig & { getRoutingPath(): string };
  readonly run: (request: RestRequest, parts: Parts) => Promise<RestAnswer>;
};

/** A request whose keys were checked, where the route asks for keys. */
export type RestRequest = {
  /** Empty where the route asks for no keys. */
  readonly organizationId: string;
  /** What stands for `{id}` in the path; empty where there is none. */
  readonly id: string;
  readonly query: Readonly<Record<string, string>>;
  /** The query as it was sent, with its question mark; empty where there is none. */
  readonly search: string;
  readonly body: unknown;
  /** Scheme, host and port by which the service was reached. */
  readonly origin: string;
  /** The body as it was sent. */
  readonly bodyText: string;
  header(name: string): string | undefined;
};

/** A text is sent as it is, anything else as JSON. */
type RestAnswer = {
  readonly body: object | string;
  /** 200 when absent. */
  readonly status?: 503;
  readonly headers?: Readonly<Record<string, string>>;
};

type Declaration<Parts = ServiceParts> = Pick<RestEndpoint<Parts>, "run"> & {
  readonly route: Route;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: { readonly schema: z.ZodType; readonly isRequired: boolean };
  /** Shape of the 200 answer. */
  readonly answer: z.ZodType;
  /** `text/plain` where the answer is not JSON. */
  readonly answerType?: "text/plain";
  readonly answerDescription?: string;
  /** What a 503 holds where it is not a failure in the envelope. */
  readonly unavailable?: { readonly description: string; readonly answer: z.ZodType };
  /** Refusals besides those that every such route can give. */
  readonly refusals?: readonly RefusalStatus[];
};

/** A route that needs both keys. */
export function endpoint(declaration: Declaration): RestEndpoint {
  return declare(declaration, [401, ...(declaration.refusals ?? []), 500, 503]);
}

/** A route that anybody may ask, or that checks by itself who asks. */
export function openEndpoint<Parts = ServiceParts>({
  refusalTexts = {},
  ...declaration
}: Declaration<Parts> & { readonly refusalTexts?: Partial<typeof failures> }): RestEndpoint<Parts> {
  const statuses = declaration.refusals?.length ? [...declaration.refusals, 500 as const, 503 as const] : [];
  return declare(declaration, statuses, { security: [] }, refusalTexts);
}

function declare<Parts>(
  { route, run, ...declaration }: Declaration<Parts>,
  statuses: readonly (RefusalStatus | 500 | 503)[],
  security: Pick<RouteConfig, "security"> = {},
  texts: Partial<typeof failures> = {},
): RestEndpoint<Parts> {
  const { operationId, tag, summary, description, query, headers, body, answer } = declaration;
  const { unavailable } = declaration;
  const { answerType = "application/json", answerDescription = "Success" } = declaration;
  const params = route.pattern.includes(":id") ? z.object({ id: z.string() }) : undefined;
  const request = {
    ...(params && { params }),
    ...(query && { query }),
    ...(headers && { headers }),
    ...(body && { body: { required: body.isRequired, content: { "application/json": { schema: body.schema } } } }),
  };
  const created = createRoute({
    method: methods[route.method],
    path: route.pattern.replace(":id", "{id}"),
    operationId,
    tags: [tag],
    summary,
    ...(description && { description }),
    ...security,
    request,
    responses: {
      200: {
        description: answerDescription,
        headers: answerHeaders,
        content: { [answerType]: { schema: answer } },
      },
      ...(unavailable && { 503: toUnavailable(unavailable) }),
      ...Object.fromEntries(statuses.map((status) => [status, toFailure(texts[status] ?? failures[status])])),
    },
    ...(route.isExtension && { "x-extension": true }),
  });
  return { route: created, run };
}

const methods = { GET: "get", POST: "post", PUT: "put", PATCH: "patch", DELETE: "delete" } as const;

const answerHeaders = { "X-Environment": { $ref: "#/components/headers/X-Environment" } };

const failures: { readonly [Status in RefusalStatus | 500 | 503]: string } = {
  400: "The request is not valid, or the state of the thing forbids the step",
  401: "A key is missing or wrong",
  404: "There is no such thing in this organization",
  405: "The route does not take this method",
  409: "The batch is not what was agreed to, that agreement is over, or all calls are stopped",
  413: "The body is larger than 8 MiB",
  422: "The Idempotency-Key was used before for something else",
  500: "A failure of the service; the answer holds a reference to its log",
  503: "The database is away at this moment; whether a change was made is not known",
};

function toFailure(description: string) {
  return { description, headers: answerHeaders, content: { "application/json": { schema: failureAnswer } } };
}

function toUnavailable({ description, answer }: NonNullable<Declaration["unavailable"]>) {
  return { description, headers: answerHeaders, content: { "application/json": { schema: answer } } };
}
