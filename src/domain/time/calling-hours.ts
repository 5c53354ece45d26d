import { type ClosedDays, type QuietHours, recipientClock, type TimeOfDay } from "../batch/plan.ts";
import type { Issue } from "../problem.ts";
import { closedDaysOf, hasClosedDays, toClosedDaysText } from "./closed-days.ts";
import { isQuiet, nextSharedOpening } from "./quiet-hours.ts";

/**
 * The part of a day, `[start, end)` on the clocks of a zone, in which a phone may ring. `24:00` may end it; where the
 * start is the later time it crosses midnight.
 */
export type CallingHours = { readonly start: TimeOfDay; readonly end: TimeOfDay | "24:00" };

const hoursShape = /^((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00)$/;

/** Reads `08:00-21:00`. The start must be the earlier time: nobody means to ring phones through the night. */
export function parseCallingHours(text: string, field = "BATCH_CALL_CALLING_HOURS"): CallingHours | Issue {
  const [, start, end] = hoursShape.exec(text.trim()) ?? [];
  if (start === undefined || end === undefined) {
    const message = `"${text}" does not give calling hours. Write HH:MM-HH:MM, such as 08:00-21:00; 24:00 may end it.`;
    return { field, code: "invalid_calling_hours", message };
  }
  if (start < end) return { start, end };
  const message = `"${text}" must end later than it starts, on the same day. Write such as 08:00-21:00; 24:00 may end it.`;
  return { field, code: "empty_window", message };
}

/** What is left of the day, as the quiet hours that have the same effect in that zone, with days that are closed there. */
export function toQuietHours({ start, end }: CallingHours, zone: string, closed?: ClosedDays): QuietHours {
  const quietFrom = end === "24:00" ? "00:00" : end;
  const days = closedDaysOf(closed);
  return { enabled: quietFrom !== start || hasClosedDays(days), start: quietFrom, end: start, zone, ...days };
}

/** The part of a day in which a batch's calls are placed, on the clocks of one zone or of each recipient. */
export type BatchHours = CallingHours & ClosedDays & { readonly zone: string };

/** What quiet hours leave of the day; undefined where that is all of it. */
export function toBatchHours(quiet: QuietHours | undefined, batchZone: string): BatchHours | undefined {
  if (!quiet?.enabled) return undefined;
  const end = quiet.start === "00:00" ? "24:00" : quiet.start;
  return { start: quiet.end, end, zone: quiet.zone ?? batchZone, ...closedDaysOf(quiet) };
}

/** `08:00 to 18:00 in America/New_York`, `08:00 to 18:00 on everybody's own clock, not on Sundays`. */
export function toHoursText({ start, end, zone, ...closed }: BatchHours): string {
  const where = zone === recipientClock ? "on everybody's own clock" : `in ${zone}`;
  const not = hasClosedDays(closed) ? `, not on ${toClosedDaysText(closed)}` : "";
  return `${start} to ${end} ${where}${not}`;
}

/** True when clocks in all the zones show a time within the hours; never without a zone. */
export function isWithinCallingHours(hours: CallingHours, zones: readonly string[], at: Date): boolean {
  return zones.length > 0 && zones.every((zone) => !isQuiet(toQuietHours(hours, zone), zone, at));
}

/** The first instant from `at` on, `at` included, that is within the hours in all the zones; undefined when they share none. */
export function nextCallingTime(hours: CallingHours, zones: readonly string[], at: Date): Date | undefined {
  if (zones.length === 0) return undefined;
  return nextSharedOpening([toQuietHours(hours, recipientClock)], zones, at);
}
