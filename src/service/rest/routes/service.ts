import { z } from "zod";
import { enveloped, healthAnswer } from "../../../contract/answers.ts";
import { type RehearsalReport, rehearsalReport, rehearsalRoute } from "../../../contract/rehearsal.ts";
import { contractVersion, routes } from "../../../contract/routes.ts";
import { packageVersion } from "../../../lib/version.ts";
import { sqliteSchemaSteps } from "../../store/index.ts";
import { success } from "../exchange.ts";
import { endpoint, openEndpoint, type RestEndpoint } from "../rest-endpoint.ts";

const tag = "Service";

/** What a service says of itself, to anybody. */
export const serviceEndpoints: readonly RestEndpoint[] = [
  openEndpoint({
    route: routes.health,
    operationId: "getHealth",
    tag,
    summary: "Tell who runs here",
    answer: healthAnswer,
    answerDescription: "The service runs.",
    async run(_request, { environment }) {
      return {
        body: {
          status: "ok",
          service: "batch-call-mcp",
          version: packageVersion,
          contract_version: contractVersion,
          schema_version: sqliteSchemaSteps.length,
          environment,
        } satisfies z.input<typeof healthAnswer>,
      };
    },
  }),
  openEndpoint({
    route: routes.openApi,
    operationId: "getOpenApi",
    tag,
    summary: "Get this document",
    answer: z.looseObject({ openapi: z.string() }),
    answerDescription: "An OpenAPI 3.1 document.",
    async run(_request, { describe }) {
      return { body: describe() };
    },
  }),
  openEndpoint({
    route: routes.metrics,
    operationId: "getMetrics",
    tag,
    summary: "Get the figures of this process for Prometheus",
    description:
      "Attempts by outcome, lateness of dials, queue by state, attempts in flight. Figures only: no number, name or id is in them, which is why no keys are asked for.",
    answer: z.string(),
    answerType: "text/plain",
    answerDescription: "Prometheus text format.",
    async run(_request, { metrics }) {
      return { body: await metrics.render(), headers: { "Content-Type": metrics.contentType } };
    },
  }),
];

/** Reports the outcome of an organization's batches in a rehearsal. */
export type RehearsalReporter = { reportTo(organizationId: string): Promise<RehearsalReport> };

/** Served where the clock is a virtual one. */
export function rehearsalEndpoint(rehearsal: RehearsalReporter): RestEndpoint {
  return endpoint({
    route: rehearsalRoute,
    operationId: "getRehearsalReport",
    tag,
    summary: "Tell how the campaigns went on the virtual clock so far",
    answer: enveloped(rehearsalReport),
    async run({ organizationId }) {
      return success("Rehearsal reported successfully", await rehearsal.reportTo(organizationId));
    },
  });
}
