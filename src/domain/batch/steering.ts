import { counted } from "../text.ts";
import type { Outcome, OutcomeCounts } from "./outcome.ts";

/** What a canary is judged by: the outcomes of first calls, or people who asked not to be called any more. */
export type CanaryMeasure = Outcome | "opt_out";

/** Broken when more than `abovePercent`, or less than `belowPercent`, of those called are counted by `measure`. */
export type CanaryLimit = {
  readonly measure: CanaryMeasure;
  readonly abovePercent?: number;
  readonly belowPercent?: number;
};

/** The first part of a batch: nobody else is called before it was judged. One of `share` (percent of the list) and `count` is there. */
export type Canary = {
  readonly share?: number;
  readonly count?: number;
  readonly pauseIf: readonly CanaryLimit[];
  /** What follows when no limit is broken: a person looks first, or the others are called. */
  readonly afterwards: "pause" | "go_on";
};

/** When a batch ends before everybody was called; the first that is met ends it. `count` goes with `outcome` or `answer`. */
export type StopWhen = {
  /** The most calls, retries included: never more. */
  readonly calls?: number;
  /** ms since 1970. */
  readonly atMs?: number;
  /** So many people with this outcome of their last call. */
  readonly outcome?: Outcome;
  /** So many people with an answer of this name, and with this value where one is given. */
  readonly answer?: string;
  readonly value?: string;
  readonly count?: number;
};

/** The most calls of one batch at once, and its starts within a second; never above what the operator allows. */
export type Pace = { readonly atOnce?: number; readonly perSecond?: number };

/** What became of a batch's canary: it let the others be called, or held the batch for a person, whose resume lets them. */
export type CanaryVerdict = {
  readonly state: "passed" | "held";
  readonly why: string;
  /** Of one that held: somebody let the others be called. */
  readonly isResumed?: true;
};

/** How a batch is steered while it runs; no part of what people agree to. */
export type Steering = {
  readonly pace?: Pace;
  /** Absent while it is open. */
  readonly canary?: CanaryVerdict;
  /** Why it ended before everybody was called. */
  readonly stopped?: string;
};

/** The part of a batch that says how it is steered. */
export type Steered = {
  readonly rules: { readonly canary?: Canary; readonly stopWhen?: StopWhen };
  readonly steering?: Steering;
};

/** How a batch is steered, and how many of its people were called at least once, or cancelled before. */
export type SteeredBatch = Steered & { readonly called: number; readonly neverCalled: number };

/** What the canary of a batch, or of all of its campaign, is judged by. */
export type CanaryFacts = {
  /** On the list, without those who were cancelled before their first call. */
  readonly people: number;
  /** Called at least once, or being called for the first time. */
  readonly dialed: number;
  /** Wait for their first call. */
  readonly waitingNew: number;
  /** First calls in progress. */
  readonly openFirst: number;
  /** First calls by outcome; one that nobody knows the outcome of is in none of them. */
  readonly firstOutcomes: OutcomeCounts;
  readonly optedOut: number;
};

/** What a batch, or all of its campaign, is steered by, counted at one moment. */
export type SteeringFacts = {
  /** Wait for a call. */
  readonly waiting: number;
  /** All calls, those in progress included; 0 without a budget. */
  readonly calls: number;
  readonly callsEnded: number;
  /** People with the outcome or the answer that `stopWhen` counts; 0 without one. */
  readonly reached: number;
  /** While a canary is open. */
  readonly canary?: CanaryFacts;
};

/** Whether the rules have something that is counted over all of a campaign. */
export function isSteered(rules: {
  readonly canary?: Canary | undefined;
  readonly stopWhen?: StopWhen | undefined;
}): boolean {
  const { canary, stopWhen } = rules;
  return canary !== undefined || stopWhen !== undefined;
}

/** How all batches of a campaign are steered, told as of one; undefined where none of them is. */
export function mergeSteered(batches: readonly (SteeredBatch | undefined)[]): SteeredBatch | undefined {
  const steered = batches.filter((batch) => batch !== undefined);
  const [first] = steered;
  if (!first) return undefined;
  const sumOf = (field: "called" | "neverCalled") => steered.reduce((sum, batch) => sum + batch[field], 0);
  const find = <K extends keyof Steering>(field: K): Pick<Steering, K> | undefined =>
    steered.find(({ steering }) => steering?.[field] !== undefined)?.steering;
  const canary = find("canary")?.canary;
  const stopped = find("stopped")?.stopped;
  const pace = find("pace")?.pace;
  return {
    rules: first.rules,
    steering: {
      ...(pace && { pace }),
      ...(canary && { canary }),
      ...(stopped !== undefined && { stopped }),
    },
    called: sumOf("called"),
    neverCalled: sumOf("neverCalled"),
  };
}

/** Whether the canary of a batch still holds back everybody else. */
export function isCanaryOpen({ rules, steering }: Steered): boolean {
  return rules.canary !== undefined && steering?.canary === undefined;
}

/** Whether a canary held the batch, and nobody has let the others be called since. */
export function isHeldByCanary(steering: Steering | undefined): boolean {
  return steering?.canary?.state === "held" && steering.canary.isResumed === undefined;
}

/** How a batch is steered once somebody let it go on. */
export function resumedSteering(steering: Steering): Steering {
  const { canary } = steering;
  return canary && isHeldByCanary(steering) ? { ...steering, canary: { ...canary, isResumed: true } } : steering;
}

/** Whether anything has to be counted before a call of this batch. */
export function needsSteering(batch: Steered): boolean {
  return isCanaryOpen(batch) || batch.rules.stopWhen !== undefined;
}

/**
 * Names what is steered as one: a batch, or all batches of its campaign that have the same rules and stand alike. Those that are
 * being given other rules one after the other may differ for a while.
 */
export function steeringKey(
  batch: Steered & { readonly id: string; readonly organizationId: string; readonly campaignId?: string },
): string {
  const { organizationId, rules, steering } = batch;
  return JSON.stringify([organizationId, campaignKey(batch), rules.canary, rules.stopWhen, steering?.canary]);
}

/** Names what is counted together: a batch, or the campaign that it is a part of. Ids of batches and campaigns are never the same. */
export function campaignKey({ id, campaignId }: { readonly id: string; readonly campaignId?: string }): string {
  return campaignId === undefined ? `batch ${id}` : `campaign ${campaignId}`;
}

/** How many of so many people are the canary: a share is rounded up. */
export function canarySize({ share = 100, count }: Canary, people: number): number {
  return Math.min(count ?? Math.max(Math.ceil((share * people) / 100), 1), people);
}

/** What may still be claimed of a batch: people who were never called, and calls in all. */
export type Allowance = { readonly newPeople: number; readonly calls: number };

export const unlimited: Allowance = { newPeople: Number.POSITIVE_INFINITY, calls: Number.POSITIVE_INFINITY };

/** What may be claimed at `now`, so that neither canary nor budget is ever exceeded. */
export function allowanceOf(batch: Steered, facts: SteeringFacts, now: Date): Allowance {
  const { canary, stopWhen } = batch.rules;
  const counted = isCanaryOpen(batch) ? facts.canary : undefined;
  const newPeople =
    canary && counted ? Math.max(canarySize(canary, counted.people) - counted.dialed, 0) : unlimited.newPeople;
  if (!stopWhen) return { newPeople, calls: unlimited.calls };
  const { calls = unlimited.calls } = stopWhen;
  return { newPeople, calls: whyStopped(stopWhen, facts, now) === undefined ? Math.max(calls - facts.calls, 0) : 0 };
}

/** What is done with a running batch. `why` is for people. */
export type SteeringStep =
  | { readonly kind: "pass"; readonly why: string }
  /** `heldReason`: what was counted, and what follows. */
  | { readonly kind: "hold"; readonly why: string; readonly heldReason: string }
  | { readonly kind: "stop"; readonly why: string };

/** Undefined while there is nothing to do. */
export function nextSteeringStep(batch: Steered, facts: SteeringFacts, now: Date): SteeringStep | undefined {
  const { canary, stopWhen } = batch.rules;
  if (facts.waiting === 0) return undefined;
  const why = stopWhen && whyStopped(stopWhen, facts, now);
  if (why !== undefined) return { kind: "stop", why };
  return canary && facts.canary && isCanaryOpen(batch) ? judgeCanary(canary, facts.canary) : undefined;
}

/** Judged once every one of its people had the first call, if others wait for theirs. */
function judgeCanary(canary: Canary, facts: CanaryFacts): SteeringStep | undefined {
  const { dialed, openFirst, waitingNew } = facts;
  if (dialed < canarySize(canary, facts.people) || openFirst > 0 || waitingNew === 0) return undefined;
  const called = `The first ${dialed === 1 ? "person was" : `${toPeople(dialed)} were`} called:`;
  const broken = canary.pauseIf.filter((limit) => isBroken(limit, facts));
  if (broken.length > 0) {
    const told = broken.map((limit) => `${toMeasured(limit.measure, facts)}, ${toBoundText(limit)}`);
    return toHold(`${called} ${told.join("; ")}.`, waitingNew);
  }
  const told = [...new Set(canary.pauseIf.map(({ measure }) => measure))];
  const numbers = (told.length > 0 ? told : (["answered", "failed"] as const)).map((name) => toMeasured(name, facts));
  const kept = canary.pauseIf.length > 0 ? "no limit was broken" : "they are to be looked at";
  const why = `${called} ${numbers.join(", ")}; ${kept}.`;
  return canary.afterwards === "go_on" ? { kind: "pass", why } : toHold(why, waitingNew);
}

function toHold(why: string, others: number): SteeringStep {
  const heldReason = `${why} Nobody else is called until resume_batch, which goes on with the other ${others}.`;
  return { kind: "hold", why, heldReason };
}

function isBroken({ measure, abovePercent, belowPercent }: CanaryLimit, facts: CanaryFacts): boolean {
  const percent = (countOf(measure, facts) * 100) / facts.dialed;
  return (
    (abovePercent !== undefined && percent > abovePercent) || (belowPercent !== undefined && percent < belowPercent)
  );
}

function countOf(measure: CanaryMeasure, { firstOutcomes, optedOut }: CanaryFacts): number {
  return measure === "opt_out" ? optedOut : firstOutcomes[measure];
}

/** `6 failed (30%)` */
function toMeasured(measure: CanaryMeasure, facts: CanaryFacts): string {
  const count = countOf(measure, facts);
  const percent = Math.round((count * 1000) / facts.dialed) / 10;
  return `${count} ${toMeasureText(measure)} (${percent}%)`;
}

export function toMeasureText(measure: CanaryMeasure): string {
  return measure === "opt_out" ? "asked not to be called again" : measure.replace("_", " ");
}

export function toBoundText({ abovePercent, belowPercent }: CanaryLimit): string {
  const bounds = [
    ...(abovePercent === undefined ? [] : [`more than ${abovePercent}%`]),
    ...(belowPercent === undefined ? [] : [`less than ${belowPercent}%`]),
  ];
  return bounds.join(" or ");
}

/** Why a batch is over at `now`; undefined while it is not. A budget is used up when the last of its calls has ended. */
function whyStopped(stopWhen: StopWhen, { reached, callsEnded }: SteeringFacts, now: Date): string | undefined {
  const { calls, atMs, count } = stopWhen;
  const kind = toCountedText(stopWhen);
  if (count !== undefined && kind !== undefined && reached >= count)
    return `stop_when: ${reached} of ${toPeople(count)} ${kind}`;
  if (calls !== undefined && callsEnded >= calls) {
    return calls === 1
      ? "stop_when: the one call of the budget was made"
      : `stop_when: all ${calls} calls of the budget were made`;
  }
  if (atMs !== undefined && now.getTime() >= atMs) return `stop_when: it is ${toInstantText(atMs)}`;
  return undefined;
}

/** What is known here of one person of a batch. */
type CalledPerson = {
  readonly outcome?: Outcome;
  readonly attempts?: number;
  readonly answers?: readonly { readonly name: string; readonly value: string }[];
};

/**
 * Why none of these people, who are all of the batch or of its campaign, is called any more at `now`; undefined while somebody may be.
 * Calls in progress have used up their part of a budget.
 */
export function whyNobodyLeft(stopWhen: StopWhen, people: readonly CalledPerson[], now: Date): string | undefined {
  const { answer, value, outcome } = stopWhen;
  const isCounted = (person: CalledPerson): boolean =>
    answer === undefined
      ? outcome !== undefined && person.outcome === outcome
      : (person.answers ?? []).some((one) => one.name === answer && (value === undefined || one.value === value));
  const calls = people.reduce((sum, { attempts = 0 }) => sum + attempts, 0);
  return whyStopped(stopWhen, { calls, callsEnded: calls, reached: people.filter(isCounted).length, waiting: 1 }, now);
}

/** `have the outcome answered`, `answered confirmed: yes`; of one person `has`. */
export function toCountedText({ outcome, answer, value, count }: StopWhen): string | undefined {
  if (answer !== undefined) return `answered ${answer}${value === undefined ? "" : `: ${value}`}`;
  return outcome && `${count === 1 ? "has" : "have"} the outcome ${outcome}`;
}

export function toInstantText(ms: number): string {
  return new Date(ms).toISOString().replace(/:\d\d\.\d+Z$/, "Z");
}

export function toPeople(count: number): string {
  return counted(count, "person", "people");
}

/** What is wrong with the two by themselves, as they are given at `now`; `field` names the argument. */
export function steeringIssues(
  { canary, stopWhen }: Steered["rules"],
  now: Date,
): readonly { field: string; code: string; message: string }[] {
  const issue = (field: string, code: string, message: string) => [{ field, code, message }];
  const { share, count, pauseIf = [] } = canary ?? {};
  const isUnbounded = ({ abovePercent, belowPercent }: CanaryLimit) =>
    abovePercent === undefined && belowPercent === undefined;
  const isCounted = stopWhen?.outcome !== undefined || stopWhen?.answer !== undefined;
  return [
    ...(canary && (share === undefined) === (count === undefined)
      ? issue("canary", "contradiction", "Give one of share (percent of the list) and count (people).")
      : []),
    ...(pauseIf.some(isUnbounded)
      ? issue("canary.pause_if", "required", "Each limit needs above_percent or below_percent.")
      : []),
    ...(stopWhen?.outcome !== undefined && stopWhen.answer !== undefined
      ? issue("stop_when", "contradiction", "Give one of outcome and answer; count counts its people.")
      : []),
    ...(stopWhen && isCounted !== (stopWhen.count !== undefined) && stopWhen.value === undefined
      ? issue("stop_when.count", "required", isCounted ? withCount(stopWhen) : withCounted(stopWhen))
      : []),
    ...(stopWhen?.value !== undefined && stopWhen.answer === undefined
      ? issue("stop_when.value", "contradiction", "value is that of an answer: give its name as answer.")
      : []),
    ...(stopWhen && Object.keys(stopWhen).length === 0
      ? issue("stop_when", "required", "Say when: calls, at, or count with outcome or answer.")
      : []),
    ...(stopWhen?.atMs !== undefined && stopWhen.atMs <= now.getTime()
      ? issue("stop_when.at", "in_past", "The time has passed. Give a later one.")
      : []),
  ];
}

function withCount({ outcome, answer }: StopWhen): string {
  const kind = outcome === undefined ? `answer: ${JSON.stringify(answer)}` : `outcome: ${JSON.stringify(outcome)}`;
  return `Say how many people it takes: ${kind}, count: 5.`;
}

function withCounted({ count }: StopWhen): string {
  return `Say what is counted: count: ${count}, outcome: "answered"; or count: ${count} with answer and value. For calls in all, write calls.`;
}

/** Calls that may still be made when so many were; undefined without a budget. */
export function callsLeft(stopWhen: StopWhen | undefined, made: number): number | undefined {
  return stopWhen?.calls === undefined ? undefined : Math.max(stopWhen.calls - made, 0);
}
