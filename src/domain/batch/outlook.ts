import { attemptsOfNumber, longestSpanOf, toMovedRetriesTexts, toRetriesText } from "../retry-rules.ts";
import { costOfStart, type StartLimits } from "../start-policy.ts";
import { counted } from "../text.ts";
import { presetFor, toPresetTexts } from "../time/hour-presets.ts";
import { toHolidayTexts } from "../time/public-holidays.ts";
import { lastOpenMinute, nextOpening, toQuietText } from "../time/quiet-hours.ts";
import { batchQuietHours, type TimedRecipient } from "../time/recipient-hours.ts";
import { isZone, toWallTime } from "../time/zone.ts";
import { toVoicemailText } from "../voicemail.ts";
import type { CallLimits } from "./call-limits.ts";
import { callerIdsOf, callerIdUse } from "./caller-ids.ts";
import { type HeldNumbers, type HeldPeople, heldPeople, withHolds } from "./held-people.ts";
import {
  type ClockOrder,
  type FirstCalls,
  firstCallsOf,
  goesByClocks,
  lastDueAt,
  ringsOnClocks,
} from "./outlook-on-clocks.ts";
import type { BatchPlan, CallingRules, LeftOut, UnreadZones } from "./plan.ts";
import {
  type AttemptGroup,
  type FirstCallers,
  forecastCalls,
  forecastEnd,
  forecastWithin,
  paceWithin,
  toAttemptGroups,
  toPaceText,
} from "./preview-duration.ts";
import { chooseExamples, type Example } from "./preview-examples.ts";
import { type LocalTime, type Places, placesOf, type Rings, ringingTimes, toLocalTime } from "./preview-places.ts";
import { type BlankPerson, blankPeople } from "./preview-variables.ts";
import { notAfter } from "./progress.ts";
import { toExclusionText } from "./recent-exclusion.ts";
import { maxRecipients } from "./recipients.ts";
import { callsLeft, type Steering } from "./steering.ts";
import { toCanaryTexts } from "./steering-text.ts";
import { toStopEnds, toStopText } from "./stop-when-text.ts";
import { findZoneConflicts, type ZoneConflict } from "./zone-conflicts.ts";

/** What a person reads of a plan, and no API tells afterwards. It is made of the plan that is sent. */
export type PlanPreview = {
  readonly groups: readonly AttemptGroup[];
  /** The most attempts that one number gets. */
  readonly attemptsOfNumber: number;
  /** Whether anybody has a second number; absent where nobody has, and in older records. */
  readonly hasSecondNumbers?: boolean;
  readonly examples: readonly Example[];
  readonly leftOut: readonly LeftOut[];
  readonly unreadZones?: UnreadZones;
  /** Absent where there are none. */
  readonly zoneConflicts?: readonly ZoneConflict[];
  /** Whom it is about: the numbers of the examples, in their order, and who lacks variables. Absent in older records. */
  readonly people?: { readonly examples: readonly string[]; readonly blank: readonly BlankPerson[] };
};

export function previewPlan({
  recipients,
  rules,
  blankVariables = [],
  leftOut = [],
  unreadZones,
}: Pick<BatchPlan, "recipients" | "rules" | "blankVariables" | "leftOut" | "unreadZones">): PlanPreview {
  const blank = blankVariables.map(({ name }) => name);
  const zoneConflicts = findZoneConflicts(recipients);
  const examples = chooseExamples(recipients, blank);
  const numberOfRow = new Map(recipients.map(({ row, toNumber }) => [row, toNumber]));
  return {
    groups: toAttemptGroups(recipients, rules),
    attemptsOfNumber: attemptsOfNumber(rules, recipients),
    ...(recipients.some(({ fallbackNumber }) => fallbackNumber !== undefined) && { hasSecondNumbers: true }),
    examples,
    people: {
      examples: examples.map(({ row }) => numberOfRow.get(row) ?? ""),
      blank: blankPeople(blank, recipients),
    },
    leftOut,
    ...(unreadZones && { unreadZones }),
    ...(zoneConflicts.length > 0 && { zoneConflicts }),
  };
}

/** What a start is like: who is called, by which rules, from when until when, and what is expected of it. JSON. */
export type Outlook = {
  readonly countries: Places["countries"];
  readonly zones: Places["zones"];
  readonly rules: readonly string[];
  /** Absent where no start is known. */
  readonly rings?: Rings;
  /** Absent where nobody is. */
  readonly held?: readonly HeldPeople[];
  /** Estimates. */
  readonly calls: number;
  readonly minutes: number;
  readonly unreached: number;
  /** When its last call is expected, on the batch's clock; absent where no start is known. */
  readonly ends?: LocalTime;
  /** What the estimates go by. */
  readonly assumes: string;
  /** What `stop_when` may end it by before that. */
  readonly stops?: readonly string[];
  readonly cost?: Cost;
};

/** Of all attempts that may be made, and of those that are expected. */
export type Cost = { readonly most: number; readonly likely: number; readonly currency?: string | undefined };

/** How far a batch is: how many are on its list, the calls that were made, and how it is steered. */
type Begun = { readonly listed: number; readonly calls: number; readonly steering?: Steering | undefined };

export type OutlookOrder = Omit<ClockOrder, "people"> & {
  readonly people: readonly TimedRecipient[];
  /** Absent where the API does not tell it. */
  readonly fromNumber?: string | undefined;
  readonly groups: readonly AttemptGroup[];
  readonly attemptsOfNumber: number;
  readonly hasSecondNumbers?: boolean | undefined;
  /** Numbers that wait for the call of another batch. */
  readonly held?: HeldNumbers | undefined;
  /** Absent where nobody knows yet. */
  readonly startAt?: Date | undefined;
  /** From when on public holidays are told where no start is known. */
  readonly now: Date;
  /** Where the calls are charged. */
  readonly spend?: StartLimits["spend"] | undefined;
  /** What the operator says that a call costs, for an end that was given as an amount; that of `spend` where absent. */
  readonly price?: StartLimits["spend"] | undefined;
  /** Of the service that calls; absent where it does not tell them. */
  readonly limits?: CallLimits | undefined;
  /** Of a batch that exists. */
  readonly begun?: Begun | undefined;
};

export function outlookOf(asked: OutlookOrder): Outlook {
  const { held = new Map() } = asked;
  const order = { ...asked, people: withHolds(asked.people, held) };
  const { people, fromNumber, groups, rules, timezone, startAt, spend, limits, begun } = order;
  const places = placesOf(people);
  const countries = places.countries.map(({ country }) => country);
  // A batch that goes on can have all of its people in calls, and is one all the same.
  const batches = Math.max(Math.ceil(people.length / maxRecipients), 1);
  const numbers = people.map(({ toNumber }) => toNumber);
  const use = callerIdUse(numbers, callerIdsOf(fromNumber, rules.moreFromNumbers));
  const pace = paceWithin(limits, batches, begun?.steering?.pace, use);
  const most = callsLeft(rules.stopWhen, begun?.calls ?? 0);
  // The estimates count a budget of calls.
  const { calls: _budget, ...unforeseen } = rules.stopWhen ?? {};
  const stops = toStopEnds(unforeseen, timezone);
  const stopAt = new Date(rules.stopWhen?.atMs ?? lastInstantMs);
  const everybody = startAt && goesByClocks(order) ? firstCallsOf(order, startAt) : [];
  const calling = everybody.filter(({ at }) => at < stopAt);
  const isLate = startAt !== undefined && everybody.length === 0 && openingFor(order, startAt) >= stopAt;
  const late = isLate ? people.length : peopleOf(everybody) - peopleOf(calling);
  const bounded = { ...order, stopAt };
  const rings =
    startAt &&
    startAt < stopAt &&
    !isLate &&
    (everybody.length > 0 ? ringsOnClocks(bounded, calling, spanOf(order)) : firstAndLast(places, bounded, startAt));
  const waiting = startAt ? heldPeople(asked, held, startAt) : [];
  const isCalled = !isLate && (everybody.length === 0 || calling.length > 0);
  const first = startAt && isCalled ? firstCallers(calling, order, startAt) : [];
  const whole = forecastCalls(groups, rules, pace, most);
  const isBounded = startAt !== undefined && rules.stopWhen?.atMs !== undefined;
  const forecast = isBounded ? forecastWithin(whole, order, { first, late, stopAt }, pace) : whole;
  const { calls, minutes, unreached } = forecast;
  const ends = first.length > 0 && forecastEnd(forecast, order, first, pace);
  return {
    ...places,
    rules: [
      ...toRulesText({ ...order, listed: begun?.listed ?? people.length, steering: begun?.steering }),
      ...toPresetTexts(order.operator?.hoursPreset, countries),
      ...holidayTexts(order, countries, rings ? new Date(rings.until) : undefined),
      ...(late > 0
        ? [
            `${counted(late, "person has", "people have")} no minute before the end that stop_when.at sets: ${late === 1 ? "this one is" : "they are"} not called at all`,
          ]
        : []),
    ],
    ...(rings && { rings }),
    ...(waiting.length > 0 && { held: waiting }),
    calls,
    minutes,
    unreached,
    ...(ends && { ends: toClock(notAfter(ends, rules.stopWhen?.atMs), timezone) }),
    assumes: toPaceText(pace, limits !== undefined),
    ...(stops.length > 0 && { stops }),
    ...(spend && { cost: costOf(groups, { calls, most }, spend) }),
  };
}

/** The last one that a date can tell. */
const lastInstantMs = 8.64e15;

function peopleOf(calls: readonly FirstCalls[]): number {
  return calls.reduce((sum, { people }) => sum + people, 0);
}

/** All at once where nobody has a time of their own. */
function firstCallers(
  calling: readonly FirstCalls[],
  { people }: OutlookOrder,
  startAt: Date,
): readonly FirstCallers[] {
  if (calling.length === 0) return [{ at: startAt, people: Math.max(people.length, 1) }];
  return calling.map(({ at, zones: [zone], people: count }) => ({ at, people: count, zone }));
}

/** Of countries in which the rules, or a preset, close public holidays. `until`: when the last phone may have rung, where that is known. */
function holidayTexts(order: OutlookOrder, countries: readonly string[], until: Date | undefined): readonly string[] {
  const { rules, startAt, now, operator } = order;
  const isAsked = rules.quietHours?.enabled === true && rules.quietHours.holidays === true;
  const closed = countries.filter(
    (country) => isAsked || presetFor(operator?.hoursPreset, country)?.holidays === false,
  );
  const from = startAt ?? now;
  return toHolidayTexts(closed, from, until ?? new Date(from.getTime() + spanOf(order)));
}

type RulesToTell = Pick<OutlookOrder, "timezone" | "attemptsOfNumber" | "hasSecondNumbers" | "price" | "spend"> &
  Omit<Begun, "calls"> & { readonly rules: CallingRules };

/** The rules for retries, quiet hours, recent calls, canary and end in words, a line each, as far as they still do something. */
export function toRulesText({
  rules,
  timezone,
  attemptsOfNumber: attempts,
  hasSecondNumbers,
  listed,
  steering,
  spend,
  price = spend,
}: RulesToTell): readonly string[] {
  const { quietHours, voicemail, exclude } = rules;
  const texts = [
    toRetriesText(rules, attempts, hasSecondNumbers),
    toVoicemailText(voicemail),
    toQuietText(quietHours, timezone),
    ...toMovedRetriesTexts(rules, timezone, attempts),
    toExclusionText(exclude),
  ];
  return [
    ...texts.filter((text) => text !== undefined),
    ...toCanaryTexts(rules, { people: listed, steering }),
    ...(rules.stopWhen ? [toStopText(rules.stopWhen, timezone, price)] : []),
  ];
}

/**
 * Where one clock holds for all, the instant from which on a start rings nobody, whatever its rules still say: so long (`longestSpanOf`,
 * in ms) after the last of its people is due for the first time.
 */
export function agreementEnd(
  order: Pick<OutlookOrder, "people" | "notBeforeLocal">,
  spanMs: number,
  startAt: Date,
): Date {
  return new Date(lastDueAt(order, startAt).getTime() + spanMs);
}

/** The bounds that the rules set, and not what is expected. */
function firstAndLast(
  places: Places,
  order: OutlookOrder & { readonly stopAt: Date },
  startAt: Date,
): Outlook["rings"] {
  const { rules, timezone, stopAt } = order;
  const end = notAfter(agreementEnd(order, spanOf(order), startAt), stopAt.getTime());
  const last = lastOpenMinute(batchQuietHours(rules), timezone, end);
  return last && ringingTimes(places, openingFor(order, startAt), last, end);
}

/** When the hours that hold for all let a phone ring first. */
function openingFor({ rules, timezone }: OutlookOrder, startAt: Date): Date {
  return nextOpening(batchQuietHours(rules), timezone, startAt);
}

function spanOf({ groups, rules }: OutlookOrder): number {
  return longestSpanOf(
    rules,
    groups.reduce((most, group) => Math.max(most, group.attempts), 1),
  );
}

function toClock(at: Date, zone: string): LocalTime {
  const known = isZone(zone) ? zone : "UTC";
  return toLocalTime({ wall: toWallTime(at, known), zone: known });
}

function costOf(
  groups: readonly AttemptGroup[],
  { calls, most = Number.POSITIVE_INFINITY }: { readonly calls: number; readonly most?: number | undefined },
  { pricePerCall, currency }: NonNullable<StartLimits["spend"]>,
): Cost {
  const attempts = groups.reduce((sum, group) => sum + group.attempts * group.recipients, 0);
  return {
    most: costOfStart(Math.min(attempts, most), 1, pricePerCall),
    likely: costOfStart(calls, 1, pricePerCall),
    ...(currency !== undefined && { currency }),
  };
}
