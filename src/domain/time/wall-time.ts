import { type Issue, isIssue } from "../problem.ts";
import { instantOfCount } from "./time-spelling.ts";
import { fromWallTime, nextOffsetChange, toOffset, toWallTime, type WallTime } from "./zone.ts";
import { parseZone } from "./zone-name.ts";

export type StartAt = {
  readonly at: Date;
  /** IANA zone as it was written. */
  readonly zone: string;
  /** `at` on the clocks of that zone. */
  readonly local: WallTime;
};

const dayMs = 24 * 60 * 60 * 1000;
/** A start further away than this is taken for a slip in the year. */
const furthestStartDays = 365;

const isoShape = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(:\d{2})?(?:\.\d+)?(Z|[+-]\d{2}:\d{2})?$/;
const acceptedForm =
  "Write local time as YYYY-MM-DDTHH:MM and its zone in timezone, or add an offset: YYYY-MM-DDTHH:MM+05:30.";

function refuse(code: string, message: string): Issue {
  return { field: "start_at", code, message };
}

function refuseShape(text: string): Issue {
  if (/^-?\d+(\.\d+)?$/.test(text)) {
    const counted = instantOfCount(text);
    const meant = counted === undefined ? "" : ` Counted since 1970 it is ${counted}: write that if it is meant.`;
    return refuse("bare_number", `"${text}" is a number, and nobody can tell its unit.${meant} ${acceptedForm}`);
  }
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return refuse("no_time", `"${text}" has no time of day. ${acceptedForm}`);
  return refuse("invalid_time", `"${text}" is not a date and time. ${twoReadings(text) ?? acceptedForm}`);
}

/** A date with the year last: which number is the month, people write both ways. */
function twoReadings(text: string): string | undefined {
  const [, first = "", second = "", year, hour, minute] = yearLast.exec(text) ?? [];
  if (year === undefined) return undefined;
  const time = hour === undefined ? "HH:MM" : `${hour.padStart(2, "0")}:${minute}`;
  const dates = [`${year}-${pad(second)}-${pad(first)}`, `${year}-${pad(first)}-${pad(second)}`].filter((date) =>
    isOnCalendar(`${date}T00:00`),
  );
  const forms = [...new Set(dates)].map((date) => `${date}T${time}`);
  return forms.length === 0 ? undefined : `Write ${forms.join(" or ")}, whichever is meant.`;
}

const yearLast = /^\s*(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:[T ,]+(\d{1,2}):(\d{2}))?\s*$/;

function pad(number: string): string {
  return number.padStart(2, "0");
}

/** Date.parse alone would read 30 February as 2 March, and 24:00 as the next day. */
function isOnCalendar(wall: WallTime): boolean {
  const instantMs = Date.parse(`${wall}Z`);
  return !Number.isNaN(instantMs) && new Date(instantMs).toISOString().startsWith(wall);
}

function refuseGap(wall: WallTime, zone: string): Issue {
  const aroundMs = Date.parse(`${wall}Z`);
  const change = nextOffsetChange(zone, new Date(aroundMs - dayMs), new Date(aroundMs + dayMs));
  if (!change) throw new Error(`${wall} is missing in ${zone} without a clock change`);
  const lastBefore = toWallTime(new Date(change.getTime() - 60_000), zone);
  const firstAfter = toWallTime(change, zone);
  return refuse(
    "in_gap",
    `${wall} does not exist in ${zone}: clocks are put forward from ${lastBefore} straight to ${firstAfter}. ` +
      `Write ${lastBefore} or earlier, or ${firstAfter} or later.`,
  );
}

function fromLocal(wall: WallTime, zone: string): Date | Issue {
  const [first, second] = fromWallTime(wall, zone);
  if (!first) return refuseGap(wall, zone);
  if (!second) return first;
  return refuse(
    "ambiguous",
    `${wall} happens twice in ${zone}, because clocks are put back. ` +
      `Write ${wall}${toOffset(first, zone)} for the first or ${wall}${toOffset(second, zone)} for the second.`,
  );
}

function parseInstant(text: string, zone: string): Date | Issue {
  const [, minute, seconds = "", offset] = isoShape.exec(text) ?? [];
  if (!minute) return refuseShape(text);
  const wall = minute + seconds;
  if (!isOnCalendar(wall)) return refuse("invalid_time", `"${text}" is on no calendar or clock. ${acceptedForm}`);
  if (!offset) return fromLocal(wall, zone);
  const at = new Date(wall + offset);
  return Number.isNaN(at.getTime()) ? refuse("invalid_time", `"${text}" has no valid offset. ${acceptedForm}`) : at;
}

function refuseDistance(text: string, at: Date, zone: string, now: Date): Issue | undefined {
  const clock = `it is ${toWallTime(now, zone)} in ${zone} now`;
  if (at <= now) return refuse("in_past", `${text} has passed: ${clock}. Give a later time, or start now.`);
  if (at.getTime() - now.getTime() <= furthestStartDays * dayMs) return undefined;
  return refuse("too_far", `${text} is more than ${furthestStartDays} days away: ${clock}. Give an earlier time.`);
}

/** Whether a time is one instant by itself, whatever clock it is read on: it has an offset, or is not of the shape of a local time. */
export function namesInstant(text: string): boolean {
  const [, minute, , offset] = isoShape.exec(text) ?? [];
  return minute === undefined || offset !== undefined;
}

/** A local time to the minute, for clocks of several zones. Refused are an offset, which names one instant, and seconds. */
export function parseWallMinute(text: string): WallTime | Issue {
  const [, minute, seconds = ":00", offset] = isoShape.exec(text) ?? [];
  if (!minute) return refuseShape(text);
  if (offset) {
    const advice = `Write ${minute} for that time on everybody's own clock, or give the IANA zone instead of "recipient".`;
    return refuse("contradiction", `"${text}" has an offset and so is one instant for all. ${advice}`);
  }
  if (seconds !== ":00") return refuse("invalid_time", `"${text}" has seconds. Write ${minute}.`);
  return isOnCalendar(minute)
    ? minute
    : refuse("invalid_time", `"${text}" is on no calendar or clock. ${acceptedForm}`);
}

/**
 * Whether clocks of that zone skip the time (`in_gap`) or show it twice (`ambiguous`). `from` is the first wall time that is skipped
 * or shown twice, `until` the first one that is not any more.
 */
export function clockChangeAt(
  wall: WallTime,
  zone: string,
): { readonly kind: "in_gap" | "ambiguous"; readonly from: WallTime; readonly until: WallTime } | undefined {
  const shown = fromWallTime(wall, zone).length;
  if (shown === 1) return undefined;
  const aroundMs = Date.parse(`${wall}Z`);
  const change = nextOffsetChange(zone, new Date(aroundMs - dayMs), new Date(aroundMs + dayMs));
  if (!change) throw new Error(`${wall} is not once in ${zone} without a clock change`);
  const before = Date.parse(`${toWallTime(new Date(change.getTime() - 60_000), zone)}Z`) + 60_000;
  const ends = [new Date(before).toISOString().slice(0, 16), toWallTime(change, zone).slice(0, 16)].toSorted();
  const [from = wall, until = wall] = ends;
  return { kind: shown === 0 ? "in_gap" : "ambiguous", from, until };
}

/** A start so far away is taken for a slip in the year. */
export function tooFarAway(text: string, at: Date, now: Date): Issue | undefined {
  if (at.getTime() - now.getTime() <= furthestStartDays * dayMs) return undefined;
  return refuse("too_far", `${text} is more than ${furthestStartDays} days away. Give an earlier time.`);
}

/**
 * When a batch is to start: local wall time `YYYY-MM-DDTHH:MM[:SS]` in `zone`, or in `fallbackZone` where none was
 * given; or ISO 8601 with an offset, which names the instant by itself. A fraction of a second is dropped. Refused are
 * numbers, times that the zone skips or has twice, and anything not within the coming 365 days.
 */
export function parseStartAt(text: string, zone: string | undefined, fallbackZone: string, now: Date): StartAt | Issue {
  const checkedZone = zone === undefined ? fallbackZone : parseZone(zone, "timezone");
  if (isIssue(checkedZone)) return checkedZone;
  const at = parseInstant(text, checkedZone);
  if (isIssue(at)) return at;
  return refuseDistance(text, at, checkedZone, now) ?? { at, zone: checkedZone, local: toWallTime(at, checkedZone) };
}
