import { IANAZone } from "luxon";
import type { TimeOfDay } from "./plan.ts";

// Zone rules come in here and nowhere else: the rest of the code knows zone names, instants and wall times.

/** Time on a clock on the wall, without a zone: `YYYY-MM-DDTHH:MM`, with `:SS` where the seconds are not zero. */
export type WallTime = string;

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

// The runtime also takes offsets, any letter case, and three-letter names with meanings of its own (BST is Dhaka).
const zoneNameShape = /^[A-Z][A-Za-z0-9_+-]*(\/[A-Z][A-Za-z0-9_+-]*)*$/;
const ambiguousName = /^([A-Z]{3}|SystemV\/.*)$/;
// EST, MST and HST are missing on purpose: they never change their clocks, which is not what people mean by them.
const clearAbbreviations = new Set(["UTC", "GMT", "UCT", "CET", "EET", "MET", "WET", "PRC", "ROC", "ROK"]);

let namesByLowerCase: ReadonlyMap<string, string> | undefined;

function knownNames(): ReadonlyMap<string, string> {
  namesByLowerCase ??= new Map(Intl.supportedValuesOf("timeZone").map((name) => [name.toLowerCase(), name]));
  return namesByLowerCase;
}

/** The main IANA names, without links such as `US/Pacific`. */
export function zoneNames(): readonly string[] {
  return [...knownNames().values()];
}

/** True for an IANA zone name in its own letter case, links such as `Asia/Calcutta` included. */
export function isZone(name: string): boolean {
  if (!zoneNameShape.test(name)) return false;
  if (ambiguousName.test(name) && !clearAbbreviations.has(name)) return false;
  const known = knownNames().get(name.toLowerCase());
  return known === undefined ? IANAZone.isValidZone(name) : known === name;
}

function offsetMs(zone: string, instantMs: number): number {
  const rules = IANAZone.create(zone);
  if (!rules.isValid) throw new RangeError(`"${zone}" was used as a time zone without having been checked`);
  return rules.offset(instantMs) * minuteMs;
}

/** Wall time as the milliseconds that UTC would have if it showed the same. */
function wallMs(instantMs: number, zone: string): number {
  return instantMs + offsetMs(zone, instantMs);
}

/** Local minus UTC at that instant, as `+05:30`. */
export function toOffset(at: Date, zone: string): string {
  const minutes = Math.round(offsetMs(zone, at.getTime()) / minuteMs);
  const clock = new Date(Math.abs(minutes) * minuteMs).toISOString().slice(11, 16);
  return `${minutes < 0 ? "-" : "+"}${clock}`;
}

export function toWallTime(at: Date, zone: string): WallTime {
  const text = new Date(wallMs(at.getTime(), zone)).toISOString().slice(0, 19);
  return text.endsWith(":00") ? text.slice(0, 16) : text;
}

export function toTimeOfDay(at: Date, zone: string): TimeOfDay {
  return toWallTime(at, zone).slice(11, 16);
}

/**
 * The instants at which the clocks of the zone show that time, earliest first: none in the gap where clocks are put
 * forward, two where they are put back, else one.
 */
export function fromWallTime(wall: WallTime, zone: string): readonly Date[] {
  const target = Date.parse(`${wall}Z`);
  // A day before and after, because a change can be a whole day long (Apia had no 30 December 2011).
  const offsets = new Set([target - dayMs, target + dayMs].map((instantMs) => offsetMs(zone, instantMs)));
  return [...offsets]
    .map((offset) => target - offset)
    .filter((instantMs) => wallMs(instantMs, zone) === target)
    .sort((a, b) => a - b)
    .map((instantMs) => new Date(instantMs));
}

/**
 * The first instant strictly after `after` at which the clocks of the zone show that time of day. A day whose clocks
 * skip it is passed over; where clocks show it twice, both count.
 */
export function nextTimeOfDay(time: TimeOfDay, zone: string, after: Date): Date {
  // From the day before: clocks put back at midnight return to it.
  for (let dayStart = wallMs(after.getTime(), zone) - dayMs; ; dayStart += dayMs) {
    const date = new Date(dayStart).toISOString().slice(0, 10);
    const next = fromWallTime(`${date}T${time}`, zone).find((instant) => instant > after);
    if (next) return next;
  }
}

/** The first instant of a new offset in `(after, until]`. Meant for spans of days, with one change in them at the most. */
export function nextOffsetChange(zone: string, after: Date, until: Date): Date | undefined {
  const offset = offsetMs(zone, after.getTime());
  let before = after.getTime();
  let changed = until.getTime();
  if (offsetMs(zone, changed) === offset) return undefined;
  while (changed - before > 1) {
    const middle = Math.floor((before + changed) / 2);
    if (offsetMs(zone, middle) === offset) before = middle;
    else changed = middle;
  }
  return new Date(changed);
}
