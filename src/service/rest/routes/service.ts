import { z } from "zod";
import { enveloped, healthAnswer } from "../../../contract/answers.ts";
import { present } from "../../../contract/fields.ts";
import { type RehearsalReport, rehearsalReport, rehearsalRoute } from "../../../contract/rehearsal.ts";
import { contractVersion, routes } from "../../../contract/routes.ts";
import { packageVersion } from "../../../lib/version.ts";
import type { DialerStanding } from "../../dialing/index.ts";
import { type Store, StoreUnavailable } from "../../store/index.ts";
import { retryLater, success } from "../exchange.ts";
import { endpoint, type MonitorParts, openEndpoint, type RestEndpoint } from "../rest-endpoint.ts";

const tag = "Service";

const health = openEndpoint<MonitorParts>({
  route: routes.health,
  operationId: "getHealth",
  tag,
  summary: "Tell who runs here",
  answer: healthAnswer,
  answerDescription: "The service runs, and its database answers.",
  unavailable: { description: "The service dials nobody now; `status` says why", answer: healthAnswer },
  async run(_request, { environment, store, standing, process }) {
    const { status, schemaVersion } = await examine(store);
    const body = {
      status,
      service: "batch-call-mcp",
      version: packageVersion,
      contract_version: contractVersion,
      schema_version: schemaVersion,
      environment,
      process,
      dialing: toDialingAnswer(standing()),
    } satisfies z.input<typeof healthAnswer>;
    return status === "ok" ? { body } : { body, status: 503, headers: retryLater };
  },
});

const metrics = openEndpoint<MonitorParts>({
  route: routes.metrics,
  operationId: "getMetrics",
  tag,
  summary: "Get the figures of this process for Prometheus",
  description:
    "Attempts by outcome, lateness of dials, queue by state, attempts in flight. Figures only: no number, name or id is in them, which is why no keys are asked for.",
  answer: z.string(),
  answerType: "text/plain",
  answerDescription: "Prometheus text format.",
  async run(_request, { metrics: page }) {
    return { body: await page.render(), headers: { "Content-Type": page.contentType } };
  },
});

const document = openEndpoint({
  route: routes.openApi,
  operationId: "getOpenApi",
  tag,
  summary: "Get this document",
  answer: z.looseObject({ openapi: z.string() }),
  answerDescription: "An OpenAPI 3.1 document.",
  async run(_request, { describe }) {
    return { body: describe() };
  },
});

/** How a process stands, for whoever watches it. */
export const monitorEndpoints: readonly RestEndpoint<MonitorParts>[] = [health, metrics];

/** What a service says of itself, to anybody. */
export const serviceEndpoints: readonly RestEndpoint[] = [health, document, metrics];

function toDialingAnswer(standing: DialerStanding): z.input<typeof healthAnswer>["dialing"] {
  const { inFlight, lastPassAt, lastClaimAt, leaseUntil, carrierRestsUntil, startsPerSecond } = standing;
  return {
    in_flight: inFlight,
    carrier: carrierRestsUntil ? "resting" : "ready",
    starts_per_second: startsPerSecond,
    ...present({
      last_pass_at: lastPassAt?.toISOString(),
      last_claim_at: lastClaimAt?.toISOString(),
      lease_until: leaseUntil?.toISOString(),
      carrier_rests_until: carrierRestsUntil?.toISOString(),
    }),
  };
}

/** A database that is away is one as this program knows it, for all that can be said. */
async function examine(
  store: Pick<Store, "schemaVersion" | "knownSchemaVersion">,
): Promise<{ readonly status: z.input<typeof healthAnswer>["status"]; readonly schemaVersion: number }> {
  const { knownSchemaVersion } = store;
  try {
    const schemaVersion = await store.schemaVersion();
    return { status: schemaVersion > knownSchemaVersion ? "newer_schema" : "ok", schemaVersion };
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    return { status: "database_unavailable", schemaVersion: knownSchemaVersion };
  }
}

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
