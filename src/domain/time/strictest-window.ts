import type { QuietHours, TimeOfDay } from "../batch/plan.ts";
import { type CallingHours, toQuietHours } from "./calling-hours.ts";
import { nextOffsetChange, toTimeOfDay } from "./zone.ts";

const minutesPerDay = 24 * 60;

export type WindowRequest = {
  readonly hours: CallingHours;
  /** The zones that each recipient may be in; see `zonesOfNumber`. */
  readonly zoneSets: readonly (readonly string[])[];
  readonly batchZone: string;
  /** The batch's own quiet hours, which go on to hold. */
  readonly quietHours?: QuietHours;
  /** The window is right from the first instant to the last one, clock changes in between included. */
  readonly from: Date;
  readonly until: Date;
};

/**
 * The part of a day on the clocks of the batch's zone in which every recipient may be called, for an API that knows one
 * window for all of them. The longest one where there are several; undefined where there is none.
 */
export function strictestWindow(request: WindowRequest): CallingHours | undefined {
  const { hours, zoneSets, batchZone, quietHours } = request;
  if (zoneSets.length === 0 || zoneSets.some((zones) => zones.length === 0)) return undefined;
  const quiets = [...new Set(zoneSets.flat())].map((zone) => toQuietHours(hours, zone));
  const closed = new Set<number>();
  for (const quiet of quietHours ? [...quiets, quietHours] : quiets) {
    if (!quiet.enabled) continue;
    for (const lead of leadsOver(quiet.zone ?? batchZone, request)) addMinutes(quiet, lead, closed);
  }
  return longestOpening(closed);
}

/** How many minutes the clocks of the batch's zone are ahead of those of the other one, every value in that time. */
function leadsOver(zone: string, { batchZone, from, until }: WindowRequest): ReadonlySet<number> {
  const instants = [from, ...changesOf(zone, from, until), ...changesOf(batchZone, from, until)];
  return new Set(instants.map((at) => toMinutes(toTimeOfDay(at, batchZone)) - toMinutes(toTimeOfDay(at, zone))));
}

function changesOf(zone: string, from: Date, until: Date): readonly Date[] {
  const changes: Date[] = [];
  for (let at = nextOffsetChange(zone, from, until); at; at = nextOffsetChange(zone, at, until)) changes.push(at);
  return changes;
}

function addMinutes({ start, end }: QuietHours, lead: number, minutes: Set<number>): void {
  const length = wrap(toMinutes(end) - toMinutes(start));
  for (let minute = 0; minute < length; minute++) minutes.add(wrap(toMinutes(start) + lead + minute));
}

function longestOpening(closed: ReadonlySet<number>): CallingHours | undefined {
  if (closed.size === 0) return { start: "00:00", end: "24:00" };
  let best = { end: 0, length: 0 };
  let length = 0;
  // Twice around, so that an opening over midnight is seen whole.
  for (let minute = 0; minute < 2 * minutesPerDay; minute++) {
    length = closed.has(wrap(minute)) ? 0 : length + 1;
    if (length > best.length) best = { end: wrap(minute + 1), length };
  }
  if (best.length === 0) return undefined;
  return { start: toTime(wrap(best.end - best.length)), end: best.end === 0 ? "24:00" : toTime(best.end) };
}

function wrap(minutes: number): number {
  return ((minutes % minutesPerDay) + minutesPerDay) % minutesPerDay;
}

function toMinutes(time: TimeOfDay): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

function toTime(minutes: number): TimeOfDay {
  return new Date(minutes * 60_000).toISOString().slice(11, 16);
}
