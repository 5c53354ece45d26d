import { expect, test } from "vitest";
import { rolling24hUsage } from "../../../src/campaigns/limits/check-limits.ts";

const noon = Date.parse("2026-03-02T12:00:00Z");
const launch = (batchId: string, hours: number, recipients: number, attempts = 1) => ({
  batchId,
  ringsAt: new Date(noon + hours * 3_600_000),
  recipients,
  attempts,
});

test("what rings less than 24 hours before or after counts, as far as it fits into one day together", () => {
  const near = [launch("before", -20, 100), launch("after", 20, 30)];
  // No 24 hours hold both of them.
  expect(rolling24hUsage(launch("mine", 0, 5), near).startedToday).toBe(100);
  expect(rolling24hUsage(launch("mine", 0, 5), [launch("before", -3, 100), launch("after", 20, 30)]).startedToday).toBe(
    130,
  );
});

test("a launch exactly 24 hours ago is another day's", () => {
  expect(rolling24hUsage(launch("mine", 0, 5), [launch("before", -24, 100)]).startedToday).toBe(0);
});

test("a batch that is resumed counts once, as the larger of the two", () => {
  const near = [launch("mine", -2, 100), launch("other", -1, 7)];
  expect(rolling24hUsage(launch("mine", 0, 40), near)).toMatchObject({ recipients: 40, startedToday: 67 });
});

test("spend counts every attempt", () => {
  expect(rolling24hUsage(launch("mine", 0, 5, 3), [launch("other", -1, 10, 2)], 0.1)).toMatchObject({
    maxAttempts: 3,
    spentToday: 2,
  });
});
