import { type TimeOfDay, type Weekday, weekdays } from "../batch/plan.ts";
import { toClosedDaysText } from "./closed-days.ts";
import { longestHolidayRun, publicHolidays } from "./public-holidays.ts";
import { fromWallTime, toWallTime } from "./zone.ts";

/** Which rules of a country are meant: most bind calls that sell, some bind research too. */
export const presetScopes = ["marketing", "research"] as const;
export type PresetScope = (typeof presetScopes)[number];

/** `[start, end)` on these weekdays; `24:00` may end it. */
type OpenWindow = { readonly days: readonly Weekday[]; readonly start: TimeOfDay; readonly end: TimeOfDay | "24:00" };

/** Hours in which a country's rules let calls of a scope be placed, on the clock of whoever is called. A fact with its source, not legal advice. */
export type HoursPreset = {
  /** ISO 3166-1 alpha-2. */
  readonly jurisdiction: string;
  readonly scopes: readonly PresetScope[];
  readonly windows: readonly OpenWindow[];
  /** Whether public holidays of the country are called; see `publicHolidays`. */
  readonly holidays: boolean;
  readonly rule: string;
  readonly source: string;
  readonly sourceDate: string;
  /** Read at the authority's own page; else told by others who agree. */
  readonly verified: boolean;
};

const workdays = ["monday", "tuesday", "wednesday", "thursday", "friday"] as const;
const weekend = ["saturday", "sunday"] as const;

export const hourPresets: readonly HoursPreset[] = [
  {
    jurisdiction: "US",
    scopes: ["marketing"],
    windows: [{ days: weekdays, start: "08:00", end: "21:00" }],
    holidays: true,
    rule: "47 CFR 64.1200(c)(1); some states have shorter hours, which are not in it",
    source: "leadgen-economy.com/blog/telemarketing-calling-hours-by-state",
    sourceDate: "2025",
    verified: false,
  },
  {
    jurisdiction: "CA",
    scopes: ["marketing"],
    windows: [
      { days: workdays, start: "09:00", end: "21:30" },
      { days: weekend, start: "10:00", end: "18:00" },
    ],
    holidays: true,
    rule: "CRTC Unsolicited Telecommunications Rules",
    source: "crtc.gc.ca/eng/trules-reglest.htm",
    sourceDate: "read 2026-11",
    verified: true,
  },
  {
    jurisdiction: "IN",
    scopes: ["marketing"],
    windows: [{ days: weekdays, start: "09:00", end: "21:00" }],
    holidays: true,
    rule: "TRAI regulations of 2010",
    source: "business-standard.com and indianexpress.com",
    sourceDate: "2011-09-06",
    verified: false,
  },
  {
    jurisdiction: "AU",
    scopes: ["marketing"],
    windows: [
      { days: workdays, start: "09:00", end: "20:00" },
      { days: ["saturday"], start: "09:00", end: "17:00" },
    ],
    holidays: false,
    rule: "Telemarketing and Research Calls Industry Standard 2017",
    source: "donotcall.gov.au (industry standards)",
    sourceDate: "read 2026-11",
    verified: true,
  },
  {
    jurisdiction: "AU",
    scopes: ["research"],
    windows: [
      { days: workdays, start: "09:00", end: "20:30" },
      { days: weekend, start: "09:00", end: "17:00" },
    ],
    holidays: false,
    rule: "Telemarketing and Research Calls Industry Standard 2017",
    source: "donotcall.gov.au (industry standards)",
    sourceDate: "read 2026-11",
    verified: true,
  },
  {
    jurisdiction: "FR",
    scopes: ["marketing"],
    windows: [
      { days: workdays, start: "10:00", end: "13:00" },
      { days: workdays, start: "14:00", end: "20:00" },
    ],
    holidays: false,
    rule: "décret 2022-1313, in force 2023-03-01; opt-in only from 2026-08-11",
    source: "actu-juridique.fr and nextinpact.com/lebrief/1190",
    sourceDate: "2023-01",
    verified: false,
  },
];

/** The preset that holds for people of that country; undefined where there is none. */
export function presetFor(scope: PresetScope | undefined, country: string | undefined): HoursPreset | undefined {
  if (scope === undefined) return undefined;
  return hourPresets.find(({ jurisdiction, scopes }) => jurisdiction === country && scopes.includes(scope));
}

function isOpen({ jurisdiction, windows, holidays }: HoursPreset, zone: string, at: Date): boolean {
  const wall = toWallTime(at, zone);
  const [date, time] = [wall.slice(0, 10), wall.slice(11, 16)];
  if (!holidays && publicHolidays(jurisdiction, Number(date.slice(0, 4))).includes(date)) return false;
  const day = weekdays[new Date(`${date}T00:00Z`).getUTCDay()];
  return windows.some(({ days, start, end }) => days.some((name) => name === day) && start <= time && time < end);
}

const dayMs = 24 * 60 * 60_000;
/** A week, all holidays that follow each other, and a day for clocks that skip an opening. */
const mostDays = 8 + longestHolidayRun;

/**
 * The first instant from `at` on, `at` included, that is within the preset on all the clocks; undefined when they share none in a
 * week without holidays, or there is no clock.
 */
export function nextPresetTime(preset: HoursPreset, zones: readonly string[], at: Date): Date | undefined {
  if (zones.length === 0) return undefined;
  const isOpenInAll = (instant: Date) => zones.every((zone) => isOpen(preset, zone, instant));
  if (isOpenInAll(at)) return at;
  // What all clocks share begins where one of them opens; nearly always within days, and each takes a while to find.
  for (const days of [3, mostDays]) {
    const openings = zones.flatMap((zone) => openingsAfter(preset, zone, at, days));
    const first = openings.toSorted((a, b) => a.getTime() - b.getTime()).find(isOpenInAll);
    if (first && first.getTime() <= at.getTime() + days * dayMs) return first;
  }
  return undefined;
}

/** All of so many days, and some of the day after. */
function openingsAfter({ windows }: HoursPreset, zone: string, at: Date, days: number): readonly Date[] {
  const today = Date.parse(`${toWallTime(at, zone).slice(0, 10)}T00:00Z`);
  const dates = Array.from({ length: days + 1 }, (_, n) => new Date(today + n * dayMs).toISOString().slice(0, 10));
  const starts = new Set(windows.map(({ start }) => start));
  return dates
    .flatMap((date) => [...starts].flatMap((start) => fromWallTime(`${date}T${start}`, zone)))
    .filter((instant) => instant > at);
}

/** What holds in which country, with its source and date; and where the presets know nothing. */
export function toPresetTexts(scope: PresetScope | undefined, countries: readonly string[]): readonly string[] {
  if (scope === undefined) return [];
  const known = countries.flatMap((country) => presetFor(scope, country) ?? []);
  const others = countries.filter((country) => !presetFor(scope, country));
  const none = `Preset ${scope} has no hours for ${others.join(", ")}: the operator's own hold alone`;
  return [...known.flatMap((preset) => toPresetText(preset, scope)), ...(others.length > 0 ? [none] : [])];
}

/** Where the preset holds, for a place that does not know who is called. */
export function toPresetSummary(scope: PresetScope): string {
  const places = hourPresets.filter(({ scopes }) => scopes.includes(scope)).map(({ jurisdiction }) => jurisdiction);
  return `Preset ${scope} holds besides for people in ${places.join(", ")}, on their own clocks. Facts, not legal advice: preview_batch_call cites each rule with its source and date`;
}

/** Two lines, each short enough for a form. */
function toPresetText(
  { jurisdiction, windows, holidays, ...told }: HoursPreset,
  scope: PresetScope,
): readonly string[] {
  const hours = windows.map(({ days, start, end }) => `${toDaysText(days)} ${start} to ${end}`);
  const closed = holidays ? "" : ", not on public holidays";
  const how = told.verified ? "" : "not verified: ";
  return [
    `Preset ${scope}, ${jurisdiction}: ${hours.join(", ")}, on their own clocks${closed}`,
    `Facts, not legal advice: ${told.rule} (${how}${told.source}, ${told.sourceDate})`,
  ];
}

function toDaysText(days: readonly Weekday[]): string {
  if (days.length === weekdays.length) return "every day";
  return days.length === workdays.length ? "Mondays to Fridays" : toClosedDaysText({ days });
}
