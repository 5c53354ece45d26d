import { expect, test } from "vitest";
import { fromCallLimitsHeader, toCallLimitsHeader } from "../../src/contract/call-limits.ts";

test.each([
  { concurrent: 10, startsPerSecond: 5 },
  { concurrent: 200, concurrentPerBatch: 4, startsPerSecond: 1 },
])("limits of calls are read as they were told: %j", (limits) => {
  expect(fromCallLimitsHeader(toCallLimitsHeader(limits))).toEqual(limits);
});

test.each([
  undefined,
  "",
  "10",
  "concurrent=10",
  "concurrent=0, starts_per_second=5",
  "concurrent=x, starts_per_second=5",
])("%s tells no limits", (text) => expect(fromCallLimitsHeader(text)).toBeUndefined());
