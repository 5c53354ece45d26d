import type { z } from "zod";
import { type SuccessBody, toSuccessBody } from "../../contract/envelope.ts";
import type { Route } from "../../contract/routes.ts";
import type { BatchParts, RefusalStatus } from "../batches/index.ts";

/** One route of the service: what it looks like from outside, and what it does. Plain data; the app and the OpenAPI document are made from it. */
export type RestEndpoint = {
  readonly route: Route;
  /** Name of the operation in the OpenAPI document. */
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: { readonly schema: z.ZodType; readonly isRequired: boolean };
  /** Shape of the 200 answer. */
  readonly answer: z.ZodType;
  /** Refusals besides those that every route can give. */
  readonly refusals: readonly RefusalStatus[];
  run(request: RestRequest, parts: ServiceParts): Promise<RestAnswer>;
};

/** A request whose keys were checked. */
export type RestRequest = {
  readonly organizationId: string;
  /** What stands for `:id` in the path; empty where there is none. */
  readonly id: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** The body as it was sent. */
  readonly bodyText: string;
  header(name: string): string | undefined;
};

type RestAnswer = { readonly body: object; readonly headers?: Readonly<Record<string, string>> };

export type ServiceParts = BatchParts;

/** The enveloped answer. */
export function success<T>(message: string, data: T): { readonly body: SuccessBody<T> } {
  return { body: toSuccessBody(message, data) };
}
