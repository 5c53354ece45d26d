import { type E164, parseE164 } from "../phone/phone-number.ts";
import { zonesAgainst } from "../phone/recipient-time.ts";
import { type Issue, isIssue } from "../problem.ts";
import { allowedAttempts, attemptsOfNumber, retryInputIssues } from "../retry-rules.ts";
import { hasClosedDays, toClosedDaysText } from "../time/closed-days.ts";
import { quietHoursIssues } from "../time/quiet-hours.ts";
import { mayRingFrom } from "../time/recipient-hours.ts";
import type { OperatorHours } from "../time/ring-times.ts";
import { parseStartAt } from "../time/wall-time.ts";
import { parseZoneOrTheirs } from "../time/zone-name.ts";
import { messageIssues, voicemailIssues } from "../voicemail.ts";
import { type AnswerWanted, answersWantedIssues } from "./answers.ts";
import type { Consent } from "./consent.ts";
import { describeRows, type ListedRecipient, orLeaveOut, planLocalStart, rowsOf } from "./local-start.ts";
import { endIssues, type StartOrder } from "./no-minute.ts";
import { type BatchPlan, type CallingRules, type Recipient, recipientClock, type Start } from "./plan.ts";
import { steeringIssues } from "./steering.ts";

/** What somebody asks for, every field of the right type and not yet checked for sense. */
export type BatchRequest = {
  readonly name: string;
  readonly agentId: string;
  readonly fromNumber: string;
  readonly start: "draft" | "now" | "at_time";
  readonly startAt?: string | undefined;
  readonly timezone?: string | undefined;
  readonly rules: CallingRules;
  readonly consent?: Consent | undefined;
  readonly answersWanted?: readonly AnswerWanted[] | undefined;
};

/** What has to be known about the world to judge a request. */
export type PlanFacts = {
  readonly now: Date;
  /** IANA zone of a request that names none. */
  readonly fallbackZone: string;
  /** Country of a caller id written without one. */
  readonly defaultCountry?: string | undefined;
  /** That the account has no such agent. */
  readonly agentIssue?: Issue;
  /** Numbers that the account may call from. */
  readonly callerIds: readonly string[];
  /** The operator's hours and preset, where they hold beside the rules. */
  readonly operator?: OperatorHours | undefined;
};

/** Who a list would have called: all of them checked, and in the order of its rows. */
export type PlannedPeople = {
  readonly recipients: readonly Recipient[];
  /** People who are on the do-not-call list. */
  readonly suppressed: readonly Recipient[];
};

/** Turns a request and its people into a plan that can be sent as it is, or returns everything that is wrong with it. */
export function planBatch(
  request: BatchRequest,
  people: PlannedPeople,
  facts: PlanFacts,
): BatchPlan | readonly Issue[] {
  const name = parseName(request.name);
  const timing = parseTiming(request, { ...facts, people: people.recipients });
  const fromNumber = parseCallerId(request.fromNumber, facts);
  const { moreFromNumbers = [], ...rules } = request.rules;
  const more = parseMoreCallerIds(moreFromNumbers, fromNumber, facts);
  const issues = [
    name,
    ...(facts.agentIssue ? [facts.agentIssue] : []),
    fromNumber,
    ...more.issues,
    ...timing.issues,
    ...answersWantedIssues(request.answersWanted ?? []),
    ...rulesIssues(request.rules, facts.now),
    ...voicemailIssues(request.rules.voicemail, request.rules, attemptsOfNumber(request.rules, people.recipients)),
    ...messageIssues(request.rules.voicemail, people.recipients),
    ...idleRulesIssues(request.rules, people),
    ...clockIssues(request.rules, people.recipients, facts.now),
    ...lateIssues(request.rules, timing, people.recipients, facts),
  ].filter(isIssue);
  if (issues.length > 0 || isIssue(name) || isIssue(fromNumber) || !timing.start) return issues;
  const { recipients, suppressed } = people;
  return {
    name,
    agentId: request.agentId,
    fromNumber,
    timezone: timing.zone,
    ...(request.timezone === recipientClock && { clock: recipientClock }),
    recipients,
    ...(suppressed.length > 0 && { suppressed }),
    rules: { ...rules, ...(more.numbers.length > 0 && { moreFromNumbers: more.numbers }) },
    start: timing.start,
    ...(request.consent && { consent: request.consent }),
    ...(request.answersWanted?.length && { answersWanted: request.answersWanted }),
  };
}

const maxNameLength = 255;

function parseName(text: string): string | Issue {
  const name = text.trim();
  if (name === "")
    return {
      field: "name",
      code: "empty",
      message: "The name is blank. Give one that people recognise, such as June reminders.",
    };
  if (name.length <= maxNameLength) return name;
  return {
    field: "name",
    code: "too_long",
    message: `The name has ${name.length} characters; at most ${maxNameLength} are accepted.`,
  };
}

const noCallerIds =
  "The account has no number to call from: add one where the account is managed, then take it from list_phone_numbers.";

/** A caller id that the account has; `field` is the argument that names it. */
export function parseCallerId(
  text: string,
  { callerIds, defaultCountry }: Pick<PlanFacts, "callerIds" | "defaultCountry">,
  field = "from_number",
): E164 | Issue {
  const number = parseE164(text, defaultCountry, field);
  const some = callerIds.slice(0, 5).join(", ");
  if (isIssue(number))
    return { ...number, message: `${number.message} ${some === "" ? noCallerIds : `The account has ${some}.`}` };
  if (callerIds.includes(number)) return number;
  const advice = some === "" ? noCallerIds : "Take one from list_phone_numbers.";
  return {
    field,
    code: "unknown_caller_id",
    message: `${number} is not a number of this account${some === "" ? "" : `, which has ${some}`}. ${advice}`,
  };
}

/** Caller ids besides the first: a number that is named again is meant once. */
export function parseMoreCallerIds(
  texts: readonly string[],
  first: string | Issue | undefined,
  facts: Pick<PlanFacts, "callerIds" | "defaultCountry">,
): { readonly numbers: readonly E164[]; readonly issues: readonly Issue[] } {
  const parsed = texts.map((text, index) => parseCallerId(text, facts, `more_from_numbers[${index}]`));
  const numbers = parsed.flatMap((number) => (isIssue(number) || number === first ? [] : number));
  return { numbers: [...new Set(numbers)], issues: parsed.filter(isIssue) };
}

/** For an account that has no agent at all. */
export function noAgents(): Issue {
  return {
    field: "agent_id",
    code: "unknown_agent",
    message:
      "The account has no voice agent: make one where the account is managed, then take its agent_id from list_agents.",
  };
}

/** For an id that no agent of the account has. */
export function unknownAgent(agentId: string): Issue {
  return {
    field: "agent_id",
    code: "unknown_agent",
    message: `There is no agent "${agentId.slice(0, 80)}". Take an agent_id from list_agents.`,
  };
}

/** Everything that is wrong with rules by themselves, as they are given at `now`. */
export function rulesIssues(rules: CallingRules, now: Date): readonly Issue[] {
  const { retryConfig, retryRules, quietHours } = rules;
  const retries = { ...(retryConfig && { retryConfig }), ...(retryRules && { retryRules }) };
  return [
    ...retryInputIssues(retries),
    ...(quietHours ? quietHoursIssues(quietHours, now) : []),
    ...steeringIssues(rules, now),
  ];
}

/** Rules that nobody's attempts would ever reach: who gives them means to retry, and would wait in vain. */
function idleRulesIssues(rules: CallingRules, { recipients }: PlannedPeople): readonly Issue[] {
  const isIdle = recipients.length > 0 && recipients.every(({ maxRetries }) => allowedAttempts(rules, maxRetries) <= 1);
  if (!isIdle || !rules.retryRules?.some(({ enabled }) => enabled)) return [];
  const message =
    "These rules would never be used, because each recipient is called once. Add retry_config { enabled: true, max_attempts: 2 or more }, or leave retry_rules out.";
  return [{ field: "retry_rules", code: "contradiction", message }];
}

/** People whom rules on their own clock leave no minute, or of whom nobody knows the clock. */
export function clockIssues(rules: CallingRules, people: readonly ListedRecipient[], now: Date): readonly Issue[] {
  if (rulesIssues(rules, now).length > 0) return [];
  const never = people.filter((person) => mayRingFrom(person, { rules }, now) === "never");
  if (never.length === 0) return [];
  const { start = "", end = "", ...closed } = rules.quietHours ?? {};
  const days = hasClosedDays(closed) ? ` and days without calls (${toClosedDaysText(closed)})` : "";
  const message = `No time of day is outside quiet hours ${start}-${end}${days} on every clock that may be theirs, for ${describeRows(never)}. ${never.some((person) => zonesAgainst(person.toNumber, person.timezone)) ? "A zone of theirs contradicts the number, so that both clocks count: correct it" : "Give a zone for them in a timezone column"}, or shorten quiet_hours${orLeaveOut(never, people)}.`;
  return [{ field: "quiet_hours", code: "no_calling_time", message, ...rowsOf(never) }];
}

/** That nobody would be called before the end that the rules set. A draft can begin at once. */
function lateIssues(
  rules: CallingRules,
  { start, zone }: Timing,
  people: readonly Recipient[],
  { now, operator }: PlanFacts,
): readonly Issue[] {
  if (start === undefined || rulesIssues(rules, now).length > 0) return [];
  return endIssues(toStartOrder({ rules, timezone: zone, start, recipients: people }, { now, operator }));
}

/** The start of a plan as `endIssues` and `toLateText` look at it. */
export function toStartOrder(
  { rules, timezone, start, recipients }: Pick<BatchPlan, "rules" | "timezone" | "start" | "recipients">,
  { now, operator }: Pick<PlanFacts, "now" | "operator">,
): StartOrder {
  const { at = now, local } = start.kind === "at" ? start : {};
  return { rules, timezone, people: recipients, startAt: at, notBeforeLocal: local, operator };
}

type Timing = { readonly start?: Start; readonly zone: string; readonly issues: readonly Issue[] };

type TimingFacts = Pick<PlanFacts, "now" | "fallbackZone"> & {
  /** Who is called, for a time on their own clocks. */
  readonly people?: readonly ListedRecipient[];
};

/** When a batch is meant to begin, from the three arguments that say so. Also for a batch that exists already. */
export function parseTiming(
  { start, startAt, timezone: given }: Pick<BatchRequest, "start" | "startAt" | "timezone">,
  { now, fallbackZone, people = [] }: TimingFacts,
): Timing {
  const isLocal = given === recipientClock;
  if (isLocal && start === "at_time" && startAt !== undefined) {
    const planned = planLocalStart(startAt, people, now);
    return "local" in planned
      ? { zone: fallbackZone, issues: [], start: { kind: "at", ...planned } }
      : { zone: fallbackZone, issues: planned };
  }
  const timezone = isLocal ? undefined : given;
  const zone = timezone === undefined ? fallbackZone : parseZoneOrTheirs(timezone, "timezone");
  const badZone = isIssue(zone) ? [zone] : [];
  const known = { zone: isIssue(zone) ? fallbackZone : zone };
  if (start !== "at_time") {
    const issues = startAt === undefined ? badZone : [...badZone, unusedStartAt(start)];
    return { ...known, issues, ...(issues.length === 0 && { start: { kind: start } }) };
  }
  if (startAt === undefined) return { ...known, issues: [...badZone, missingStartAt] };
  if (isIssue(zone)) return { ...known, issues: badZone };
  const parsed = parseStartAt(startAt, timezone, fallbackZone, now);
  return isIssue(parsed)
    ? { ...known, issues: [parsed] }
    : { zone: parsed.zone, issues: [], start: { kind: "at", at: parsed.at } };
}

const missingStartAt: Issue = {
  field: "start_at",
  code: "required",
  message: 'start "at_time" needs start_at: a local time such as "2026-02-20T13:00", with its zone in timezone.',
};

function unusedStartAt(start: "draft" | "now"): Issue {
  return {
    field: "start_at",
    code: "contradiction",
    message: `start_at only goes with start "at_time", and start is "${start}". Set start to "at_time", or leave start_at out.`,
  };
}
