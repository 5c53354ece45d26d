import { expect, test } from "vitest";
import { type OutlookOrder, outlookOf } from "../../../src/domain/batch/outlook.ts";

const now = new Date("2026-03-02T15:00:00Z");
const numbers = ["+12125550101", "+12135550102", "+18085550103"];

function forecastOf(changes: Partial<OutlookOrder> = {}, atMs?: string): ReturnType<typeof outlookOf> {
  const retries = {
    retryConfig: { enabled: true, maxAttempts: 3 },
    retryRules: [{ condition: "no_answer", enabled: true, timing: { kind: "after", minutes: 24 * 60 } }],
  } as const;
  return outlookOf({
    people: numbers.map((toNumber) => ({ toNumber })),
    groups: [{ attempts: 3, recipients: numbers.length }],
    attemptsOfNumber: 3,
    timezone: "America/New_York",
    startAt: now,
    now,
    ...changes,
    rules: { ...retries, ...changes.rules, ...(atMs !== undefined && { stopWhen: { atMs: Date.parse(atMs) } }) },
  });
}

test("the last ring, the agreement's end and the expected calls are not after the end that stop_when.at sets", () => {
  const free = forecastOf();
  expect(Date.parse(free.rings?.until ?? "")).toBeGreaterThan(Date.parse("2026-03-04T00:00:00Z"));
  expect(free.calls).toBeGreaterThan(3);
  const { rings, calls, ends } = forecastOf({}, "2026-03-02T16:00:00Z");
  expect(rings).toMatchObject({ last: { date: "2026-03-02", time: "10:59" }, until: "2026-03-02T16:00:00.000Z" });
  expect(calls).toBe(3);
  expect(ends).toMatchObject({ date: "2026-03-02" });
});

test("people whose own time comes after that end are counted as never called", () => {
  // Ten in New York is 15:00Z, in Los Angeles 18:00Z and in Honolulu 20:00Z.
  const theirTen = { notBeforeLocal: "2026-03-03T10:00", startAt: new Date("2026-03-03T15:00:00Z") } as const;
  const two = forecastOf(theirTen, "2026-03-03T19:00:00Z");
  expect(two.calls).toBe(2);
  expect(two.rings).toMatchObject({ from: "2026-03-03T15:00:00.000Z", until: "2026-03-03T19:00:00.000Z" });
  expect(two.rules).toContain(
    "1 person has no minute before the end that stop_when.at sets: this one is not called at all",
  );
  expect(two.rules).toContain(
    "The batch ends at 2026-03-03 14:00 in America/New_York, for everybody at once (2026-03-03T19:00Z): who still waits then is not called",
  );
  expect(forecastOf(theirTen, "2026-03-10T19:00:00Z").rules.join()).not.toContain("no minute before");
  const nobody = forecastOf(theirTen, "2026-03-03T14:00:00Z");
  expect(nobody).toMatchObject({ calls: 0, unreached: 3 });
  expect(nobody).not.toHaveProperty("rings");
  expect(nobody).not.toHaveProperty("ends");
});

test("no more calls are expected than the pace allows until then", () => {
  const many = {
    groups: [{ attempts: 1, recipients: 10_000 }],
    people: Array.from({ length: 1000 }, () => ({ toNumber: "+12125550101" })),
  };
  const { calls, minutes } = forecastOf(many, "2026-03-02T15:10:00Z");
  expect(minutes).toBeLessThanOrEqual(11);
  expect(calls).toBeLessThan(1000);
});

test("on one clock for all, an end within quiet hours leaves nobody a call, a time or a cost that is expected", () => {
  const quietHours = { enabled: true, start: "09:00", end: "17:00", zone: "America/New_York" };
  const told = forecastOf({ rules: { quietHours } }, "2026-03-02T21:00:00Z");
  expect(told).toMatchObject({ calls: 0, unreached: 3 });
  expect(told).not.toHaveProperty("rings");
  expect(told).not.toHaveProperty("ends");
  expect(told.rules).toContain(
    "3 people have no minute before the end that stop_when.at sets: they are not called at all",
  );
  const later = forecastOf({ rules: { quietHours } }, "2026-03-02T23:00:00Z");
  expect(later.calls).toBe(3);
  expect(later.rings).toMatchObject({ from: "2026-03-02T22:00:00.000Z", until: "2026-03-02T23:00:00.000Z" });
});
