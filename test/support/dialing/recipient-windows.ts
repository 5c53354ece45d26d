import { getExampleNumber } from "libphonenumber-js/max";
import examples from "libphonenumber-js/mobile/examples";
import { type ClosedDays, recipientClock, weekdays } from "../../../src/domain/batch/plan.ts";
import { countryOf, zonesForQuietHours, zonesOfRecipient } from "../../../src/domain/phone/recipient-time.ts";
import { toWallTime, zoneNames } from "../../../src/domain/time/zone.ts";
import { hoursGuard } from "../../../src/runtime/operator-dial-guard.ts";
import { noDialGuard } from "../../../src/service/dialing/dialing.ts";
import type { NewTask } from "../../../src/service/store/records.ts";
import { DialingWorld, numberOf } from "./dialing-world.ts";
import { holidaysOf, isInPreset } from "./published-hours.ts";

const minuteMs = 60_000;
const quarterMs = 15 * minuteMs;
const opens = "09:00";
const closes = "20:00";
const startsPerSecond = 5;
const types = ["fixed_line", "mobile", "fixed_line_or_mobile"] as const;

type Person = Omit<NewTask, "row">;

/**
 * Somebody in each zone of the table, once with a number of no country and once with one of the United States, which speaks against
 * most of these zones; and a mobile phone of each country, which may be in any of its zones.
 */
export function people(): readonly Person[] {
  const inZones = zoneNames().flatMap((timezone, n) => [
    { toNumber: `+800${10_000_000 + n}`, timezone, variables: {} },
    { toNumber: numberOf(n + 1), timezone, variables: {} },
  ]);
  const countries = Object.keys(examples) as (keyof typeof examples)[];
  const mobiles = countries.flatMap((country) => getExampleNumber(country, examples)?.number ?? []);
  const byNumber = [...new Set<string>(mobiles)].filter((number) => zonesOfRecipient(number).length > 0);
  const taken = new Set(inZones.map(({ toNumber }) => toNumber));
  return [
    ...inZones,
    ...byNumber.filter((number) => !taken.has(number)).map((toNumber) => ({ toNumber, variables: {} })),
  ];
}

export type Campaign = {
  readonly startAt: Date;
  /** Wall time before which nobody is called on their own clock. */
  readonly notBeforeLocal?: string;
  /** Without a pace everybody rings at the first minute; with one, five a second. */
  readonly isPaced: boolean;
  /** Weekdays and dates on which nobody is called, on their own calendar. */
  readonly closed?: ClosedDays;
  /** The operator's preset `marketing` holds beside them. */
  readonly hasPreset?: boolean;
};

/** Those of whose country it is known here, from its government, when it has public holidays. */
export function withKnownHolidays(list: readonly Person[]): readonly Person[] {
  return list.filter(({ toNumber }) => holidaysOf(countryOf(toNumber)) !== undefined);
}

/**
 * Runs one campaign to its end on a virtual clock. Returns what is wrong with its rings: outside a recipient's window, before their
 * time, later than the first minute that pace allows, twice, or never. The judge looks at the clocks by itself.
 */
export async function runCampaign(
  list: readonly Person[],
  { startAt, notBeforeLocal, isPaced, closed = {}, hasPreset = false }: Campaign,
): Promise<string[]> {
  const world = new DialingWorld({
    now: startAt.toISOString(),
    settings: { maxConcurrent: 10_000, startsPerSecond: isPaced ? startsPerSecond : 10_000 },
  });
  const policy = { hours: { start: "00:00", end: "24:00" }, hoursPreset: "marketing", types } as const;
  if (hasPreset) world.guard = { ...noDialGuard, ...hoursGuard(policy) };
  await world.start();
  const quietHours = { enabled: true, start: closes, end: opens, zone: recipientClock, ...closed };
  const { days = [], notOn = [], holidays } = closed;
  // A list of thousands takes a while at five a second; everybody has a window within two days of their time that are not closed.
  const lasts = 5 + 2 * (days.length + notOn.length) + (holidays ? 6 : 0) + (hasPreset ? 6 : 0);
  const tasks = list.map((person, n) =>
    n % 5 === 0 ? { ...person, notBefore: new Date(startAt.getTime() + n * 3 * minuteMs) } : person,
  );
  await world.addBatch({ tasks, rules: { quietHours }, ...(notBeforeLocal !== undefined && { notBeforeLocal }) });
  await world.clock.advance({ days: lasts });

  const rings = new Map<string, { readonly at: Date }[]>(tasks.map(({ toNumber }) => [toNumber, []]));
  for (const ring of world.carrier.rings) rings.get(ring.toNumber)?.push(ring);
  const startsAt = new Map<number, number>();
  for (const { at } of world.carrier.rings) {
    const second = Math.floor(at.getTime() / 1000);
    startsAt.set(second, (startsAt.get(second) ?? 0) + 1);
  }
  return tasks.flatMap((task) => {
    const [ring, another] = rings.get(task.toNumber) ?? [];
    const zones = zonesOfRecipient(task.toNumber, task.timezone);
    const windows = zonesForQuietHours(task.toNumber, task.timezone);
    const isOpen = (at: Date) => isOpenOn(windows, at, closed, task) && (!hasPreset || isByOperator(task, at));
    const time = notBeforeLocal === undefined ? undefined : onCalledDay(notBeforeLocal, closed, task);
    const isReached = (at: Date) =>
      time === undefined || zones.every((zone) => toWallTime(at, zone).slice(0, 16) >= time);
    const from = task.notBefore && task.notBefore > startAt ? task.notBefore : startAt;
    const first = firstMinute((at) => isReached(at) && isOpen(at), from, world.clock.now());
    const who = `${task.toNumber} in ${windows.join(", ")}`;
    if (first === undefined) return ring ? [`${who}: rang, and no minute is theirs`] : [];
    if (!ring) return [`${who}: never rang`];
    if (another) return [`${who}: rang twice`];
    if (!isOpen(ring.at)) return [`${who}: rang at ${ring.at.toISOString()}, outside its window`];
    if (ring.at < first) return [`${who}: rang at ${ring.at.toISOString()}, before ${first.toISOString()}`];
    for (let at = first.getTime(); at + 1000 <= ring.at.getTime(); at += 1000) {
      const isFull = isPaced && (startsAt.get(Math.floor(at / 1000)) ?? 0) >= startsPerSecond;
      if (!isFull && isOpen(new Date(at)))
        return [`${who}: rang at ${ring.at.toISOString()}, and could have at ${new Date(at).toISOString()}`];
    }
    return [];
  });
}

/** The same time of the first day from that one on, on which they are called. */
function onCalledDay(wall: string, closed: ClosedDays, task: Person): string {
  const dayMs = 24 * 60 * minuteMs;
  for (let at = Date.parse(`${wall}Z`); ; at += dayMs) {
    const day = new Date(at).toISOString().slice(0, 16);
    if (isCalledDay(day.slice(0, 10), closed, task)) return day;
  }
}

function isCalledDay(date: string, { days = [], notOn = [], holidays }: ClosedDays, { toNumber }: Person): boolean {
  const known = holidays ? (holidaysOf(countryOf(toNumber)) ?? []) : [];
  const weekday = weekdays[new Date(date).getUTCDay()];
  return !notOn.includes(date) && !known.includes(date) && !days.some((day) => day === weekday);
}

/** Whose country nobody knows, the operator lets nobody call. */
function isByOperator(task: Person, at: Date): boolean {
  return countryOf(task.toNumber) !== undefined && isInPreset(task, at);
}

function isOpenOn(
  zones: readonly string[],
  at: Date,
  { days = [], notOn = [], holidays }: ClosedDays,
  { toNumber }: Person,
): boolean {
  const closed = holidays ? (holidaysOf(countryOf(toNumber)) ?? []) : [];
  return zones.every((zone) => {
    const wall = toWallTime(at, zone);
    const [date, time] = [wall.slice(0, 10), wall.slice(11, 16)];
    const weekday = weekdays[new Date(date).getUTCDay()];
    return (
      opens <= time &&
      time < closes &&
      !notOn.includes(date) &&
      !closed.includes(date) &&
      !days.some((day) => day === weekday)
    );
  });
}

/** By looking at each quarter of an hour until the end, where all windows and clock changes of today begin; undefined where none will do. */
function firstMinute(isRight: (at: Date) => boolean, from: Date, end: Date): Date | undefined {
  for (let at = from.getTime(); at < end.getTime(); at = (Math.floor(at / quarterMs) + 1) * quarterMs) {
    if (isRight(new Date(at))) return new Date(at);
  }
  return undefined;
}
