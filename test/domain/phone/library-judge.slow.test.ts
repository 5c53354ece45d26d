import { expect, it } from "vitest";
import { tidyPhoneText } from "../../../src/domain/phone/phone-number.ts";
import { differenceFromLibrary, planTexts } from "../../support/judged-by-library.ts";
import { Random, seedsToRun } from "../../support/random.ts";

const texts = 20_000;

it.each(seedsToRun(1))("compiled plans read every country's texts as the library does (seed %i)", (seed) => {
  const differences: string[] = [];
  let seen = 0;
  for (const text of planTexts(new Random(seed))) {
    const difference = differenceFromLibrary(text);
    if (difference !== undefined) differences.push(difference);
    if (++seen === texts) break;
  }
  expect(differences).toEqual([]);
});

// A mark in front, which a spreadsheet puts there, is taken off with everything else: such a text takes the whole way.
it.each(seedsToRun(1))("a text that needs no tidying is what the whole way makes of it (seed %i)", (seed) => {
  const random = new Random(seed);
  const parts = ["+", "(", ")", " ", "  ", "-", ".", "/", "0", "1", "49", "30", "1234567", ".0", ".00"] as const;
  const differences: string[] = [];
  for (let seen = 0; seen < texts; seen++) {
    const text = Array.from({ length: 1 + random.below(8) }, () => random.pick(parts))
      .join("")
      .trim();
    if (tidyPhoneText(text) !== tidyPhoneText(`'${text}`)) differences.push(text);
  }
  expect(differences).toEqual([]);
});
