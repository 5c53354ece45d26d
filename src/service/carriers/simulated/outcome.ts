import { createHash } from "node:crypto";
import type { Outcome } from "../../../domain/batch/batch.ts";

/** How a simulated attempt goes; durations in ms. */
export type SimulatedCourse = {
  readonly outcome: Outcome;
  readonly ringMs: number;
  readonly talkMs: number;
  readonly wish?: Wish;
};

/** Parts of 100 attempts. */
const mix: readonly (readonly [Outcome, number])[] = [
  ["answered", 55],
  ["no_answer", 25],
  ["voicemail", 9],
  ["busy", 8],
  ["failed", 3],
];

/** Numbers that always end the same way, for demonstrations and tests. */
const certainOutcomes: Readonly<Record<string, Outcome>> = {
  "+12025550101": "answered",
  "+12025550102": "no_answer",
  "+12025550103": "busy",
  "+12025550104": "voicemail",
  "+12025550105": "failed",
  "+12025550106": "answered",
  "+12025550107": "answered",
  "+12025550108": "answered",
};

type Wish = "opt_out" | "wrong_number" | "call_back";

/** Numbers at which somebody answers and always says the same. */
const certainWishes: Readonly<Record<string, Wish>> = {
  "+12025550106": "opt_out",
  "+12025550107": "wrong_number",
  "+12025550108": "call_back",
};

/** Parts of 1,000 answered calls. */
const wishes: readonly (readonly [Wish, number])[] = [
  ["opt_out", 5],
  ["wrong_number", 5],
  ["call_back", 10],
];

const ringSeconds = { least: 4, most: 25 };
const talkSeconds = { least: 15, most: 90 };

/**
 * Draws the course of the `nth` call (1 for the first) to a number. The same seed gives the same list the same courses;
 * `speed` divides ring and talk times.
 */
export function drawCourse(draw: { seed: number; toNumber: string; nth: number; speed: number }): SimulatedCourse {
  const { seed, toNumber, nth, speed } = draw;
  const [ofOutcome = 0, ofRing = 0, ofTalk = 0, ofWish = 0] = fractions(`${seed}:${toNumber}:${nth}`);
  const outcome = certainOutcomes[toNumber] ?? drawOutcome(ofOutcome);
  const wish = outcome === "answered" ? drawWish(toNumber, nth, ofWish) : undefined;
  return {
    outcome,
    ringMs: outcome === "failed" ? 0 : Math.round(between(ringSeconds, ofRing) / speed),
    talkMs: outcome === "answered" ? Math.round(between(talkSeconds, ofTalk) / speed) : 0,
    ...(wish && { wish }),
  };
}

/** Who was called back does not ask for it again. */
function drawWish(toNumber: string, nth: number, fraction: number): Wish | undefined {
  const certain = certainWishes[toNumber];
  const wish = certainOutcomes[toNumber] ? certain : drawn(wishes, fraction * 1000);
  return wish === "call_back" && nth > 1 ? undefined : wish;
}

function drawOutcome(fraction: number): Outcome {
  return drawn(mix, fraction * 100) ?? "failed";
}

/** What has that part in it, of parts that stand one after the other. */
function drawn<T>(from: readonly (readonly [T, number])[], part: number): T | undefined {
  let sum = 0;
  return from.find(([, parts]) => {
    sum += parts;
    return part < sum;
  })?.[0];
}

/** In ms. */
function between({ least, most }: { least: number; most: number }, fraction: number): number {
  return (least + (most - least) * fraction) * 1000;
}

/** A number from 0 (included) to 1 for one answer in the `nth` call to a number: fixed by the seed. */
export function drawAnswer(draw: { seed: number; toNumber: string; nth: number; name: string }): number {
  const [fraction = 0] = fractions(`${draw.seed}:${draw.toNumber}:${draw.nth}:answer:${draw.name}`);
  return fraction;
}

/** Eight numbers from 0 (included) to 1, evenly spread and fixed by the text. */
function fractions(text: string): readonly number[] {
  const digest = createHash("sha256").update(text).digest();
  return Array.from({ length: 8 }, (_, index) => digest.readUInt32BE(index * 4) / 2 ** 32);
}
