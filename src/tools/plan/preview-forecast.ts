import { z } from "zod";
import { type Fact, toLeftOutLines, toOutlookFacts } from "../../campaigns/approve/index.ts";
import type { Environment } from "../../domain/batch/batch.ts";
import type { HeldNumbers } from "../../domain/batch/held-people.ts";
import { type Outlook, outlookOf, previewPlan } from "../../domain/batch/outlook.ts";
import type { BatchPlan } from "../../domain/batch/plan.ts";
import type { StartPolicy } from "../../domain/start-policy.ts";
import { joinParts } from "../../domain/text.ts";
import { lines, type Upstream } from "../batch/batch-view.ts";

const mostGroups = 10;

const localTime = z.object({ date: z.string(), time: z.string(), zone: z.string() });

const outlook = z.object({
  countries: z.array(z.object({ country: z.string(), recipients: z.number() })),
  zones: z.array(z.object({ zones: z.array(z.string()), recipients: z.number() })),
  // People in countries and zones that are not named.
  elsewhere: z.object({ countries: z.number(), zones: z.number() }).optional(),
  left_out: z.array(z.object({ code: z.string(), rows: z.number() })),
  rules: z.array(z.string()),
  held: z.array(z.object({ people: z.number(), first: localTime, last: localTime, by: z.string() })).optional(),
  rings: z.object({ first: localTime, last: localTime, from: z.string(), until: z.string() }).optional(),
  calls: z.number(),
  minutes: z.number(),
  unreached: z.number(),
  ends: localTime.optional(),
  assumes: z.string(),
  stops: z.array(z.string()).optional(),
  cost: z.object({ most: z.number(), likely: z.number(), currency: z.string().optional() }).optional(),
  approval: z.string(),
});

/** What a start of the plan would be like. Only its root is declared to clients; the text says the same. */
export const forecastField = () => z.looseObject({});
type Forecast = z.output<typeof outlook>;

/** `plan` is the one that is sent. Without a start no times are told; a price is one of real calls. */
export function toForecast(
  plan: BatchPlan,
  { environment, hasBrake, limits }: Upstream,
  policy: StartPolicy,
  { held, now }: { readonly held: HeldNumbers; readonly now: Date },
): Forecast {
  const { recipients, rules, timezone, start, leftOut = [] } = plan;
  const known: Outlook = outlookOf({
    ...previewPlan(plan),
    people: recipients,
    fromNumber: plan.fromNumber,
    rules,
    timezone,
    ...(start.kind === "at" && { notBeforeLocal: start.local }),
    now,
    startAt: start.kind === "draft" ? undefined : start.kind === "at" ? start.at : now,
    limits,
    held,
    price: policy.limits.spend,
    ...(environment === "live" && {
      spend: policy.limits.spend,
      operator: hasBrake ? policy : undefined,
    }),
  });
  const { held: waiting, stops, ...told } = known;
  return {
    ...told,
    countries: known.countries.slice(0, mostGroups),
    zones: known.zones
      .slice(0, mostGroups)
      .map(({ zones, recipients: people }) => ({ zones: [...zones], recipients: people })),
    ...(Math.max(known.countries.length, known.zones.length) > mostGroups && {
      elsewhere: { countries: beyondNamed(known.countries), zones: beyondNamed(known.zones) },
    }),
    left_out: [...leftOut],
    rules: [...known.rules],
    ...(stops && { stops: [...stops] }),
    ...(waiting && { held: [...waiting] }),
    approval: describeApproval(environment, policy),
  };
}

function beyondNamed(groups: Outlook["countries"] | Outlook["zones"]): number {
  return groups.slice(mostGroups).reduce((sum, { recipients }) => sum + recipients, 0);
}

/** The same facts in the same words that a person reads before they agree. */
export function toForecastText(known: Record<string, unknown>): string {
  const { left_out: leftOut, approval, ...forecast } = outlook.parse(known);
  const facts: readonly Fact[] = [
    { label: "Not called", kind: "list", lines: toLeftOutLines(leftOut) },
    ...toOutlookFacts(forecast),
    { label: "Approval", kind: "list", lines: [approval] },
  ];
  return lines(...facts.map((fact) => fact.lines.length > 0 && `${fact.label}: ${joinParts(fact.lines)}`));
}

function describeApproval(environment: Environment, { approval }: StartPolicy): string {
  if (environment === "simulated") return "none; calls are simulated";
  switch (approval) {
    case "auto":
    case "form":
      return "a person has to agree to a start and types the number of recipients";
    case "host":
      return "start_batch needs expected_recipients and fingerprint, and reaches at most ten people";
    case "policy":
      return "none; the operator lets launches begin within the limits";
  }
}
