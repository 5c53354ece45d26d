import type { OpenAPIHono } from "@hono/zod-openapi";
import { packageVersion } from "../../lib/version.ts";

/** What the document says beside the routes: security schemes and the header on every answer. */
export function registerComponents({ openAPIRegistry }: Pick<OpenAPIHono, "openAPIRegistry">): void {
  for (const name of ["X-API-KEY", "X-API-SECRET"])
    openAPIRegistry.registerComponent("securitySchemes", name, { type: "apiKey", in: "header", name });
  openAPIRegistry.registerComponent("headers", "X-Environment", {
    description: "Whether the calls of this service are simulated or real.",
    schema: { type: "string", enum: ["simulated", "live"] },
    "x-extension": true,
  });
}

const description = [
  "Batch calls over REST, by the contract of the hosted API where that is documented. What only this service has is marked `x-extension: true`.",
  'Every answer is `{message, status, error, data}`, but for POST /batch-call; every failure is `{message, status: "error", error}`. Times are in milliseconds since 1970 UTC, status values in lower case. Request bodies are at most 8 MiB.',
  "Both keys are needed on every route but /healthz, /metrics and /openapi.json. An organization sees only its own: an id of another one is answered like an unknown one. The header `X-Environment` on every answer says whether calls are simulated or live.",
  "A batch ends `completed` when nobody is left to call; it ends `failed` when nobody was reached and the carrier could place none of the attempts. A start that was missed by more than 15 minutes is not made up for: the batch is held (`is_paused`, `held_reason`) until somebody resumes it.",
].join("\n\n");

/** The document of the routes that were registered. */
export const documentInfo = {
  openapi: "3.1.0",
  info: { title: "Batch-call service", version: packageVersion, license: { name: "MIT" }, description },
  security: [{ "X-API-KEY": [], "X-API-SECRET": [] }],
  servers: [{ url: "/" }],
};
