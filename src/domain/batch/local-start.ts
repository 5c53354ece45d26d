import { zonesOfRecipient } from "../phone/recipient-time.ts";
import { type Issue, isIssue } from "../problem.ts";
import { counted } from "../text.ts";
import { reachedOnAll, type TimedRecipient } from "../time/recipient-hours.ts";
import { clockChangeAt, parseWallMinute, tooFarAway } from "../time/wall-time.ts";
import { toWallTime, type WallTime } from "../time/zone.ts";

/** A start at one wall time on everybody's own clock. `at`: when it begins, with those for whom it is that time first. */
export type LocalStart = { readonly at: Date; readonly local: WallTime };

/** Somebody on a list; `row` where they stand on it. */
export type ListedRecipient = TimedRecipient & { readonly row?: number };

/** People who are called at the same instant: those on the same clocks. */
type ClockGroup = { readonly zones: readonly string[]; readonly people: ListedRecipient[] };

/**
 * When each of these people is called who is to be called at that wall time of their own; the latest of the zones that they may be
 * in counts. Refused are a time with an offset, one that clocks of the list skip or show twice, one that has passed for anybody, and
 * people of whom nobody knows the zone: each with their rows.
 */
export function planLocalStart(
  text: string,
  people: readonly ListedRecipient[],
  now: Date,
): LocalStart | readonly Issue[] {
  const local = parseWallMinute(text);
  if (isIssue(local)) return [local];
  if (people.length === 0) return { at: reachedOnAll(local, ["UTC"]), local };
  const groups = groupByClocks(people);
  const issues = [...unknownZones(groups), ...clockChanges(local, groups)];
  if (issues.length > 0) return issues;
  const starts = groups.flatMap(({ zones, people: group }) => {
    const reached = reachedOnAll(local, zones);
    return group.map((person) => ({ person, zones, at: laterOf(reached, person.notBefore) }));
  });
  const passed = starts.filter(({ at }) => at <= now);
  if (passed.length > 0) return [passedFor(local, passed, starts.length, now)];
  const first = Math.min(...starts.map(({ at }) => at.getTime()));
  const at = new Date(first);
  const tooFar = tooFarAway(local, at, now);
  return tooFar ? [tooFar] : { at, local };
}

function groupByClocks(people: readonly ListedRecipient[]): readonly ClockGroup[] {
  const groups = new Map<string, ClockGroup>();
  for (const person of people) {
    const zones = zonesOfRecipient(person.toNumber, person.timezone);
    const key = zones.join(" ");
    const group = groups.get(key);
    if (group) group.people.push(person);
    else groups.set(key, { zones, people: [person] });
  }
  return [...groups.values()];
}

function unknownZones(groups: readonly ClockGroup[]): readonly Issue[] {
  const people = groups.filter(({ zones }) => zones.length === 0).flatMap((group) => group.people);
  if (people.length === 0) return [];
  const message = `Nobody knows the time zone of ${describeRows(people)}: their numbers tell none. Give it in a timezone column${orLeaveOut(
    people,
    groups.flatMap((group) => group.people),
  )}.`;
  return [{ field: "timezone", code: "unknown_zone", message, ...rowsOf(people) }];
}

/** Clocks that skip the time, or show it twice: nobody can tell when these people are to be called. */
function clockChanges(local: WallTime, groups: readonly ClockGroup[]): readonly Issue[] {
  const changes = [...new Set(groups.flatMap(({ zones }) => zones))].flatMap((zone) => {
    const change = clockChangeAt(local, zone);
    return change ? [{ zone, ...change }] : [];
  });
  return (["in_gap", "ambiguous"] as const).flatMap((kind): readonly Issue[] => {
    const found = changes.filter((change) => change.kind === kind);
    if (found.length === 0) return [];
    const names = new Set(found.map(({ zone }) => zone));
    const who = groups.filter(({ zones }) => zones.some((zone) => names.has(zone))).flatMap((group) => group.people);
    const until = found.map((change) => change.until).reduce((last, wall) => (wall > last ? wall : last));
    const from = found.map((change) => change.from).reduce((first, wall) => (wall < first ? wall : first));
    const what = kind === "in_gap" ? "does not exist" : "happens twice";
    const why = kind === "in_gap" ? "forward" : "back";
    const message = `${local} ${what} in ${list([...names])} (${describeRows(who)}), because clocks are put ${why}. Write ${until} or later, or a time before ${from}.`;
    return [{ field: "start_at", code: kind, message, ...rowsOf(who) }];
  });
}

type PersonStart = { readonly person: ListedRecipient; readonly zones: readonly string[] };

function passedFor(local: WallTime, passed: readonly PersonStart[], total: number, now: Date): Issue {
  const zones = [...new Set(passed.flatMap((start) => start.zones))];
  const latest = passed
    .map((start) => latestShown(start.zones, now))
    .reduce((last, wall) => (wall > last ? wall : last));
  const later = `Give a start_at later than ${latest}, which lies ahead for everybody.`;
  if (passed.length === total) {
    const message = `${local} has passed on every clock of the list: it is ${latest} at the latest of them. ${later}`;
    return { field: "start_at", code: "in_past", message };
  }
  const people = passed.map(({ person }) => person);
  const who = describeRows(people);
  const message = `${local} has passed already for ${passed.length.toLocaleString("en-US")} of ${total.toLocaleString("en-US")} people (${who}; ${list(zones)}), and not for the others. ${later} Or leave these rows out (change_list) and call them in a batch of their own.`;
  return { field: "start_at", code: "in_past_for_some", message, ...rowsOf(people) };
}

/** What the clock shows by which somebody is called: the one that is behind the others. */
function latestShown(zones: readonly string[], now: Date): WallTime {
  return zones.map((zone) => toWallTime(now, zone)).reduce((first, wall) => (wall < first ? wall : first));
}

/** The rows of an issue that is about these people; none where not all of them are known. */
export function rowsOf(people: readonly { readonly row?: number }[]): Pick<Issue, "allRows"> {
  const rows = people.flatMap(({ row }) => row ?? []).toSorted((a, b) => a - b);
  return rows.length === people.length ? { allRows: rows } : {};
}

const mostNamed = 8;

/** `row 3`, `rows 3, 5 and 8`, `rows 1, 2, … and 40 more`; how many people where no rows are known. */
export function describeRows(people: readonly { readonly row?: number }[]): string {
  const rows = people.flatMap(({ row }) => row ?? []).toSorted((a, b) => a - b);
  if (rows.length < people.length) return counted(people.length, "person", "people");
  return `${rows.length === 1 ? "row" : "rows"} ${list(rows.map(String))}`;
}

/** The end of an advice: `, or leave them out` where that leaves somebody. */
export function orLeaveOut(some: readonly unknown[], all: readonly unknown[]): string {
  return some.length < all.length ? ", or leave them out" : "";
}

/** The first few, and how many more. */
function list(names: readonly string[]): string {
  const shown = names.slice(0, mostNamed);
  if (names.length > shown.length) return `${shown.join(", ")} and ${names.length - shown.length} more`;
  const last = shown.at(-1) ?? "";
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(", ")} and ${last}`;
}

function laterOf(at: Date, other: Date | undefined): Date {
  return other !== undefined && other > at ? other : at;
}
