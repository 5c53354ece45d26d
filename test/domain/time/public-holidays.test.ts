import { describe, expect, it, test } from "vitest";
import { type CallingRules, recipientClock } from "../../../src/domain/batch/plan.ts";
import { afterAttempt, longestSpanOf } from "../../../src/domain/retry-rules.ts";
import { toBatchHours, toHoursText, toQuietHours } from "../../../src/domain/time/calling-hours.ts";
import { longestClosedRun } from "../../../src/domain/time/closed-days.ts";
import {
  holidaySource,
  longestHolidayRun,
  publicHolidays,
  toHolidayTexts,
} from "../../../src/domain/time/public-holidays.ts";
import { toQuietText } from "../../../src/domain/time/quiet-hours.ts";
import { mayRingFrom, nextAttemptAt } from "../../../src/domain/time/recipient-hours.ts";
import { lastRingMinute, nextRingAt } from "../../../src/domain/time/ring-times.ts";

const at = (iso: string) => new Date(iso);
const dayMs = 24 * 60 * 60_000;
const newYork = "+12125550101";
const paris = "+33142685300";
const closed = { enabled: true, start: "00:00", end: "00:00", holidays: true } as const;
const rules: CallingRules = { quietHours: closed };
const night: CallingRules = {
  quietHours: { enabled: true, start: "20:00", end: "09:00", zone: recipientClock, holidays: true },
};

describe("public holidays", () => {
  // Each as its government publishes it.
  it.each([
    ["US", 2026, ["2026-01-01", "2026-07-04", "2026-11-26", "2026-12-25"], ["2026-11-27", "2026-12-24"]],
    ["GB", 2026, ["2026-04-03", "2026-12-25", "2026-12-26"], ["2026-12-24"]],
    ["FR", 2026, ["2026-04-06", "2026-05-01", "2026-05-08", "2026-05-14", "2026-07-14", "2026-11-11"], ["2026-04-03"]],
    ["DE", 2026, ["2026-04-03", "2026-10-03", "2026-12-26"], ["2026-10-31"]],
    ["AU", 2026, ["2026-01-26", "2026-04-03", "2026-04-06", "2026-12-25"], ["2026-12-24"]],
    ["CA", 2026, ["2026-07-01", "2026-09-07", "2026-12-25"], ["2026-11-26"]],
    ["IN", 2026, ["2026-01-26", "2026-08-15", "2026-10-02"], ["2026-07-04"]],
    ["JP", 2026, ["2026-01-01", "2026-05-03", "2026-05-04", "2026-05-05"], ["2026-12-25"]],
    ["PR", 2026, ["2026-01-06", "2026-11-26"], ["2026-12-24"]],
  ])("of %s in %i are known", (country, year, are, areNot) => {
    expect(publicHolidays(country, year)).toEqual(expect.arrayContaining(are));
    for (const date of areNot) expect(publicHolidays(country, year)).not.toContain(date);
  });

  it.each([
    ["US", 2026, "a Saturday on Friday", "2026-07-03", "2026-07-04"],
    ["US", 2027, "a Sunday on Monday", "2027-07-05", "2027-07-04"],
    ["US", 2027, "next year's first, a Saturday, on this year's last", "2027-12-31", "2027-12-25"],
    ["GB", 2027, "two days of a weekend on the two after it", "2027-12-28", "2027-12-26"],
    ["AU", 2027, "a Saturday on Monday", "2027-12-27", "2027-12-25"],
  ])("of %s in %i that fall on %s close both days", (country, year, _how, substitute, day) => {
    expect(publicHolidays(country, year)).toEqual(expect.arrayContaining([substitute, day]));
  });

  it.each([
    ["several days", "KR", 2027, ["2027-02-07", "2027-02-08", "2027-02-09"]],
    ["several days over the turn of a year", "SZ", 2026, ["2026-12-31", "2027-01-01", "2027-01-02"]],
    ["half a day", "IS", 2026, ["2026-12-24", "2026-12-31"]],
    ["a day on which clocks go forward", "NL", 2027, ["2027-03-28"]],
  ])("that take %s close each day of it", (_long, country, year, dates) => {
    expect(publicHolidays(country, year)).toEqual(expect.arrayContaining(dates));
  });

  it("take one day where clocks change on it, and none where nothing is known", () => {
    expect(publicHolidays("NL", 2027)).not.toContain("2027-03-27");
    expect(publicHolidays("PM", 2026)).not.toContain("2026-11-02");
    expect(publicHolidays("QA", 2026)).toEqual([]);
    expect(publicHolidays("unknown", 2026)).toEqual([]);
  });

  it("follow each other no longer than what is agreed to allows for, where they do so longest", () => {
    for (const country of ["SZ", "RU", "AM", "VA", "IR", "TR", "TW", "KR"]) {
      const dates = [2026, 2027, 2028].flatMap((year) => publicHolidays(country, year));
      expect(longestClosedRun({ notOn: [...new Set(dates)] })).toBeLessThanOrEqual(longestHolidayRun);
    }
    expect(longestClosedRun({ holidays: true })).toBe(longestHolidayRun);
    expect(longestClosedRun({ holidays: true, days: ["saturday", "sunday"] })).toBe(longestHolidayRun + 4);
    const plain = longestSpanOf({}, 2);
    expect(longestSpanOf(rules, 2)).toBe(plain + 2 * longestHolidayRun * dayMs);
  });
});

describe("where holidays are not called", () => {
  it.each([
    ["an American on Thanksgiving", newYork, "2026-11-26T15:00:00Z", "2026-11-27T14:00:00Z"],
    ["a French person on that day", paris, "2026-11-26T15:00:00Z", "2026-11-26T15:00:00Z"],
    ["a French person on Bastille Day", paris, "2026-07-14T08:00:00Z", "2026-07-15T07:00:00Z"],
    [
      "an American who lives in Paris, by the holidays of the number and the hours of both clocks",
      newYork,
      "2026-11-26T15:00:00Z",
      "2026-11-27T14:00:00Z",
      "Europe/Paris",
    ],
    ["over two that follow each other", "+442079460958", "2026-12-25T10:00:00Z", "2026-12-27T09:00:00Z"],
    ["over the turn of a year", newYork, "2027-12-31T15:00:00Z", "2028-01-02T14:00:00Z"],
    ["somebody of a country of which nothing is known", "+97444123456", "2026-12-18T10:00:00Z", "2026-12-18T10:00:00Z"],
  ])("%s is called when that is over", (_who, toNumber, from, expected, timezone?: string) => {
    expect(mayRingFrom({ toNumber, timezone }, { rules: night }, at(from))).toEqual(at(expected));
  });

  it("they are those of each calendar, whatever clock quiet hours go by", () => {
    const ofBatch = {
      rules: { quietHours: { ...closed, start: "12:00", end: "13:00", zone: "UTC" } },
      timezone: "UTC",
    };
    // Christmas ends in Auckland 18 hours before it does in New York; noon in UTC is quiet for both.
    expect(nextAttemptAt(at("2026-12-25T12:30:00Z"), { toNumber: newYork }, ofBatch)).toEqual(
      at("2026-12-26T05:00:00Z"),
    );
    expect(nextAttemptAt(at("2026-12-25T12:30:00Z"), { toNumber: "+6496001234" }, ofBatch)).toEqual(
      at("2026-12-26T11:00:00Z"),
    );
    expect(nextAttemptAt(at("2026-07-14T21:59:00Z"), { toNumber: paris }, ofBatch)).toEqual(at("2026-07-14T22:00:00Z"));
  });

  it("they stay when the operator's hours are put in, and are told beside the hours", () => {
    const quiet = toQuietHours({ start: "08:00", end: "21:00" }, recipientClock, { holidays: true });
    expect(quiet).toEqual({ enabled: true, start: "21:00", end: "08:00", zone: recipientClock, holidays: true });
    const hours = toBatchHours(quiet, "UTC");
    expect(hours && toHoursText(hours)).toBe(
      "08:00 to 21:00 on everybody's own clock, not on public holidays of each recipient's country",
    );
  });

  it("quiet hours of the batch that end on a holiday are not taken for its end", () => {
    const late = { rules: { quietHours: { ...closed, start: "20:00", end: "05:00", zone: "UTC" } }, timezone: "UTC" };
    expect(nextAttemptAt(at("2026-12-24T22:00:00Z"), { toNumber: newYork }, late)).toEqual(at("2026-12-26T05:00:00Z"));
  });

  it("nobody's clock is needed who has no holidays", () => {
    expect(mayRingFrom({ toNumber: "+88212345678" }, { rules }, at("2026-12-25T12:00:00Z"))).toEqual(
      at("2026-12-25T12:00:00Z"),
    );
    const off: CallingRules = { quietHours: { ...closed, enabled: false } };
    expect(mayRingFrom({ toNumber: newYork }, { rules: off }, at("2026-12-25T15:00:00Z"))).toEqual(
      at("2026-12-25T15:00:00Z"),
    );
  });

  it("an AT retry keeps its time on the next day that is none", () => {
    const decision = afterAttempt({
      outcome: "busy",
      attemptNumber: 1,
      endedAt: at("2026-12-24T20:00:00Z"),
      rules: {
        retryConfig: { enabled: true, maxAttempts: 2 },
        retryRules: [{ condition: "busy", enabled: true, timing: { kind: "at", time: "10:00" } }],
        quietHours: closed,
      },
      batchZone: "America/New_York",
      recipientZones: () => ["America/New_York"],
      recipientCountry: () => "US",
    });
    expect(decision).toMatchObject({ kind: "retry", dueAt: at("2026-12-26T15:00:00Z") });
  });

  it("the first and the last minute are on days that are called", () => {
    const order = { rules: night, timezone: "UTC" };
    const person = { toNumber: newYork };
    const first = nextRingAt(person, order, at("2026-11-26T15:00:00Z"));
    expect(first).toEqual(at("2026-11-27T14:00:00Z"));
    const last = lastRingMinute(person, order, { first: at("2026-12-23T15:00:00Z"), end: at("2026-12-26T03:00:00Z") });
    expect(last).toEqual(at("2026-12-25T00:59:00Z"));
  });
});

test("they are told in words, with their source and what is not in it", () => {
  expect(toQuietText({ ...closed, start: "20:00", end: "09:00", days: ["sunday"] }, "Europe/Paris")).toBe(
    "No calls from 20:00 to 09:00, nor on Sundays in Europe/Paris, nor on public holidays of each recipient's country",
  );
  expect(toQuietText(closed, "UTC")).toBe("No calls on public holidays of each recipient's country");
  expect(toHolidayTexts(["US", "FR", "QA"], at("2026-11-20T00:00:00Z"), at("2027-01-02T00:00:00Z"))).toEqual([
    "Public holidays without calls, US, 2026-11-20 to 2027-01-02: 2026-11-26, 2026-12-25, 2027-01-01",
    "Public holidays without calls, FR, 2026-11-20 to 2027-01-02: 2026-12-25, 2027-01-01",
    `Public holidays are advisory, from ${holidaySource()}; those of regions are not in them`,
    "No public holidays are known of QA: people there are called on all days",
  ]);
  const many = ["US", "FR", "GB", "DE", "AU", "CA", "IN", "PR", "IS", "NL"];
  const lines = toHolidayTexts(many, at("2026-01-01T00:00:00Z"), at("2027-12-31T00:00:00Z"));
  expect(lines).toHaveLength(10);
  expect(lines[0]).toMatch(/2026-10-12 and 17 more$|and \d+ more$/);
  expect(lines[8]).toBe("Nor on those of IS, NL");
  expect(lines.every((line) => line.length <= 200)).toBe(true);
  expect(holidaySource()).toMatch(/^date-holidays \d+\.\d+\.\d+$/);
  expect(toHolidayTexts([], at("2026-11-20T00:00:00Z"), at("2027-01-02T00:00:00Z"))).toEqual([]);
});
