import { createHash } from "node:crypto";
import type { Outcome } from "../../../domain/batch/batch.ts";

/** How a simulated attempt goes; durations in ms. */
export type SimulatedCourse = { readonly outcome: Outcome; readonly ringMs: number; readonly talkMs: number };

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
};

const ringSeconds = { least: 4, most: 25 };
const talkSeconds = { least: 15, most: 90 };

/**
 * Draws the course of the `nth` call (1 for the first) to a number. The same seed gives the same list the same courses;
 * `speed` divides ring and talk times.
 */
export function drawCourse(draw: { seed: number; toNumber: string; nth: number; speed: number }): SimulatedCourse {
  const { seed, toNumber, nth, speed } = draw;
  const [ofOutcome = 0, ofRing = 0, ofTalk = 0] = fractions(`${seed}:${toNumber}:${nth}`);
  const outcome = certainOutcomes[toNumber] ?? drawOutcome(ofOutcome);
  return {
    outcome,
    ringMs: outcome === "failed" ? 0 : Math.round(between(ringSeconds, ofRing) / speed),
    talkMs: outcome === "answered" ? Math.round(between(talkSeconds, ofTalk) / speed) : 0,
  };
}

function drawOutcome(fraction: number): Outcome {
  let sum = 0;
  const drawn = mix.find(([, parts]) => {
    sum += parts;
    return fraction * 100 < sum;
  });
  return drawn?.[0] ?? "failed";
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
