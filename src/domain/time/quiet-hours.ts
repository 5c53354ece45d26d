import { type QuietHours, recipientClock, type TimeOfDay } from "../batch/plan.ts";
import { type Issue, isIssue } from "../problem.ts";
import { closedDaysIssues, hasClosedDays, isClosedOn, nextOpenDate, toClosedDaysText } from "./closed-days.ts";
import { fromWallTime, nextOffsetChange, nextTimeOfDay, toTimeOfDay, toWallTime } from "./zone.ts";
import { parseZoneOrTheirs } from "./zone-name.ts";

export function parseTimeOfDay(text: string, field: string): TimeOfDay | Issue {
  if (/^([01]\d|2[0-3]):[0-5]\d$/.test(text)) return text;
  const message = `"${text}" is not a time of day. Write ${onClockOf24(text) ?? "HH:MM from 00:00 to 23:59, such as 09:00"}.`;
  return { field, code: "invalid_time_of_day", message };
}

/** Both ends of a window that holds no time, for quiet hours that only close days. */
export const emptyWindow = "00:00";

/** What `9pm` and `12:30 a.m.` are by a clock of 24 hours; HH:MM, which the message speaks of, all the same. */
function onClockOf24(text: string): string | undefined {
  const [, hour, minute = "00", half] = /^\s*(1[0-2]|0?[1-9])(?::([0-5]\d))?\s*([ap])\.?m\.?\s*$/i.exec(text) ?? [];
  if (hour === undefined || half === undefined) return undefined;
  const hours = (Number(hour) % 12) + (half.toLowerCase() === "p" ? 12 : 0);
  return `${String(hours).padStart(2, "0")}:${minute} (HH:MM, by a clock of 24 hours)`;
}

/** What is wrong with quiet hours as they were given at `now`. A window that starts when it ends is refused as a slip. */
export function quietHoursIssues(quiet: QuietHours, now: Date): readonly Issue[] {
  const issues = [
    parseTimeOfDay(quiet.start, "quiet_hours.start_time"),
    parseTimeOfDay(quiet.end, "quiet_hours.end_time"),
    quiet.zone === undefined || quiet.zone === recipientClock
      ? undefined
      : parseZoneOrTheirs(quiet.zone, "quiet_hours.timezone"),
    ...closedDaysIssues(quiet, now),
  ].filter(isIssue);
  const isSlip = quiet.start === quiet.end && !(quiet.start === emptyWindow && hasClosedDays(quiet));
  return quiet.enabled && isSlip ? [...issues, holdsNoTime(quiet.start)] : issues;
}

function holdsNoTime(time: TimeOfDay): Issue {
  const message = `Quiet hours start and end at "${time}", which holds no time. Give two different times, or leave quiet_hours out.`;
  return { field: "quiet_hours.end_time", code: "empty_window", message };
}

/**
 * True when no call may be placed at that instant: the clocks of `quiet.zone`, else of the batch's zone, show a time
 * of day in `[start, end)`, or a day that is closed.
 */
export function isQuiet(quiet: QuietHours | undefined, batchZone: string, at: Date): boolean {
  if (!quiet?.enabled) return false;
  const wall = toWallTime(at, quiet.zone ?? batchZone);
  return isInWindow(quiet, wall.slice(11, 16)) || isClosedOn(quiet, wall.slice(0, 10));
}

/** Whether a time of day is in `[start, end)`, which may cross midnight. */
export function isInWindow({ start, end }: Pick<QuietHours, "start" | "end">, time: TimeOfDay): boolean {
  return start <= end ? start <= time && time < end : time >= start || time < end;
}

/** The instant at which so many minutes outside of quiet hours are over, counted from `at`. */
export function afterOpenMinutes(quiet: QuietHours | undefined, batchZone: string, at: Date, minutes: number): Date {
  let from = nextOpening(quiet, batchZone, at);
  for (let leftMs = minutes * 60_000; ; ) {
    const closing = quiet?.enabled ? nextClosing(quiet, quiet.zone ?? batchZone, from) : undefined;
    const openMs = closing ? closing.getTime() - from.getTime() : leftMs;
    if (!closing || openMs >= leftMs) return new Date(from.getTime() + leftMs);
    leftMs -= openMs;
    from = nextOpening(quiet, batchZone, closing);
  }
}

/** Before it nothing closes. Each midnight counts where days are closed. */
function nextClosing(quiet: QuietHours, zone: string, from: Date): Date {
  const start = nextTimeOfDay(quiet.start, zone, from);
  if (!hasClosedDays(quiet)) return start;
  const midnight = nextTimeOfDay("00:00", zone, from);
  return midnight < start ? midnight : start;
}

// Long enough for any clock change. Clocks that share no open time within it are taken to share none.
const lookAheadMs = 7 * 24 * 60 * 60_000;

/** The first instant from `at` on, `at` included, that is quiet on none of the clocks; undefined when they share none. */
export function nextSharedOpening(quiets: readonly QuietHours[], zones: readonly string[], at: Date): Date | undefined {
  const found = sharedOpening(quiets, zones, at, 1);
  if (found) return found;
  const dates = quiets.reduce((sum, { notOn = [] }) => sum + notOn.length, 0);
  // Dates are over one day. What weeks have in common without them comes after them too, if each takes a week of it.
  const weekly = dates > 0 && sharedOpening(quiets.map(withoutDates), zones, at, 1);
  return weekly ? sharedOpening(quiets, zones, at, dates + 2) : undefined;
}

function withoutDates({ notOn: _, ...weekly }: QuietHours): QuietHours {
  return weekly;
}

function sharedOpening(
  quiets: readonly QuietHours[],
  zones: readonly string[],
  at: Date,
  weeks: number,
): Date | undefined {
  const until = at.getTime() + weeks * lookAheadMs;
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
  if (!quiet?.enabled) return at;
  const zone = quiet.zone ?? batchZone;
  let next = at;
  while (isQuiet(quiet, zone, next)) {
    const date = toWallTime(next, zone).slice(0, 10);
    const end = isClosedOn(quiet, date)
      ? startOfDay(nextOpenDate(quiet, date), zone, next)
      : nextTimeOfDay(quiet.end, zone, next);
    // Clocks that jump, forward over the end or back before the start, also end the quiet.
    next = nextOffsetChange(zone, next, end) ?? end;
  }
  return next;
}

/** Where clocks skip the midnight, an instant after the change that does. */
function startOfDay(date: string, zone: string, after: Date): Date {
  const midnight = fromWallTime(`${date}T00:00`, zone).find((at) => at > after);
  return midnight ?? nextTimeOfDay("00:00", zone, after);
}

/** The last whole minute before `end` in which a call may be placed; undefined where the open day before it has none. */
export function lastOpenMinute(quiet: QuietHours | undefined, batchZone: string, end: Date): Date | undefined {
  const zone = quiet?.zone ?? batchZone;
  let minute = Math.ceil(end.getTime() / 60_000) - 1;
  for (let looked = 0; looked < 2 * minutesPerDay; ) {
    const at = new Date(minute * 60_000);
    if (!isQuiet(quiet, batchZone, at)) return at;
    const isClosed = quiet !== undefined && isClosedOn(quiet, toWallTime(at, zone).slice(0, 10));
    if (!isClosed) looked += 1;
    minute -= isClosed ? stepBack(toTimeOfDay(at, zone)) : 1;
  }
  return undefined;
}

/** Minutes that are all of the same day: up to its start, unless a clock change may lie between. */
function stepBack(time: TimeOfDay): number {
  const sinceMidnight = Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  return Math.max(1, sinceMidnight - mostShifted);
}

const minutesPerDay = 24 * 60;
/** Minutes that clocks are put forward or back. */
const mostShifted = 3 * 60;

/** `No calls from 20:00 to 09:00 in America/New_York`; undefined where there are no quiet hours. */
export function toQuietText(quiet: QuietHours | undefined, batchZone: string): string | undefined {
  if (!quiet?.enabled) return undefined;
  const where = quiet.zone === recipientClock ? "on everybody's own clock" : `in ${quiet.zone ?? batchZone}`;
  const window = quiet.start === quiet.end ? [] : [`from ${quiet.start} to ${quiet.end}`];
  const { holidays, ...dated } = quiet;
  const days = hasClosedDays(dated) ? [`on ${toClosedDaysText(dated)}`] : [];
  const onClock = [...window, ...days].join(", nor ");
  // Those are on everybody's own calendar, whatever clock the rest goes by.
  const own = holidays ? [`on ${toClosedDaysText({ holidays })}`] : [];
  return `No calls ${[...(onClock === "" ? [] : [`${onClock} ${where}`]), ...own].join(", nor ")}`;
}
