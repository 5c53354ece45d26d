import { join } from "node:path";
import { createKillSwitch, openCampaignDatabase } from "../campaigns/records/index.ts";
import type { Settings } from "../config/settings.ts";
import { zonesOfNumber } from "../domain/phone/number-zones.ts";
import { parsePhoneNumber } from "../domain/phone/phone-number.ts";
import { isIssue } from "../domain/problem.ts";
import { type CallingHours, nextCallingTime } from "../domain/time/calling-hours.ts";
import type { DialGuard } from "../service/dialing/index.ts";

/** `stop-all` for a service on this data directory, and calling hours where its calls are real. */
function openDialGuard(
  { dataDir, startPolicy }: Pick<Settings, "dataDir" | "startPolicy">,
  environment: "simulated" | "live",
): DialGuard & { close(): void } {
  const database = openCampaignDatabase(join(dataDir, "ledger.sqlite"));
  const { isOn } = createKillSwitch(database);
  const mayDialAt: DialGuard["mayDialAt"] =
    environment === "live" ? (number, at) => callableFrom(number, startPolicy.hours, at) : (_number, at) => at;
  return { isStopped: isOn, mayDialAt, close: () => database.close() };
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
 * From when on a number may be called. Never: one that is not a number to call (premium rate, too long), one of which nobody
 * knows where it rings, and one that can ring in zones whose calling hours never meet.
 */
export function callableFrom(toNumber: string, hours: CallingHours, at: Date): Date | "never" {
  const number = parsePhoneNumber(toNumber);
  const zones = isIssue(number) ? [] : zonesOfNumber(number);
  return nextCallingTime(hours, zones, at) ?? "never";
}
