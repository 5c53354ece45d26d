import { expect, test } from "vitest";
import { toExclusionText } from "../../../src/domain/batch/recent-exclusion.ts";

const ids = (count: number) => Array.from({ length: count }, (_, n) => `batch_call_${`${n + 1}`.repeat(32)}`);
const textOf = (exceptBatchIds: readonly string[]) => toExclusionText({ reachedWithinDays: 1, exceptBatchIds });

test("names the batches whose calls do not count, up to three", () => {
  const [first, second, third] = ids(3);
  expect(textOf([`${first}`])).toBe(
    `whom another batch reached within 24 hours, except by ${first}, is not called, as it stands right before each call`,
  );
  expect(textOf([`${first}`, `${second}`])).toContain(`24 hours, except by ${first} or ${second}, is not called`);
  expect(textOf(ids(3))).toContain(`24 hours, except by ${first}, ${second} or ${third}, is not called`);
});

test("names two of many and counts the others", () => {
  const [first, second] = ids(2);
  const text = toExclusionText({ calledWithinDays: 30, reachedWithinDays: 90, exceptBatchIds: ids(9) });
  expect(text).toContain(`, except by ${first}, ${second} or 7 others, is not called`);
});

test("excepts nothing where nothing is excepted", () => {
  expect(toExclusionText({ reachedWithinDays: 1 })).toBe(
    "whom another batch reached within 24 hours is not called, as it stands right before each call",
  );
});
