import { join } from "node:path";
import { createAudit, createKillSwitch, openCampaignDatabase } from "../campaigns/records/index.ts";
import type { Settings } from "../config/settings.ts";
import { parsePhoneNumber } from "../domain/phone/phone-number.ts";
import { zonesForHours } from "../domain/phone/recipient-time.ts";
import { isIssue } from "../domain/problem.ts";
import { refuseByPolicy, type StartPolicy } from "../domain/start-policy.ts";
import { counted, toCallName } from "../domain/text.ts";
import { nextOperatorTime, type OperatorWait, operatorWait } from "../domain/time/operator-hours.ts";
import { type DialGuard, noDialGuard } from "../service/dialing/index.ts";

/** `stop-all` for a service on this data directory, and calling hours where its calls are real. */
function openDialGuard(
  { dataDir, startPolicy }: Pick<Settings, "dataDir" | "startPolicy">,
  environment: "simulated" | "live",
): DialGuard & { close(): void } {
  const database = openCampaignDatabase(join(dataDir, "ledger.sqlite"));
  const { isOn } = createKillSwitch(database);
  const hours = environment === "live" ? hoursGuard(startPolicy) : noDialGuard;
  const audit = createAudit(database);
  const noteOptOut: DialGuard["noteOptOut"] = ({ at, batchId, callId, added, batchIds }) =>
    audit.append({
      at,
      kind: "opted_out",
      principal: "recipient",
      batchId,
      detail: `asked in ${toCallName(callId)} not to be called again: ${counted(added, "number is", "numbers are")} new on the do-not-call list, dropped from ${counted(batchIds.length, "waiting batch", "waiting batches")}`,
    });
  const close = () => database.close();
  return { ...hours, isStopped: isOn, noteOptOut, close };
}

type DialPolicy = Pick<StartPolicy, "hours" | "hoursPreset" | "countries" | "types">;

/** What the operator's hours and preset hold back, and which numbers may never be called. */
export function hoursGuard(policy: DialPolicy): Pick<DialGuard, "mayDialAt" | "waitOf"> {
  return {
    mayDialAt: (number, at, zone) => callableFrom(number, policy, at, zone),
    waitOf: createWaits(policy),
  };
}

/** Starts something that dials, with a guard that is released when it has stopped. */
export async function startWithDialGuard<T extends { stop(): Promise<void> }>(
  settings: Settings,
  environment: "simulated" | "live",
  start: (guard: DialGuard) => Promise<T>,
): Promise<T> {
  const guard = openDialGuard(settings, environment);
  try {
    const running = await start(guard);
    return { ...running, stop: () => running.stop().finally(() => guard.close()) };
  } catch (error) {
    guard.close();
    throw error;
  }
}

/**
 * From when on a number may be called. Never: one that is not a number to call (premium rate, too long), one of a country or
 * a type that the operator does not allow, one of which nobody knows where it rings, and one that can ring in zones whose calling
 * hours, or those of the chosen preset, never meet. Without a list of countries any is allowed here; a start by the MCP server allows the caller id's own.
 */
export function callableFrom(
  toNumber: string,
  { countries, types, ...hours }: DialPolicy,
  at: Date,
  timezone?: string,
): Date | "never" {
  const number = parsePhoneNumber(toNumber);
  if (isIssue(number)) return "never";
  const allowed = { countries: countries ?? (number.country === undefined ? [] : [number.country]), types };
  if (refuseByPolicy(number, allowed)) return "never";
  return nextOperatorTime(hours, number.country, zonesForHours(number, timezone, at), at) ?? "never";
}

/**
 * Which of the operator's hours hold a number back, as `callableFrom` does. Asked for everybody of a batch at a few instants: people
 * who share country and clocks share the answer.
 */
function createWaits(policy: DialPolicy): NonNullable<DialGuard["waitOf"]> {
  const known = new Map<string, { readonly wait: OperatorWait | undefined }>();
  return (toNumber, at, timezone) => {
    const number = parsePhoneNumber(toNumber);
    if (isIssue(number)) return undefined;
    const zones = zonesForHours(number, timezone, at);
    const key = [at.getTime(), number.country, ...zones].join(" ");
    const found = known.get(key) ?? { wait: operatorWait(policy, number.country, zones, at) };
    if (known.size >= mostKnown) known.clear();
    known.set(key, found);
    return found.wait;
  };
}

const mostKnown = 1000;
