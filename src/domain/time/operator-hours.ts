import type { StartPolicy } from "../start-policy.ts";
import { nextCallingTime } from "./calling-hours.ts";
import { nextPresetTime, presetFor } from "./hour-presets.ts";
import { longestHolidayRun } from "./public-holidays.ts";

// Both repeat every week, so that what they do not share by then they never do. Days for clock changes and holidays.
const lookAheadMs = (8 + longestHolidayRun) * 24 * 60 * 60_000;

/**
 * The first instant from `at` on, `at` included, that is within the operator's calling hours and within the preset for the
 * country, on all the clocks; undefined when there is none.
 */
export function nextOperatorTime(
  { hours, hoursPreset }: Pick<StartPolicy, "hours" | "hoursPreset">,
  country: string | undefined,
  zones: readonly string[],
  at: Date,
): Date | undefined {
  const preset = presetFor(hoursPreset, country);
  if (!preset) return nextCallingTime(hours, zones, at);
  const until = at.getTime() + lookAheadMs;
  for (let next = at; next.getTime() <= until; ) {
    const byHours = nextCallingTime(hours, zones, next);
    const byBoth = byHours && nextPresetTime(preset, zones, byHours);
    if (!byBoth || byBoth.getTime() === next.getTime()) return byBoth;
    next = byBoth;
  }
  return undefined;
}

/** What of the operator's holds a number back, and until when. */
export type OperatorWait = { readonly until: Date; readonly by: "calling_hours" | "hours_preset" };

/** Undefined where nothing of it does, and where no time will come; see `nextOperatorTime`. */
export function operatorWait(
  policy: Pick<StartPolicy, "hours" | "hoursPreset">,
  country: string | undefined,
  zones: readonly string[],
  at: Date,
): OperatorWait | undefined {
  const until = nextOperatorTime(policy, country, zones, at);
  if (!until || until <= at) return undefined;
  const isByHours = nextCallingTime(policy.hours, zones, at)?.getTime() === until.getTime();
  return { until, by: isByHours ? "calling_hours" : "hours_preset" };
}
