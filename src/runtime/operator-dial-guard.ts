import { join } from "node:path";
import { createKillSwitch, openCampaignDatabase } from "../campaigns/records/index.ts";
import type { Settings } from "../config/settings.ts";
import { zonesOfNumber } from "../domain/phone/number-zones.ts";
import { parsePhoneNumber } from "../domain/phone/phone-number.ts";
import { isIssue } from "../domain/problem.ts";
import { type CallingHours, nextCallingTime } from "../domain/time/calling-hours.ts";
import type { DialGuard } from "../service/dialing/index.ts";

const dayMs = 24 * 60 * 60 * 1000;

/** `stop-all` for a service on this data directory, and calling hours where its calls are real. */
function openBrakes(
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
  const guard = openBrakes(settings, environment);
  try {
    const running = await start(guard);
    return { ...running, stop: () => running.stop().finally(() => guard.close()) };
  } catch (error) {
    guard.close();
    throw error;
  }
}

/** A number of which nobody knows where it rings is not called; it is looked at again the next day. */
export function callableFrom(toNumber: string, hours: CallingHours, at: Date): Date {
  const number = parsePhoneNumber(toNumber);
  const zones = isIssue(number) ? [] : zonesOfNumber(number);
  return nextCallingTime(hours, zones, at) ?? new Date(at.getTime() + dayMs);
}
