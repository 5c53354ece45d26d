import { describe, expect, it } from "vitest";
import { parseE164, parsePhoneNumber, toTodaysNumber } from "../../../src/domain/phone/phone-number.ts";
import { isIssue } from "../../../src/domain/problem.ts";
import { Random } from "../../support/random.ts";
import { formNames, type WrittenNumber, writtenNumbers } from "../../support/written-numbers.ts";

/** Numbers that are examples first, then random ones. */
function firstNumbers(count: number): readonly WrittenNumber[] {
  const numbers: WrittenNumber[] = [];
  for (const number of writtenNumbers(new Random(1))) {
    numbers.push(number);
    if (numbers.length === count) return numbers;
  }
  return numbers;
}

describe("a number of any country, in the ways people write it", () => {
  const numbers = firstNumbers(15_000);
  const read = numbers.map((number) => ({ number, parsed: parsePhoneNumber(number.text, number.country) }));

  it("is never read as another subscriber's", () => {
    const strangers = read.filter(({ number, parsed }) => !isIssue(parsed) && parsed.e164 !== number.meant);
    expect(strangers.map(({ number, parsed }) => ({ ...number, parsed }))).toEqual([]);
  });

  it("has the form of today that it is read with, with a second prefix behind the calling code too", () => {
    const texts = numbers
      .slice(0, 1500)
      .flatMap(({ meant }) => [meant, meant.replace(/^(\+\d{1,3}?)(?=\d{7,12}$)/, "$10"), `${meant}0`]);
    const others = texts.filter((text) => {
      const read = parseE164(text);
      return toTodaysNumber(text) !== (isIssue(read) ? text : read);
    });
    expect(others).toEqual([]);
  });

  it.each(formNames.filter((name) => !/^(?:00|no plus|national, without)/.test(name)))("is read: %s", (form) => {
    const refused = read.filter(({ number, parsed }) => number.form === form && isIssue(parsed));
    expect(refused.map(({ number, parsed }) => ({ ...number, parsed }))).toEqual([]);
  });
});
