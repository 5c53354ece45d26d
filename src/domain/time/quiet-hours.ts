import { type QuietHours, recipientClock, type TimeOfDay } from "../batch/plan.ts";
import { type Issue, isIssue } from "../problem.ts";
import { nextOffsetChange, nextTimeOfDay, toTimeOfDay } from "./zone.ts";
import { parseZone } from "./zone-name.ts";

export function parseTimeOfDay(text: string, field: string): TimeOfDay | Issue {
  if (/^([01]\d|2[0-3]):[0-5]\d$/.test(text)) return text;
  const message = `"${text}" is not a time of day. Write ${onClockOf24(text) ?? "HH:MM from 00:00 to 23:59, such as 09:00"}.`;
  return { field, code: "invalid_time_of_day", message };
}

/** What `9pm` and `12:30 a.m.` are by a clock of 24 hours; HH:MM, which the message speaks of, all the same. */
function onClockOf24(text: string): string | undefined {
  const [, hour, minute = "00", half] = /^\s*(1[0-2]|0?[1-9])(?::([0-5]\d))?\s*([ap])\.?m\.?\s*$/i.exec(text) ?? [];
  if (hour === undefined || half === undefined) return undefined;
  const hours = (Number(hour) % 12) + (half.toLowerCase() === "p" ? 12 : 0);
  return `${String(hours).padStart(2, "0")}:${minute} (HH:MM, by a clock of 24 hours)`;
}

/** What is wrong with quiet hours as they were given. An enabled window that starts when it ends is refused as a slip. */
export function quietHoursIssues(quiet: QuietHours): readonly Issue[] {
  const issues = [
    parseTimeOfDay(quiet.start, "quiet_hours.start_time"),
    parseTimeOfDay(quiet.end, "quiet_hours.end_time"),
    quiet.zone === undefined || quiet.zone === recipientClock
      ? undefined
      : parseZone(quiet.zone, "quiet_hours.timezone"),
  ].filter(isIssue);
  return quiet.enabled && quiet.start === quiet.end ? [...issues, emptyWindow(quiet.start)] : issues;
}

function emptyWindow(time: TimeOfDay): Issue {
  const message = `Quiet hours start and end at "${time}", which holds no time. Give two different times, or leave quiet_hours out.`;
  return { field: "quiet_hours.end_time", code: "empty_window", message };
}

/**
 * True when no call may be placed at that instant: the clocks of `quiet.zone`, else of the batch's zone, show a time
 * of day in `[start, end)`. Equal times make an empty window.
 */
export function isQuiet(quiet: QuietHours | undefined, batchZone: string, at: Date): boolean {
  if (!quiet?.enabled) return false;
  const time = toTimeOfDay(at, quiet.zone ?? batchZone);
  const { start, end } = quiet;
  return start <= end ? start <= time && time < end : time >= start || time < end;
}

/** The instant at which so many minutes outside of quiet hours are over, counted from `at`. */
export function afterOpenMinutes(quiet: QuietHours | undefined, batchZone: string, at: Date, minutes: number): Date {
  let from = nextOpening(quiet, batchZone, at);
  for (let leftMs = minutes * 60_000; ; ) {
    const closing = quiet?.enabled ? nextTimeOfDay(quiet.start, quiet.zone ?? batchZone, from) : undefined;
    const openMs = closing ? closing.getTime() - from.getTime() : leftMs;
    if (!closing || openMs >= leftMs) return new Date(from.getTime() + leftMs);
    leftMs -= openMs;
    from = nextOpening(quiet, batchZone, closing);
  }
}

// Long enough for any clock change. Clocks that share no open time within it are taken to share none.
const lookAheadMs = 7 * 24 * 60 * 60_000;

/** The first instant from `at` on, `at` included, that is quiet on none of the clocks; undefined when they share none. */
export function nextSharedOpening(quiets: readonly QuietHours[], zones: readonly string[], at: Date): Date | undefined {
  const until = at.getTime() + lookAheadMs;
  const clocks = zones.flatMap((zone) => quiets.map((quiet) => ({ zone, quiet: { ...quiet, zone } })));
  for (let next = at; next.getTime() <= until; ) {
    // Each clock in turn pushes it on; when none does any more, all of them are open.
    const pushed = clocks.reduce((instant, { zone, quiet }) => nextOpening(quiet, zone, instant), next);
    if (pushed.getTime() === next.getTime()) return next;
    next = pushed;
  }
  return undefined;
}

/** The first instant from `at` on, `at` included, that is not quiet. */
export function nextOpening(quiet: QuietHours | undefined, batchZone: string, at: Date): Date {
  if (!quiet || !isQuiet(quiet, batchZone, at)) return at;
  const zone = quiet.zone ?? batchZone;
  const end = nextTimeOfDay(quiet.end, zone, at);
  // Clocks that jump, forward over the end or back before the start, also end the quiet.
  const change = nextOffsetChange(zone, at, end);
  return change && !isQuiet(quiet, batchZone, change) ? change : end;
}

/** The last whole minute before `end` in which a call may be placed; undefined where the day before it has none. */
export function lastOpenMinute(quiet: QuietHours | undefined, batchZone: string, end: Date): Date | undefined {
  const latest = Math.ceil(end.getTime() / 60_000) - 1;
  for (let minute = latest; minute > latest - 2 * minutesPerDay; minute--) {
    const at = new Date(minute * 60_000);
    if (!isQuiet(quiet, batchZone, at)) return at;
  }
  return undefined;
}

const minutesPerDay = 24 * 60;

/** `No calls from 20:00 to 09:00 in America/New_York`; undefined where there are no quiet hours. */
export function toQuietText(quiet: QuietHours | undefined, batchZone: string): string | undefined {
  if (!quiet?.enabled) return undefined;
  const where = quiet.zone === recipientClock ? "on everybody's own clock" : `in ${quiet.zone ?? batchZone}`;
  return `No calls from ${quiet.start} to ${quiet.end} ${where}`;
}
