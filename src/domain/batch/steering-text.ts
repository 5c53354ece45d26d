import { counted } from "../text.ts";
import type { CallLimits } from "./call-limits.ts";
import {
  type Canary,
  type CanaryVerdict,
  canarySize,
  type Pace,
  type Steered,
  type Steering,
  toBoundText,
  toMeasureText,
  toPeople,
} from "./steering.ts";

/** A canary in words for whoever agrees to it, in at most one line: one that was judged does nothing any more. `people`: on the list. */
export function toCanaryTexts(
  { canary }: Steered["rules"],
  { people, steering }: { readonly people: number; readonly steering?: Steering | undefined },
): readonly string[] {
  if (canary === undefined || steering?.canary !== undefined) return [];
  return [isOfAll(canary, people) ? `Canary: ${nobodyLeft}` : toCanaryText(canary)];
}

const nobodyLeft = "everybody on the list is in it, so nobody is left to hold";

function isOfAll(canary: Canary, people: number): boolean {
  return canarySize(canary, people) >= people;
}

/** What became of a canary, for whoever is asked to let the others be called; empty while it is open. */
export function toJudgedTexts({ canary: verdict }: Steering = {}): readonly string[] {
  if (!verdict) return [];
  return [
    `${verdict.state === "held" ? "Canary held the batch" : "Canary passed"}: ${verdict.why}`,
    "The batch is not held for its canary again: all others are called.",
  ];
}

function toCanaryText({ share, count, pauseIf, afterwards }: Canary): string {
  const who =
    count === 1
      ? "The first person is"
      : `The first ${count === undefined ? `${share}% of the list` : toPeople(count)} are`;
  const limits = pauseIf.map((limit) => `${toBoundText(limit)} ${toMeasureText(limit.measure)}`);
  if (afterwards === "pause") {
    const held = limits.length > 0 ? ` (limits: ${limits.join("; ")})` : "";
    return `${who} called, then the batch is held until a person resumes it${held}`;
  }
  const held = limits.length > 0 ? `; with ${limits.join(" or ")} the batch is held until a person resumes it` : "";
  return `${who} called, then the others${held}`;
}

type Standing = {
  readonly people: number;
  readonly dialed: number;
  readonly isPaused: boolean;
  /** Nobody is called any more. */
  readonly isOver: boolean;
  /** What the service holds itself to, where it tells that. */
  readonly limits?: CallLimits | undefined;
};

/** Where a batch stands with what it is steered by, a line each. `dialed` of `people` were called at least once. */
export function toSteeringState({ rules, steering }: Steered, standing: Standing): readonly string[] {
  const { canary } = rules;
  const { pace = {}, canary: verdict, stopped } = steering ?? {};
  return [
    ...(canary && !verdict
      ? [toOpenText(canary, { ...standing, isOver: standing.isOver || stopped !== undefined })]
      : []),
    ...(verdict ? [toVerdictText(verdict, canary, standing)] : []),
    ...toPaceTexts(pace, standing.limits),
    ...(stopped === undefined ? [] : [`Ended early: ${stopped}.`]),
  ];
}

/** The pace that was set, with the limits of the account that are below it. */
function toPaceTexts(pace: Pace, limits: CallLimits | undefined): readonly string[] {
  const set = toBoundTexts(pace);
  if (set.length === 0) return [];
  const { atOnce = 0, perSecond = 0 } = pace;
  const most = limits && Math.min(limits.concurrent, limits.concurrentPerBatch ?? limits.concurrent);
  const lower = toBoundTexts({
    ...(most !== undefined && most < atOnce && { atOnce: most }),
    ...(limits && limits.startsPerSecond < perSecond && { perSecond: limits.startsPerSecond }),
  });
  const held = lower.length === 0 ? "" : `; the account allows ${lower.join(" and ")}`;
  return [`Pace set to at most ${set.join(" and ")}${held}.`];
}

function toBoundTexts({ atOnce, perSecond }: Pace): readonly string[] {
  return [
    ...(atOnce === undefined ? [] : [`${counted(atOnce, "call")} at once`]),
    ...(perSecond === undefined ? [] : [`${counted(perSecond, "start")} a second`]),
  ];
}

/** Of a canary that was not judged. */
function toOpenText(canary: Canary, { people, dialed, isOver }: Standing): string {
  const size = canarySize(canary, people);
  if (isOver) return `Canary not judged: the batch ended when ${toPeople(dialed)} had been called.`;
  const called = `Canary waiting: ${Math.min(dialed, size)} of its ${toPeople(size)} called`;
  return isOfAll(canary, people) ? `${called}; ${nobodyLeft}.` : `${called}.`;
}

/** Who was called beyond the canary shows that one which is over was resumed. */
function toVerdictText(
  { state, why, isResumed }: CanaryVerdict,
  canary: Canary | undefined,
  { people, dialed, isPaused, isOver }: Standing,
): string {
  if (state === "passed") return `Canary passed: ${why}`;
  const wasResumed = isResumed ?? (isOver ? canary === undefined || dialed > canarySize(canary, people) : !isPaused);
  return wasResumed ? `Canary held the batch until it was resumed: ${why}` : `Canary held the batch: ${why}`;
}
