import type { Issue } from "../problem.ts";
import { counted } from "../text.ts";
import { toQuietText } from "../time/quiet-hours.ts";
import { nextRingAt } from "../time/ring-times.ts";
import { toWallTime } from "../time/zone.ts";
import { describeRows, type ListedRecipient, orLeaveOut, rowsOf } from "./local-start.ts";
import { type ClockOrder, toClockKey } from "./outlook-on-clocks.ts";

/** A start of these people; `startAt` is the instant from which on they may be called, the present one where no start is known. */
export type StartOrder = ClockOrder & { readonly people: readonly ListedRecipient[]; readonly startAt: Date };

/** That `stop_when.at` leaves nobody of a start a minute: it would ring nobody. Nothing where there is no such end, or nobody. */
export function endIssues(order: StartOrder): readonly Issue[] {
  const { rules, people, startAt, timezone } = order;
  const endMs = rules.stopWhen?.atMs;
  if (endMs === undefined) return [];
  const end = toWallTime(new Date(endMs), timezone);
  if (startAt.getTime() >= endMs) {
    const begin = toWallTime(startAt, timezone);
    const message = `The batch would end at ${end}, before anybody is called: it starts at ${begin} (both in ${timezone}). Give a later time, or an earlier start_at.`;
    return [{ field: "stop_when.at", code: "no_calling_time", message }];
  }
  const firsts = firstRings(order);
  if (firsts.length === 0 || firsts.some(({ at }) => isBefore(at, endMs))) return [];
  const [first] = firsts.flatMap(({ at }) => (at === "never" ? [] : at)).toSorted((a, b) => a.getTime() - b.getTime());
  const next = first ? ` The first phone could ring at ${toWallTime(first, timezone)} in ${timezone}.` : "";
  const message = `The batch would end at ${end} in ${timezone}, and nobody on the list (${counted(people.length, "person", "people")}) may be called before that, by ${reasonsOf(order).join(" and ")}.${next} Give a later end, or change what holds them back.`;
  return [{ field: "stop_when.at", code: "no_calling_time", message, ...rowsOf(people) }];
}

/** The people of a start whom `stop_when.at` leaves no minute, while it leaves others some, in a sentence. */
export function toLateText(order: StartOrder): string | undefined {
  const endMs = order.rules.stopWhen?.atMs;
  if (endMs === undefined) return undefined;
  const late = firstRings(order).filter(({ at }) => !isBefore(at, endMs));
  if (late.length === 0) return undefined;
  const people = late.map(({ person }) => person);
  const rows = rowsOf(people).allRows ? ` (${describeRows(people)})` : "";
  const end = `${toWallTime(new Date(endMs), order.timezone)} in ${order.timezone}`;
  const isOne = people.length === 1;
  return `${counted(people.length, "person", "people")}${rows} ${isOne ? "has" : "have"} no minute before the end that stop_when.at sets, ${end}: ${isOne ? "this one is" : "they are"} not called at all. Give a later end${orLeaveOut(people, order.people)}.`;
}

type FirstRing = { readonly person: ListedRecipient; readonly at: Date | "never" };

/** When each of these people can be called first. Those who share country, clocks and time are looked at once. */
function firstRings(order: StartOrder): readonly FirstRing[] {
  const known = new Map<string, Date | "never">();
  return order.people.map((person) => {
    const key = toClockKey(person);
    const at = known.get(key) ?? nextRingAt(person, order, order.startAt);
    known.set(key, at);
    return { person, at };
  });
}

function isBefore(at: Date | "never", endMs: number): boolean {
  return at !== "never" && at.getTime() < endMs;
}

/** What may hold people back until then. */
function reasonsOf({ rules, people, notBeforeLocal, operator, timezone }: StartOrder): readonly string[] {
  const quiet = toQuietText(rules.quietHours, timezone);
  const reasons = [
    notBeforeLocal !== undefined && `the start at ${notBeforeLocal} of their own clock`,
    people.some(({ notBefore }) => notBefore !== undefined) && "times of their own (not_before)",
    quiet !== undefined && `quiet_hours (${quiet})`,
    operator && "the operator's hours (BATCH_CALL_CALLING_HOURS, BATCH_CALL_HOURS_PRESET)",
  ];
  return reasons.filter((reason) => typeof reason === "string");
}
