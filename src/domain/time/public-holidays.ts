import { createRequire } from "node:module";
import type Holidays from "date-holidays";
import type { CalendarDate } from "../batch/plan.ts";

const require = createRequire(import.meta.url);
const hourMs = 60 * 60_000;
const dayMs = 24 * hourMs;
/** A day on which clocks change has an hour more or less, which makes it no other day. */
const slackMs = 1.5 * hourMs;

/** The most public holidays of one country that follow each other, weekdays without calls aside. */
export const longestHolidayRun = 10;

const known = new Map<string, readonly CalendarDate[]>();

/**
 * The days of a year that are a public holiday all over a country (ISO 3166-1 alpha-2), the days on which one is made up for and
 * those of which only a part is one included. None for a country of which nothing is known. Read with the first question: the
 * library takes a third of a second, and most campaigns never ask.
 */
export function publicHolidays(country: string, year: number): readonly CalendarDate[] {
  const key = `${country} ${year}`;
  const dates = known.get(key) ?? readHolidays(country, year);
  known.set(key, dates);
  return dates;
}

function readHolidays(country: string, year: number): readonly CalendarDate[] {
  const Library: typeof Holidays = require("date-holidays");
  const holidays = new Library(country, { types: ["public"] }).getHolidays(year);
  return [...new Set(holidays.flatMap(daysOf))].toSorted();
}

/** `date` begins with the wall time at which it begins: some take several days, some begin at noon. */
function daysOf({ date, start, end }: { readonly date: string; readonly start: Date; readonly end: Date }) {
  const midnight = Date.parse(`${date.slice(0, 10)}T00:00Z`);
  const sinceMidnightMs = Date.parse(`${date.slice(0, 10)}T${date.slice(11, 19)}Z`) - midnight;
  const lastsMs = sinceMidnightMs + end.getTime() - start.getTime() - slackMs;
  const count = Math.max(1, Math.ceil(lastsMs / dayMs));
  return Array.from({ length: count }, (_, n) => new Date(midnight + n * dayMs).toISOString().slice(0, 10));
}

/** Where the dates come from: `date-holidays 3.37.0`. */
export function holidaySource(): string {
  const { version }: { version: string } = require("date-holidays/package.json");
  return `date-holidays ${version}`;
}

const mostDates = 10;
const mostCountries = 8;
const mostNamed = 20;

/**
 * Which days are not called in these countries from one instant to the other, a line for each of the first ones, where they come
 * from, and of which countries nothing is known. Each is short enough for a form. No lines without a country.
 */
export function toHolidayTexts(countries: readonly string[], from: Date, until: Date): readonly string[] {
  if (countries.length === 0) return [];
  const first = from.toISOString().slice(0, 10);
  const last = until.toISOString().slice(0, 10);
  const years = Array.from({ length: until.getUTCFullYear() - from.getUTCFullYear() + 1 }, (_, n) => n);
  const told = countries.map((country) => ({
    country,
    dates: years.flatMap((n) => publicHolidays(country, from.getUTCFullYear() + n)),
  }));
  const known = told.filter(({ dates }) => dates.length > 0);
  const lines = known.slice(0, mostCountries).map(({ country, dates }) => {
    const within = dates.filter((date) => first <= date && date <= last);
    const named = within.length === 0 ? "none" : toNames(within, mostDates);
    return `Public holidays without calls, ${country}, ${first} to ${last}: ${named}`;
  });
  const others = known.slice(mostCountries).map(({ country }) => country);
  const unknown = told.filter(({ dates }) => dates.length === 0).map(({ country }) => country);
  return [
    ...lines,
    ...(others.length > 0 ? [`Nor on those of ${toNames(others, mostNamed)}`] : []),
    `Public holidays are advisory, from ${holidaySource()}; those of regions are not in them`,
    ...(unknown.length > 0
      ? [`No public holidays are known of ${toNames(unknown, mostNamed)}: people there are called on all days`]
      : []),
  ];
}

function toNames(names: readonly string[], most: number): string {
  const more = names.length > most ? ` and ${names.length - most} more` : "";
  return names.slice(0, most).join(", ") + more;
}

/** The holidays of the year in which an instant is anywhere, and of the next one. */
export function holidaysAround(country: string | undefined, at: Date): readonly CalendarDate[] {
  if (country === undefined) return [];
  const year = new Date(at.getTime() - dayMs).getUTCFullYear();
  return [...publicHolidays(country, year), ...publicHolidays(country, year + 1)];
}
