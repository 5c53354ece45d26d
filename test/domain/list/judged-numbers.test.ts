import { expect, it } from "vitest";
import { JudgedNumbers } from "../../../src/domain/list/judged-numbers.ts";
import { parseE164 } from "../../../src/domain/phone/phone-number.ts";
import { isIssue } from "../../../src/domain/problem.ts";
import { Random } from "../../support/random.ts";

function number(text: string) {
  const parsed = parseE164(text);
  if (isIssue(parsed)) throw new Error(parsed.message);
  return parsed;
}

it("the first row with a number has it, whatever numbers are beside it", () => {
  const random = new Random(1);
  const numbers = new JudgedNumbers();
  const expected = new Map<string, number>();
  const wrong: string[] = [];
  for (let row = 1; row <= 20_000; row++) {
    // Those of an office follow each other; of fifteen digits none may be taken for its neighbor.
    const rest = String(row % 3 === 0 ? random.below(9_000) : row % 9_000).padStart(4, "0");
    const text = number(row % 2 === 0 ? `+1202555${rest}` : `+49301234567${rest}`);
    if (numbers.take(text, row) !== expected.get(text)) wrong.push(text);
    if (!expected.has(text)) expected.set(text, row);
  }
  expect(wrong).toEqual([]);
  expect([...expected.keys()].map((text) => numbers.rowOf(text))).toEqual([...expected.values()]);
});

it("a text that is no number is no row's, nor is a number that nobody has", () => {
  const numbers = new JudgedNumbers();
  numbers.take(number("+12025550101"), 2);
  expect(["", "+", "+0", "x", "+1202555010x", "+12025550102"].map((text) => numbers.rowOf(text))).toEqual(
    Array(6).fill(undefined),
  );
  expect(numbers.rowOf("+12025550101")).toBe(2);
});
