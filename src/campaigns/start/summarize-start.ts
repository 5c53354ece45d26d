import type { VoiceAgent } from "../../client/api.ts";
import type { Batch, Task } from "../../domain/batch/batch.ts";
import type { CallLimits } from "../../domain/batch/call-limits.ts";
import { callerIdsOf, countNearest } from "../../domain/batch/caller-ids.ts";
import type { Consent } from "../../domain/batch/consent.ts";
import { type HeldNumbers, withHolds } from "../../domain/batch/held-people.ts";
import { unmarkedName } from "../../domain/batch/marked-name.ts";
import { agreementEnd, type Outlook, outlookOf, type PlanPreview, toRulesText } from "../../domain/batch/outlook.ts";
import type { Example } from "../../domain/batch/preview-examples.ts";
import { type LocalTime, placesOf } from "../../domain/batch/preview-places.ts";
import { blanksAmong, toBlankText, toUnreadZonesText } from "../../domain/batch/preview-variables.ts";
import { callsLeft, type StopWhen } from "../../domain/batch/steering.ts";
import { toJudgedTexts } from "../../domain/batch/steering-text.ts";
import { toZoneConflictTexts } from "../../domain/batch/zone-conflicts.ts";
import { maskNumber } from "../../domain/phone/mask.ts";
import { countryOf } from "../../domain/phone/recipient-time.ts";
import { allowedAttempts, longestSpanMs } from "../../domain/retry-rules.ts";
import { costOfStart, type StartPolicy, toMoneyText } from "../../domain/start-policy.ts";
import { counted } from "../../domain/text.ts";
import type { PresetScope } from "../../domain/time/hour-presets.ts";
import { toWallTime } from "../../domain/time/zone.ts";
import type { StartSummary } from "../approve/index.ts";
import type { ContentFacts } from "../create/index.ts";
import { changesSince } from "./changes-since.ts";
import { type BatchSnapshot, recipientsToCall, type StartAction } from "./read-batch-for-start.ts";
import type { AgreedBefore, CallSpan } from "./start-log.ts";

/** Attempts that are counted for a batch whose rules nobody here knows: the most that the API takes. */
const mostAttempts = 10;
const mostSamples = 3;
const mostBlank = 10;
const mostExamples = 3;

export type SummaryFacts = {
  readonly action: StartAction;
  readonly people: readonly Task[];
  readonly fingerprint: string;
  readonly agent?: Pick<VoiceAgent, "name" | "opening"> | undefined;
  /** Zone of a batch whose own is not reported. */
  readonly fallbackZone: string;
  readonly policy: StartPolicy;
  /** True when an earlier start of this batch got no answer, and was not seen to happen. */
  readonly followsUnknown: boolean;
  /** Of a batch that runs: what was agreed to before. */
  readonly agreedBefore?: AgreedBefore;
  readonly now: Date;
  /** Whether the API can pause and cancel a batch that runs. */
  readonly hasBrake: boolean;
  /** Numbers that wait for the call of another batch. */
  readonly held: HeldNumbers;
  /** How fast it calls at most, where it tells that. */
  readonly limits?: CallLimits | undefined;
};

/** What a person is asked to agree to, as the upstream tells it. */
export function summarize(snapshot: BatchSnapshot, facts: SummaryFacts): StartSummary {
  const { batch } = snapshot;
  const hours = snapshot.facts?.hours;
  const { preview } = snapshot.facts ?? {};
  const { action, people, fingerprint, agent, policy, agreedBefore } = facts;
  const consent = consentOf(snapshot);
  const outlook = foresee(snapshot, facts);
  const lastAt = lastRingOf(snapshot, facts, outlook);
  const firstRing = firstRingOf(outlook, action.kind === "at" ? action.at : facts.now);
  const changes = agreedBefore ? changesSince(agreedBefore, snapshot, maxAttemptsKnown(snapshot)) : [];
  const isNew = ({ toNumber }: Task) => agreedBefore?.newNumbers.has(toNumber) ?? false;
  const numbers = people.map(({ toNumber }) => toNumber);
  const callerIds = countNearest(numbers, callerIdsOf(batch.fromNumber, batch.moreFromNumbers));
  const newFirst = [...people.filter(isNew), ...people.filter((task) => !isNew(task))];
  return {
    batchId: batch.batchId,
    name: unmarkedName(batch.name),
    agentId: batch.agentId ?? "not reported by the API",
    ...(agent && { agentName: agent.name }),
    fromNumber: batch.fromNumber ?? "not reported by the API",
    ...(callerIds && { callerIds }),
    recipients: people.length,
    ...(consent && { consent }),
    start: action.kind === "at" ? action : { kind: "now" },
    ...(firstRing && { firstRing }),
    lastAt,
    timezone: batch.timezone ?? facts.fallbackZone,
    countries: outlook.countries,
    outlook,
    ...(preview && { leftOut: preview.leftOut, examples: examplesAmong(facts.people, preview) }),
    ...(snapshot.facts && { blanks: blanksOf(snapshot.facts, snapshot.tasks, people).slice(0, mostBlank) }),
    ...(agent?.opening !== undefined && { opening: agent.opening }),
    ...(hours && { hours }),
    // Nobody here sent the hours of a batch that was made elsewhere.
    ...(snapshot.facts && { localWindow: { first: policy.hours.start, last: policy.hours.end } }),
    hasBrake: facts.hasBrake,
    samples: newFirst.slice(0, mostSamples).map(({ toNumber }) => maskNumber(toNumber)),
    notes: notesOf(snapshot, facts, outlook.rings === undefined ? lastAt : undefined),
    ...(changes.length > 0 && { changes }),
    fingerprint,
    ...(batch.stateVersion !== undefined && { stateVersion: batch.stateVersion }),
  };
}

/** Up to three of those who are called: of a batch that goes on nobody who was called already. */
function examplesAmong(people: readonly Task[], { examples, people: known }: PlanPreview): readonly Example[] {
  const called = new Set(people.map(({ toNumber }) => toNumber));
  const among = known ? examples.filter((_, index) => called.has(known.examples[index] ?? "")) : examples;
  const gap = among.filter(({ why }) => why === "gap").slice(0, 1);
  const others = among.filter(({ why }) => why !== "gap").slice(0, mostExamples - gap.length);
  return [...others, ...gap].toSorted((a, b) => a.row - b.row);
}

/** What those who are called lack, a line each; where nobody wrote down who does, what the whole list lacks. */
function blanksOf(
  { blankVariables = [], preview }: ContentFacts,
  listed: readonly Task[],
  people: readonly Task[],
): readonly string[] {
  if (preview?.people === undefined)
    return blankVariables.map((blank) => toBlankText(blank) + ofWholeList(listed, people));
  const numbers = new Set(people.map(({ toNumber }) => toNumber));
  return blanksAmong(numbers, blankVariables, preview.people.blank).map(toBlankText);
}

/** What is told of the list is not always that of those who are called. */
function ofWholeList(listed: readonly Task[], people: readonly Task[]): string {
  return people.length < listed.length ? ", of the whole list" : "";
}

/** Why people are called, as the API shows it or as it was said when the batch was made here. */
export function consentOf({ batch, facts }: Pick<BatchSnapshot, "batch" | "facts">): Consent | undefined {
  return batch.consent ?? facts?.consent;
}

/** The rules that a batch was sent with, in words; undefined where nobody here knows them. */
export function describeRules(
  facts: ContentFacts | undefined,
  batch: Pick<Batch, "steered" | "total"> & { readonly timezone: string },
  spend?: StartPolicy["limits"]["spend"],
): readonly string[] | undefined {
  if (!facts?.rules) return undefined;
  const { rules, preview } = facts;
  const attempts = preview?.attemptsOfNumber ?? allowedAttempts(rules);
  return toRulesText({
    rules,
    timezone: batch.timezone,
    attemptsOfNumber: attempts,
    hasSecondNumbers: preview?.hasSecondNumbers,
    spend,
    ...standingOf(batch),
  });
}

/** For an API that calls by itself, by one window for all. */
export function toPresetNotHeld(preset: PresetScope): string {
  return `The operator's preset ${preset} (BATCH_CALL_HOURS_PRESET) does not hold at this API, which knows no weekdays and one window for all: it calls within BATCH_CALL_CALLING_HOURS alone.`;
}

/** The most attempts that a recipient of the batch may get, as far as the API shows its rules. */
export function maxAttemptsKnown({ batch, facts }: BatchSnapshot): number {
  return batch.maxAttempts ?? facts?.attempts ?? mostAttempts;
}

/** The most calls that its people may get: each as often as the rules allow, and all together what is left of the batch's budget. */
export function mostCalls(snapshot: BatchSnapshot, people: number, attempts = maxAttemptsKnown(snapshot)): number {
  const left = callsLeft(stopWhenOf(snapshot), callsMade(snapshot.tasks));
  return Math.min(people * attempts, left ?? Number.POSITIVE_INFINITY);
}

/** When the batch ends before everybody is called: as the API tells it, else as it was sent. */
export function stopWhenOf({ batch, facts }: BatchSnapshot): StopWhen | undefined {
  return batch.steered ? batch.steered.rules.stopWhen : facts?.rules?.stopWhen;
}

/** Who is on its list, without those who were cancelled before a call, and how it is steered. */
function standingOf({ total, steered }: Pick<Batch, "steered" | "total">) {
  return { listed: total - (steered?.neverCalled ?? 0), steering: steered?.steering };
}

function callsMade(tasks: readonly Task[]): number {
  return tasks.reduce((sum, { attempts = 0 }) => sum + attempts, 0);
}

/** What a start calls and when it begins, as its outlook and its bounds go by. */
function orderOf({ batch, tasks }: BatchSnapshot, action: StartAction, now: Date) {
  return {
    people: recipientsToCall(tasks, action),
    notBeforeLocal: action.kind === "at" ? action.local : action.kind === "resume" ? batch.notBeforeLocal : undefined,
    startAt: action.kind === "at" ? action.at : now,
  };
}

/** When the first phone can ring, where that is not the minute of the start. */
export function firstRingOf({ rings }: Partial<Outlook>, startAt: Date): LocalTime | undefined {
  return rings && Date.parse(rings.from) >= startAt.getTime() + 60_000 ? rings.first : undefined;
}

/** From when and until when a start is expected to ring phones, by its rules. */
export function callSpanOf(
  { action, snapshot }: { readonly action: StartAction; readonly snapshot: BatchSnapshot },
  now: Date,
): CallSpan {
  const { startAt: from, ...order } = orderOf(snapshot, action, now);
  return { from, until: agreementEnd(order, snapshot.facts?.retriesForMs ?? 0, from) };
}

/** Countries and zones are told by the numbers; the rest by what was sent, where this is known. */
function foresee(
  snapshot: BatchSnapshot,
  { action, people, policy, fallbackZone, hasBrake, held, limits, now }: SummaryFacts,
): Partial<Outlook> & Pick<Outlook, "countries"> {
  const { batch, facts } = snapshot;
  const { preview, rules } = facts ?? {};
  if (!preview || !rules) return placesOf(people);
  const { attemptsOfNumber, hasSecondNumbers } = preview;
  const everybody = preview.groups.reduce((sum, { recipients }) => sum + recipients, 0);
  // Of a batch that goes on, those who are left are taken to be like all of them.
  const part = everybody === 0 ? 0 : people.length / everybody;
  const groups = preview.groups.map((group) => ({ ...group, recipients: group.recipients * part }));
  return outlookOf({
    ...orderOf(snapshot, action, now),
    people,
    fromNumber: batch.fromNumber,
    groups,
    held,
    attemptsOfNumber,
    hasSecondNumbers,
    rules,
    timezone: batch.timezone ?? fallbackZone,
    spend: policy.limits.spend,
    limits,
    begun: { ...standingOf(batch), calls: callsMade(snapshot.tasks) },
    operator: hasBrake ? policy : undefined,
    now,
  });
}

/**
 * The instant from which on no phone may ring any more of a start: after the last minute that a person is told, and where that is not
 * known, so long after the last first call as rules can let a batch ring at most.
 */
function lastRingOf(snapshot: BatchSnapshot, { action, held, now }: SummaryFacts, { rings }: Partial<Outlook>): Date {
  if (rings) return new Date(rings.until);
  const { startAt, people, ...order } = orderOf(snapshot, action, now);
  return agreementEnd({ ...order, people: withHolds(people, held) }, snapshot.facts?.spanMs ?? longestSpanMs, startAt);
}

/** `2026-03-04 11:00 (America/New_York)` */
function toMinute(at: Date, zone: string): string {
  return `${toWallTime(at, zone).slice(0, 16).replace("T", " ")} (${zone})`;
}

const notVerified =
  "This API does not show what is said to each person, how often it calls and at what hours. Nobody has checked that these still are as they were sent.";

const toCountry = (number: string) => countryOf(number) ?? "unknown";

/** What the agreement covers beside the first numbers, whose countries the summary counts. */
function toFallbackNote(people: readonly Task[], numbers: readonly string[]): string {
  const n = numbers.length;
  const who = counted(n, "of them has a second number, which is", "of them have a second number, which is");
  const known = new Set(people.map(({ toNumber }) => toCountry(toNumber)));
  const others = [...new Set(numbers.map(toCountry))].filter((country) => !known.has(country));
  const where = others.length === 0 ? "" : ` Some second numbers are in other countries: ${others.join(", ")}.`;
  return `${who} called when the first is not reached.${where}`;
}

/** `lastAt`: where the outlook does not tell it. */
function notesOf(
  snapshot: BatchSnapshot,
  { action, people, policy, followsUnknown, fallbackZone, hasBrake }: SummaryFacts,
  lastAt: Date | undefined,
): readonly string[] {
  const { batch, facts } = snapshot;
  const attempts = maxAttemptsKnown(snapshot);
  const isAttemptsKnown = batch.maxAttempts !== undefined || facts !== undefined;
  const fallbacks = people.flatMap(({ fallbackNumber }) => fallbackNumber ?? []);
  const { spend } = policy.limits;
  const areRulesTold = facts?.preview !== undefined && facts.rules !== undefined;
  return [
    ...toJudgedTexts(batch.steered?.steering),
    action.kind === "resume" && people.length > 0 && "These people are called when a paused batch goes on.",
    action.kind === "resume" &&
      people.length === 0 &&
      "Nobody waits for a call. Those who are in calls now may be called again, as the rules say.",
    action.kind === "resume" && action.redialUnknown && "Some of them may have been reached already.",
    !hasBrake && "Once it runs, it can be stopped only in your API provider's own portal.",
    !hasBrake && policy.hoursPreset !== undefined && toPresetNotHeld(policy.hoursPreset),
    followsUnknown && "An earlier start of this batch got no answer. Should it arrive late, it starts the same batch.",
    facts === undefined &&
      `This batch was not made here, so ${isAttemptsKnown ? "" : "how often and "}at what hours each person is called is not known.`,
    isAttemptsKnown &&
      attempts > 1 &&
      (fallbacks.length > 0 || !areRulesTold) &&
      `Each person is called up to ${attempts} times${fallbacks.length > 0 ? ", on both numbers together" : ""}.`,
    fallbacks.length > 0 && toFallbackNote(people, fallbacks),
    lastAt &&
      batch.contentDigest !== undefined &&
      `Nobody is called after ${toMinute(lastAt, batch.timezone ?? fallbackZone)}.`,
    batch.contentDigest === undefined && notVerified,
    !areRulesTold &&
      spend &&
      `This costs at most ${toMoneyText(costOfStart(mostCalls(snapshot, people.length), 1, spend.pricePerCall), spend.currency)}.`,
    facts?.preview?.unreadZones &&
      `${toUnreadZonesText(facts.preview.unreadZones)}${ofWholeList(snapshot.tasks, people)}.`,
    ...toZoneConflictTexts(facts?.preview?.zoneConflicts ?? [], facts?.rules ?? {}),
    facts &&
      facts.unverified.length > 0 &&
      `The API did not confirm ${facts.unverified.map((field) => field.replaceAll("_", " ")).join(", ")}; it may not keep to that.`,
  ].filter((note) => typeof note === "string");
}
