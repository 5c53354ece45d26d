import { type CallingRules, type QuietHours, recipientClock, type TimeOfDay } from "../batch/plan.ts";
import { countryOf, zonesForQuietHours, zonesOfRecipient } from "../phone/recipient-time.ts";
import { isClosedOn, nextOpenDate, withHolidays } from "./closed-days.ts";
import { emptyWindow, nextOpening, nextSharedOpening } from "./quiet-hours.ts";
import { fromWallTime, nextOffsetChange, toWallTime, type WallTime } from "./zone.ts";

const dayMs = 24 * 60 * 60_000;

/** The quiet hours that hold for a whole batch at once: those on a clock that all of it shares. */
export function batchQuietHours({ quietHours }: CallingRules): QuietHours | undefined {
  return quietHours?.zone === recipientClock ? undefined : quietHours;
}

/** The quiet hours that hold for each recipient by their own clock. */
export function recipientQuietHours({ quietHours }: CallingRules): QuietHours | undefined {
  return quietHours?.enabled && quietHours.zone === recipientClock ? quietHours : undefined;
}

/** Whether rules hold each recipient back by what is theirs alone: quiet hours on their own clock, or holidays of their country. */
export function holdEachBack({ quietHours }: CallingRules): boolean {
  return quietHours?.enabled === true && (quietHours.zone === recipientClock || quietHours.holidays === true);
}

/** What is quiet on the clocks of one recipient, the public holidays of the country of the number as dates. */
export function ownQuietHours(rules: CallingRules, toNumber: string, at: Date): QuietHours | undefined {
  const { quietHours } = rules;
  const own = recipientQuietHours(rules);
  if (!quietHours?.enabled || !quietHours.holidays) return own;
  const { enabled, holidays } = quietHours;
  return withHolidays(own ?? { enabled, holidays, start: emptyWindow, end: emptyWindow }, countryOf(toNumber), at);
}

/** A recipient as far as the clock goes. `toNumber` is the number that is to be dialed. */
export type TimedRecipient = {
  readonly toNumber: string;
  /** IANA zone that the list gives; else every zone that the number may be in counts. */
  readonly timezone?: string | undefined;
  readonly notBefore?: Date | undefined;
  /** `toNumber` is their second number. */
  readonly isSecond?: boolean | undefined;
};

/** What a batch says of its recipients' clocks. */
export type ClockRules = {
  readonly rules: CallingRules;
  /** Nobody is called before it is that time on their own clock. */
  readonly notBeforeLocal?: WallTime | undefined;
};

/**
 * From when on, `at` included, a recipient may be called by what holds for them alone: not before their own time, nor before that
 * of the batch on every clock that may be theirs, and outside quiet hours and holidays on all of these, and on those of a number
 * that contradicts its zone, or of a second one that has another clock. Never, when those clocks share no open time, or nobody knows the zone.
 */
export function mayRingFrom(
  { toNumber, timezone, notBefore, isSecond }: TimedRecipient,
  { rules, notBeforeLocal }: ClockRules,
  at: Date,
): Date | "never" {
  const own = notBefore !== undefined && notBefore > at ? notBefore : at;
  if (!holdEachBack(rules) && notBeforeLocal === undefined) return own;
  const zones = zonesOfRecipient(toNumber, timezone);
  const needsClock = recipientQuietHours(rules) !== undefined || notBeforeLocal !== undefined;
  if (zones.length === 0) return needsClock ? "never" : own;
  const local = notBeforeLocal === undefined ? own : reachedOnAll(onOpenDay(notBeforeLocal, rules, toNumber), zones);
  const from = local > own ? local : own;
  const quiet = ownQuietHours(rules, toNumber, from);
  return quiet ? (nextSharedOpening([quiet], zonesForQuietHours(toNumber, timezone, isSecond), from) ?? "never") : from;
}

/** That wall time, or the same time of the next day on which the recipient is called by their own calendar: ten o'clock is not midnight. */
function onOpenDay(wall: WallTime, rules: CallingRules, toNumber: string): WallTime {
  const [date = "", time = ""] = wall.split("T");
  const quiet = ownQuietHours(rules, toNumber, new Date(`${wall}Z`));
  return quiet && isClosedOn(quiet, date) ? `${nextOpenDate(quiet, date)}T${time}` : wall;
}

/**
 * The first instant at which all the clocks show that time or have shown it: the later one where clocks show it twice, and that of
 * the change where they skip it.
 */
export function reachedOnAll(wall: WallTime, zones: readonly string[]): Date {
  const times = zones.flatMap((zone) => {
    const shown = fromWallTime(wall, zone);
    return shown.length > 0 ? shown : changeOver(wall, zone);
  });
  return new Date(Math.max(...times.map((at) => at.getTime())));
}

/** When the clocks of a zone skipped that time. */
function changeOver(wall: WallTime, zone: string): Date {
  const target = Date.parse(`${wall}Z`);
  const change = nextOffsetChange(zone, new Date(target - dayMs), new Date(target + dayMs));
  if (!change) throw new Error(`${wall} is missing in ${zone} without a clock change`);
  return change;
}

/** When an attempt that is due at `dueAt` can be placed: the recipient's own time and whatever quiet hours there are hold it back. */
export function nextAttemptAt(
  dueAt: Date,
  recipient: TimedRecipient,
  batch: ClockRules & { readonly timezone: string },
): Date | "never" {
  for (let at = dueAt; ; ) {
    const from = mayRingFrom(recipient, batch, at);
    if (from === "never") return from;
    at = nextOpening(batchQuietHours(batch.rules), batch.timezone, from);
    if (at.getTime() === from.getTime()) return at;
  }
}

// The widest gap of days that clocks skip is one (Apia, 30 December 2011).
const mostDays = 10;

/**
 * The first time of a day, strictly after `after`, at which it is that time or later on every clock: the latest of one day's times.
 * A day on which one of the clocks skips that time is passed over. Undefined without a zone.
 */
export function nextLocalTime(time: TimeOfDay, zones: readonly string[], after: Date): Date | undefined {
  const days = zones.map((zone) => Date.parse(`${toWallTime(after, zone).slice(0, 10)}T00:00Z`));
  if (days.length === 0) return undefined;
  const firstDay = Math.min(...days) - dayMs;
  for (let day = 0; day <= mostDays; day++) {
    const date = new Date(firstDay + day * dayMs).toISOString().slice(0, 10);
    const latest = latestOf(`${date}T${time}`, zones);
    if (latest !== undefined && latest > after) return latest;
  }
  return undefined;
}

/** The instant from which on all the clocks show that time, or have shown it; undefined where one of them skips it. */
function latestOf(wall: string, zones: readonly string[]): Date | undefined {
  const times = zones.map((zone) => fromWallTime(wall, zone));
  if (times.some((instants) => instants.length === 0)) return undefined;
  return new Date(Math.max(...times.flat().map((at) => at.getTime())));
}
