import { expect, test } from "vitest";
import type { CallingRules } from "../../../src/domain/batch/plan.ts";
import {
  findZoneConflicts,
  mergeZoneConflicts,
  toZoneConflictTexts,
} from "../../../src/domain/batch/zone-conflicts.ts";

const person = (row: number, toNumber: string, timezone?: string) => ({
  row,
  toNumber,
  ...(timezone !== undefined && { timezone }),
});

test("people whose zone contradicts their number are told by zone and country, with their rows and both zones", () => {
  const conflicts = findZoneConflicts([
    person(1, "+18085550123", "Asia/Tokyo"),
    person(2, "+12125550101", "America/Los_Angeles"),
    person(3, "+12125550102", "Asia/Tokyo"),
    person(4, "+4915123456789", "America/New_York"),
    person(5, "+4915123456780"),
  ]);
  expect(conflicts).toEqual([
    {
      zone: "Asia/Tokyo",
      country: "US",
      ofNumbers: ["Pacific/Honolulu", "America/New_York"],
      rows: 2,
      firstRows: [1, 3],
    },
    { zone: "America/New_York", country: "DE", ofNumbers: ["Europe/Berlin"], rows: 1, firstRows: [4] },
  ]);
  expect(toZoneConflictTexts(conflicts)).toEqual([
    "2 rows (1, 3) have the zone Asia/Tokyo and numbers of United States (Pacific/Honolulu, America/New_York): quiet hours hold on both clocks, times on the first. Correct what is wrong.",
    "1 row (4) has the zone America/New_York and a number of Germany (Europe/Berlin): quiet hours hold on both clocks, times on the first. Correct what is wrong.",
  ]);
});

test("of many the first rows, zones and kinds are named, and all are counted", () => {
  const many = Array.from({ length: 30 }, (_, n) => person(n + 1, `+1212555${1000 + n}`, "Asia/Tokyo"));
  const [one] = findZoneConflicts(many);
  expect(one).toMatchObject({ rows: 30, firstRows: [1, 2, 3, 4, 5] });
  expect(toZoneConflictTexts(one ? [one] : [])[0]).toContain("30 rows (1, 2, 3, 4, 5 and more)");
  const kinds = ["Asia/Tokyo", "Asia/Seoul", "Asia/Dhaka", "Asia/Dubai", "Asia/Tehran", "Asia/Kabul", "UTC"];
  const texts = toZoneConflictTexts(findZoneConflicts(kinds.map((zone, n) => person(n + 1, "+12125550101", zone))));
  expect(texts).toHaveLength(6);
  expect(texts.at(-1)).toBe("2 more rows have zones that their numbers contradict.");
});

test("those of parts of one campaign are one", () => {
  const [a, b] = [1, 2000].map((row) => findZoneConflicts([person(row, "+18085550123", "Asia/Tokyo")]));
  expect(mergeZoneConflicts([a ?? [], b ?? []])).toEqual([
    { zone: "Asia/Tokyo", country: "US", ofNumbers: ["Pacific/Honolulu"], rows: 2, firstRows: [1, 2000] },
  ]);
});

test("a retry at a time of day, which cannot ring within quiet hours of either clock, is told with what becomes of it", () => {
  const conflicts = findZoneConflicts([{ row: 1, toNumber: "+12125550101", timezone: "Asia/Tokyo" }]);
  const quietHours = { enabled: true, start: "21:00", end: "09:00", zone: "recipient" };
  const at = (time: string, zone?: "recipient") =>
    ({ condition: "busy", enabled: true, timing: { kind: "at", time, ...(zone && { zone }) } }) as const;
  const after = { condition: "no_answer", enabled: true, timing: { kind: "after", minutes: 5 } } as const;
  const twice = { retryConfig: { enabled: true, maxAttempts: 2 } };
  const told = (rules: CallingRules) => toZoneConflictTexts(conflicts, rules).join(" ");
  expect(told({ ...twice, quietHours, retryRules: [at("13:00", "recipient"), after] })).toContain(
    "A retry at 13:00 that falls into quiet hours on either is made when they are over on both.",
  );
  for (const rules of [
    { ...twice, quietHours, retryRules: [after] },
    { ...twice, quietHours, retryRules: [at("13:00")] },
    { ...twice, retryRules: [at("13:00", "recipient")] },
    { ...twice, quietHours: { ...quietHours, zone: "UTC" }, retryRules: [at("13:00", "recipient")] },
    { quietHours, retryRules: [{ ...at("13:00", "recipient"), enabled: false }] },
  ])
    expect(told(rules)).not.toContain("A retry");
});
