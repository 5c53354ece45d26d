import type { TimeOfDay } from "../batch/plan.ts";
import { toSecondText } from "./instant-text.ts";
import { zoneDataFrom, zoneLines } from "./zone-data.ts";

/** `offsets[0]` holds before `changes[0]`, `offsets[n]` from `changes[n - 1]` on. Both in ms, offsets as local minus UTC. */
type ZoneRules = { readonly changes: readonly number[]; readonly offsets: readonly number[] };

const minuteMs = 60_000;

/**
 * Rules come as `offsets|turns|waits`: the different offsets in minutes, the first one first; which of them each change
 * brings, a digit each; the minutes from change to change in base 36, the first counted from `zoneDataFrom`.
 */
function parseRules(text: string): ZoneRules {
  const [offsets = "", turns = "", waits = ""] = text.split("|");
  const different = offsets.split(" ").map((minutes) => Number(minutes) * minuteMs);
  const inOrder = ["0", ...turns].map((turn) => different[Number.parseInt(turn, 36)] ?? Number.NaN);
  let at = zoneDataFrom;
  const changes = waits === "" ? [] : waits.split(" ").map((wait) => (at += Number.parseInt(wait, 36) * minuteMs));
  return { changes, offsets: inOrder };
}

const textByName = new Map(
  zoneLines.flatMap((line) => {
    const namesEnd = line.indexOf("|");
    const text = line.slice(namesEnd + 1);
    return line
      .slice(0, namesEnd)
      .split(" ")
      .map((name) => [name, text] as const);
  }),
);
const rulesByName = new Map<string, ZoneRules>();

const ruledZones: readonly string[] = [...textByName.keys()].sort();

function hasRules(zone: string): boolean {
  return textByName.has(zone);
}

/** Throws when the zone has none, for then somebody forgot to check its name. */
function rulesOf(zone: string): ZoneRules {
  const known = rulesByName.get(zone);
  if (known) return known;
  const text = textByName.get(zone);
  if (text === undefined) throw new RangeError(`"${zone}" was used as a time zone without having been checked`);
  const rules = parseRules(text);
  rulesByName.set(zone, rules);
  return rules;
}

/** How many changes are not after the instant. */
function changesBy(instantMs: number, changes: readonly number[]): number {
  let [low, high] = [0, changes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((changes[middle] ?? 0) <= instantMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Local minus UTC in ms. */
function offsetAt(instantMs: number, { changes, offsets }: ZoneRules): number {
  return offsets[changesBy(instantMs, changes)] ?? Number.NaN;
}

/** The first instant after that one from which another offset holds. */
function nextChange(instantMs: number, { changes }: ZoneRules): number | undefined {
  return changes[changesBy(instantMs, changes)];
}

// Zone rules come in here and nowhere else: the rest of the code knows zone names, instants and wall times. The table
// holds the clock changes of 2010 to 2037. Before and after them the nearest offset goes on.

/** Time on a clock on the wall, without a zone: `YYYY-MM-DDTHH:MM`, with `:SS` where the seconds are not zero. */
export type WallTime = string;

const dayMs = 24 * 60 * minuteMs;

/** Every name that `isZone` takes, in alphabetical order. */
export function zoneNames(): readonly string[] {
  return ruledZones;
}

/**
 * True for an IANA zone name in its own letter case, links such as `Asia/Calcutta` included. EST, MST and HST are no
 * zones here: they never change their clocks, which is not what people mean by them.
 */
export function isZone(name: string): boolean {
  return hasRules(name);
}

/** The zone whose clocks are behind all others. */
export const lastZone = "Etc/GMT+12";

function offsetMs(zone: string, instantMs: number): number {
  return offsetAt(instantMs, rulesOf(zone));
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

// The middle of each month: clocks are put forward and back between them.
const monthsOfAYear = Array.from({ length: 12 }, (_, month) => Date.UTC(2027, month, 15));

/** Whether two zones show the same time all year round, but for the hours around their clock changes. */
export function showSameTime(zone: string, other: string): boolean {
  return monthsOfAYear.every((atMs) => offsetMs(zone, atMs) === offsetMs(other, atMs));
}

/** The instant on the clocks of a zone: `2026-03-02T10:30`. */
export function toWallTime(at: Date, zone: string): WallTime {
  const text = toSecondText(wallMs(at.getTime(), zone));
  return text.endsWith(":00") ? text.slice(0, 16) : text;
}

/** The instant on the clocks of a zone, without the day: `10:30`. */
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

/** The first instant of a new offset in `(after, until]`. */
export function nextOffsetChange(zone: string, after: Date, until: Date): Date | undefined {
  const change = nextChange(after.getTime(), rulesOf(zone));
  return change !== undefined && change <= until.getTime() ? new Date(change) : undefined;
}
