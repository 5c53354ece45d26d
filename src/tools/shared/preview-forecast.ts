import { z } from "zod";
import type { Environment } from "../../domain/batch/batch.ts";
import type { BatchPlan } from "../../domain/batch/plan.ts";
import { estimateDuration, usualPace } from "../../domain/batch/preview-duration.ts";
import { type Places, placesOf, ringingTimes, ringingTimesOf } from "../../domain/batch/preview-places.ts";
import { zonesOfRecipient } from "../../domain/phone/recipient-time.ts";
import type { StartPolicy } from "../../domain/start-policy.ts";
import { afterOpenMinutes, nextOpening } from "../../domain/time/quiet-hours.ts";
import { batchQuietHours, nextAttemptAt, recipientQuietHours } from "../../domain/time/recipient-hours.ts";
import { lines } from "./batch-view.ts";

const mostGroups = 10;

const localTime = z.object({ date: z.string(), time: z.string(), zone: z.string() });

const outlook = z.object({
  countries: z.array(z.object({ country: z.string(), recipients: z.number() })),
  zones: z.array(z.object({ zones: z.array(z.string()), recipients: z.number() })),
  rings: z.object({ first: localTime, last: localTime }).optional(),
  calls: z.number(),
  minutes: z.number(),
  assumes: z.string(),
  approval: z.string(),
});

/** What a start of the plan would be like. Only its root is declared to clients; the text says the same. */
export const forecastField = () => z.looseObject({});
export type Forecast = z.output<typeof outlook>;

/** `plan` is the one that is sent. */
export function toForecast(plan: BatchPlan, environment: Environment, policy: StartPolicy, now: Date): Forecast {
  const places = placesOf(plan.recipients.map(({ toNumber }) => toNumber));
  const { calls, minutes } = estimateDuration(plan, usualPace);
  const startAt = plan.start.kind === "at" ? plan.start.at : now;
  const rings = goesByClocks(plan)
    ? ringsOnClocks(plan, startAt, minutes)
    : ringsAtOnce(plan, places, startAt, minutes);
  return {
    countries: places.countries.slice(0, mostGroups),
    zones: places.zones.slice(0, mostGroups).map(({ zones, recipients }) => ({ zones: [...zones], recipients })),
    ...(rings && plan.start.kind !== "draft" && { rings }),
    calls,
    minutes,
    assumes: `${usualPace.atOnce} calls at once, ${usualPace.answerRate * 100}% answered, ${usualPace.answeredSeconds} s an answered call; waits before retries and quiet hours come on top`,
    approval: describeApproval(environment, policy),
  };
}

/** From the opening of the batch's hours on, to whomever may be called then. */
function ringsAtOnce({ timezone, rules }: BatchPlan, places: Places, startAt: Date, minutes: number) {
  const quietHours = batchQuietHours(rules);
  const firstAt = nextOpening(quietHours, timezone, startAt);
  return ringingTimes(places, firstAt, afterOpenMinutes(quietHours, timezone, firstAt, minutes));
}

function goesByClocks({ rules, start, recipients }: BatchPlan): boolean {
  const hasOwn = recipients.some(({ notBefore }) => notBefore !== undefined);
  return hasOwn || recipientQuietHours(rules) !== undefined || (start.kind === "at" && start.local !== undefined);
}

/** When each may be called for the first time, on their own clocks; the last calls of a group take as long as all of them would. */
function ringsOnClocks({ recipients, rules, timezone, start }: BatchPlan, startAt: Date, minutes: number) {
  const notBeforeLocal = start.kind === "at" ? start.local : undefined;
  const firsts = recipients.flatMap((recipient) => {
    const at = nextAttemptAt(startAt, recipient, { rules, timezone, notBeforeLocal });
    return at === "never" ? [] : [{ at, zones: zonesOfRecipient(recipient.toNumber, recipient.timezone) }];
  });
  return ringingTimesOf(firsts, minutes);
}

export function toForecastText(known: Record<string, unknown>): string {
  const { countries, zones, rings, calls, minutes, assumes, approval } = outlook.parse(known);
  return lines(
    `Countries: ${countries.map(({ country, recipients }) => `${country} ${recipients}`).join(", ")}`,
    `Zones: ${zones.map(({ zones: names, recipients }) => `${toPlace(names)} ${recipients}`).join(", ")}`,
    rings && `Phones ring from ${rings.first.time} (${rings.first.zone}) to about ${toLastText(rings)}`,
    `About ${calls === 1 ? "1 call" : `${calls} calls`} in ${minutes === 1 ? "1 minute" : `${minutes} minutes`} of calling (${assumes})`,
    `Approval: ${approval}`,
  );
}

function toLastText({ first, last }: NonNullable<Forecast["rings"]>): string {
  const day = last.date === first.date ? "" : ` on ${last.date}`;
  return `${last.time}${day} (${last.zone})`;
}

function toPlace(names: readonly string[]): string {
  const [only = "unknown", ...others] = names;
  return others.length === 0 ? only : `any of ${names.length} zones from ${only}`;
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
