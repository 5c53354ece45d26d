import { expect, test } from "vitest";
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
