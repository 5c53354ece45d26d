import { type CalendarDate, type ClosedDays, type Weekday, weekdays } from "../batch/plan.ts";
import { type Issue, isIssue } from "../problem.ts";
import { holidaysAround, longestHolidayRun } from "./public-holidays.ts";
import { lastZone, toWallTime } from "./zone.ts";

const dayMs = 24 * 60 * 60_000;
/** More dates than these are taken for a calendar that was meant to be something else. */
export const mostDates = 366;
/** A date further away than this is taken for a slip in the year. */
const furthestYears = 2;

/** A day of the week by its English name or the first three letters of it, in any letter case: `Saturday`, `sat`, `Saturdays`. */
export function parseWeekday(text: string): Weekday | undefined {
  const name = text.trim().toLowerCase();
  return weekdays.find((day) => name === day || name === `${day}s` || name === day.slice(0, 3));
}

export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** Without what is said twice, and in the order in which all code has them. */
export function closedDays(
  days: readonly Weekday[] | null | undefined,
  notOn: readonly CalendarDate[] | null | undefined,
  holidays?: boolean | null | undefined,
): ClosedDays {
  const named = weekdays.filter((day) => days?.includes(day));
  const dates = [...new Set(notOn ?? [])].toSorted();
  return {
    ...(named.length > 0 && { days: named }),
    ...(dates.length > 0 && { notOn: dates }),
    ...(holidays && { holidays }),
  };
}

/** The closed days of something that has more. */
export function closedDaysOf({ days, notOn, holidays }: ClosedDays = {}): ClosedDays {
  return closedDays(days, notOn, holidays);
}

export function hasClosedDays({ days = [], notOn = [], holidays }: ClosedDays): boolean {
  return days.length > 0 || notOn.length > 0 || holidays === true;
}

/** The same with the public holidays of a recipient's country as dates, as far as they may matter to a call at that instant. */
export function withHolidays<C extends ClosedDays>(closed: C, country: string | undefined, at: Date): C {
  if (!closed.holidays) return closed;
  return { ...closed, notOn: [...(closed.notOn ?? []), ...holidaysAround(country, at)] };
}

/** Public holidays aside, which are not the same for everybody. */
export function isClosedOn({ days = [], notOn = [] }: ClosedDays, date: CalendarDate): boolean {
  return notOn.includes(date) || (days.length > 0 && days.includes(weekdayOf(date)));
}

function weekdayOf(date: CalendarDate): Weekday {
  // Safe: there are seven of each.
  return weekdays[new Date(`${date}T00:00Z`).getUTCDay()] as Weekday;
}

/** Whether the day that those clocks show is closed on any of them. */
export function isClosedAt(closed: ClosedDays, zones: readonly string[], at: Date): boolean {
  return zones.some((zone) => isClosedOn(closed, toWallTime(at, zone).slice(0, 10)));
}

/** The first later date that is not closed. Throws where all weekdays are, which is refused before. */
export function nextOpenDate(closed: ClosedDays, date: CalendarDate): CalendarDate {
  if (closed.days?.length === weekdays.length) throw new Error("All seven weekdays are closed");
  let next = dayAfter(date);
  while (isClosedOn(closed, next)) next = dayAfter(next);
  return next;
}

function dayAfter(date: CalendarDate, days = 1): CalendarDate {
  return new Date(Date.parse(`${date}T00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}

/** How many days in a row are closed at most; with public holidays, in whatever country. */
export function longestClosedRun(closed: ClosedDays): number {
  const { holidays, ...others } = closed;
  // What is closed before and after a row of holidays makes it longer.
  return holidays ? longestHolidayRun + 2 * longestRun(others) : longestRun(others);
}

function longestRun(closed: ClosedDays): number {
  const { days = [], notOn = [] } = closed;
  if (days.length === weekdays.length) return Number.POSITIVE_INFINITY;
  // Any week shows what weekdays do by themselves; the others begin or end beside a date.
  const anyWeek = ["2026-01-04", "2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08", "2026-01-09", "2026-01-10"];
  const weekly = days.length > 0 ? anyWeek.map((date) => runFrom({ days }, date)) : [];
  const runs = notOn.map((date) => runFrom(closed, firstOfRun(closed, date)));
  return Math.max(0, ...weekly, ...runs);
}

function firstOfRun(closed: ClosedDays, date: CalendarDate): CalendarDate {
  let first = date;
  while (isClosedOn(closed, dayAfter(first, -1))) first = dayAfter(first, -1);
  return first;
}

function runFrom(closed: ClosedDays, date: CalendarDate): number {
  if (!isClosedOn(closed, date)) return 0;
  return (Date.parse(nextOpenDate(closed, date)) - Date.parse(date)) / dayMs;
}

/** Everything that is wrong with closed days as they were given at `now`. */
export function closedDaysIssues({ days = [], notOn = [] }: ClosedDays, now: Date): readonly Issue[] {
  const tooMany: Issue = {
    field: "quiet_hours.not_on",
    code: "too_long",
    message: `There are ${notOn.length} dates; at most ${mostDates} are accepted.`,
  };
  return [
    days.length === weekdays.length ? noDayLeft : undefined,
    ...(notOn.length > mostDates ? [tooMany] : notOn.map((date) => dateIssue(date, now))),
  ].filter(isIssue);
}

const noDayLeft: Issue = {
  field: "quiet_hours.days",
  code: "no_calling_time",
  message: "All seven days of the week are days without calls, so nobody would ever be called. Leave one out.",
};

/** A date that has passed everywhere closes nothing: most likely another year was meant, and the phones would ring on that day. */
function dateIssue(date: CalendarDate, now: Date): Issue | undefined {
  const field = "quiet_hours.not_on";
  if (!isDate(date)) {
    const message = `"${date}" is not a date. Write YYYY-MM-DD, such as ${toWallTime(now, "UTC").slice(0, 4)}-12-25.`;
    return { field, code: "invalid_date", message };
  }
  const today = toWallTime(now, lastZone).slice(0, 10);
  const year = Number(today.slice(0, 4)) + furthestYears;
  if (date < today) {
    const message = `${date} has passed everywhere (it is ${today} or later), so calls would be placed as if it were not there. Write the year that is meant, or leave it out.`;
    return { field, code: "in_past", message };
  }
  if (Number(date.slice(0, 4)) <= year) return undefined;
  return {
    field,
    code: "too_far",
    message: `${date} is after ${year}. Write the year that is meant, or leave it out.`,
  };
}

const mostNamed = 8;

/** `Saturdays, Sundays and 2026-12-25`; of many dates the first ones, and how many more there are. */
export function toClosedDaysText({ days = [], notOn = [], holidays }: ClosedDays): string {
  const names = [...mondayFirst(days).map((day) => `${day.charAt(0).toUpperCase()}${day.slice(1)}s`)];
  const more = notOn.length > mostNamed ? [`${notOn.length - mostNamed} more dates`] : [];
  const parts = [
    ...names,
    ...notOn.slice(0, mostNamed),
    ...more,
    ...(holidays ? ["public holidays of each recipient's country"] : []),
  ];
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

function mondayFirst(days: readonly Weekday[]): readonly Weekday[] {
  return [...days.filter((day) => day !== "sunday"), ...days.filter((day) => day === "sunday")];
}
