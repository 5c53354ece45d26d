import { toClockKey } from "../../domain/batch/outlook-on-clocks.ts";
import type { CallingRules } from "../../domain/batch/plan.ts";
import { parsePhoneNumber } from "../../domain/phone/phone-number.ts";
import { countryOf, zonesForHours, zonesOfRecipient } from "../../domain/phone/recipient-time.ts";
import { type Issue, isIssue } from "../../domain/problem.ts";
import type { StartPolicy } from "../../domain/start-policy.ts";
import { counted } from "../../domain/text.ts";
import { type CallingHours, isWithinCallingHours, nextCallingTime } from "../../domain/time/calling-hours.ts";
import { presetFor } from "../../domain/time/hour-presets.ts";
import { reachedOnAll, recipientQuietHours, type TimedRecipient } from "../../domain/time/recipient-hours.ts";
import { nextRingAt } from "../../domain/time/ring-times.ts";
import { toWallTime } from "../../domain/time/zone.ts";

/** When people are called first. */
export type FirstCalls = {
  readonly people: readonly TimedRecipient[];
  readonly ringsAt: Date;
  /** The wall time before which nobody is called on their own clock. */
  readonly local?: string | undefined;
  /** Of the batch, where they are known and the API holds people back by their own clocks. */
  readonly rules?: CallingRules | undefined;
  /** As they were asked for, where there is no batch yet. */
  readonly wanted?: CallingRules | undefined;
  /** Zone in which times are worded. */
  readonly timezone: string;
};

type FirstCall = { readonly zones: readonly string[]; readonly at: Date };

/** People whose first call would be outside calling hours, where nothing holds it back until they begin. */
export function hoursIssues(calls: FirstCalls, hours: CallingHours): readonly Issue[] {
  const { ringsAt, local, rules, timezone } = calls;
  if (local === undefined && rules && holdsWithin(rules, hours)) return [];
  const firsts = calls.people.flatMap((person) => firstCallOf(person, calls));
  const closed = firsts.filter(({ zones, at }) => !isWithinCallingHours(hours, zones, at));
  const [first] = closed;
  if (!first) return [];
  const advice =
    local === undefined
      ? nextForAll(firsts, closed, hours, ringsAt, timezone)
      : `Give a start_at within ${hours.start}-${hours.end}.`;
  const message = `${toCount(closed.length)} outside calling hours ${hours.start}-${hours.end} at the start (${describeZone(first)}). ${advice} The operator can change the hours with BATCH_CALL_CALLING_HOURS.`;
  return [{ field: "start", code: "calling_hours", message }];
}

/**
 * People whom calling hours, the preset for their country and the batch's own quiet hours together leave no minute on every clock
 * that may be theirs.
 */
export function presetIssues(calls: FirstCalls, policy: StartPolicy): readonly Issue[] {
  const { people, ringsAt, local, timezone, wanted, rules = {} } = calls;
  const { hours, hoursPreset } = policy;
  if (hoursPreset === undefined) return [];
  const order = { rules: wanted ?? rules, notBeforeLocal: local, timezone, operator: policy };
  const known = new Map<string, boolean>();
  const never = people.filter((person) => {
    if (!presetFor(hoursPreset, countryOf(person.toNumber))) return false;
    const key = toClockKey(person);
    const isNever = known.get(key) ?? nextRingAt(person, order, ringsAt) === "never";
    known.set(key, isNever);
    return isNever;
  });
  if (never.length === 0) return [];
  const quiet = order.rules.quietHours?.enabled ? ", outside the batch's own quiet hours" : "";
  const message = `${toCount(never.length)} never within calling hours ${hours.start}-${hours.end} and the preset ${hoursPreset} of their country at once${quiet}. ${never.length < people.length ? "Leave them out. " : ""}The operator can change both with BATCH_CALL_CALLING_HOURS and BATCH_CALL_HOURS_PRESET.`;
  return [{ field: "start", code: "calling_hours", message }];
}

/** Whether the rules let nobody be called outside of the hours, whatever their clock. */
export function holdsWithin(rules: CallingRules, { start, end }: CallingHours): boolean {
  const quiet = recipientQuietHours(rules);
  if (!quiet) return false;
  const closes = quiet.start === "00:00" ? "24:00" : quiet.start;
  return quiet.end < closes && quiet.end >= start && closes <= end;
}

/** None for a number that cannot be called, and for somebody whose own time comes later: quiet and calling hours hold that one back. */
function firstCallOf(person: TimedRecipient, { ringsAt, local }: FirstCalls): readonly FirstCall[] {
  const number = parsePhoneNumber(person.toNumber);
  if (isIssue(number)) return [];
  const own = zonesOfRecipient(person.toNumber, person.timezone);
  const at = local === undefined || own.length === 0 ? ringsAt : reachedOnAll(local, own);
  if (person.notBefore !== undefined && person.notBefore > at) return [];
  return [{ zones: zonesForHours(number, person.timezone, at), at }];
}

function nextForAll(
  firsts: readonly FirstCall[],
  closed: readonly FirstCall[],
  hours: CallingHours,
  at: Date,
  timezone: string,
): string {
  const allZones = [...new Set(firsts.flatMap(({ zones }) => zones))];
  const next = closed.some(({ zones }) => zones.length === 0) ? undefined : nextCallingTime(hours, allZones, at);
  return next
    ? `The next time that suits everybody on the list is ${toWallTime(next, timezone)} in ${timezone}.`
    : "No time of day suits everybody on the list; make a batch for each region.";
}

function describeZone({ zones: [zone], at }: FirstCall): string {
  return zone === undefined ? "where it is not known what time it is" : `${toWallTime(at, zone)} in ${zone}`;
}

export function toCount(count: number): string {
  return counted(count, "recipient is", "recipients are");
}
