import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isIssue } from "../../../src/domain/problem.ts";
import { parseStartAt, type StartAt } from "../../../src/domain/time/wall-time.ts";
import { intlWallTime, judgedZones } from "./intl-zone.ts";

const now = new Date("2026-02-20T07:00:00Z");

function accept(text: string, zone?: string): StartAt {
  const start = parseStartAt(text, zone, "UTC", now);
  if (isIssue(start)) throw new Error(start.message);
  return start;
}

describe("parseStartAt accepts", () => {
  it.each([
    ["wall time and a zone", "2026-02-20T13:00", "Asia/Calcutta", "2026-02-20T07:30:00.000Z", "2026-02-20T13:00"],
    [
      "wall time with seconds",
      "2026-02-20T13:00:05",
      "Asia/Calcutta",
      "2026-02-20T07:30:05.000Z",
      "2026-02-20T13:00:05",
    ],
    ["wall time in the fallback zone", "2026-02-20T13:00", undefined, "2026-02-20T13:00:00.000Z", "2026-02-20T13:00"],
    ["UTC", "2026-02-20T13:00Z", undefined, "2026-02-20T13:00:00.000Z", "2026-02-20T13:00"],
    [
      "what JSON makes of a date",
      "2026-02-20T13:00:00.000Z",
      undefined,
      "2026-02-20T13:00:00.000Z",
      "2026-02-20T13:00",
    ],
    ["an offset", "2026-02-20T13:00+05:30", undefined, "2026-02-20T07:30:00.000Z", "2026-02-20T07:30"],
    [
      "an offset, shown in the zone",
      "2026-02-20T13:00-05:00",
      "Asia/Calcutta",
      "2026-02-20T18:00:00.000Z",
      "2026-02-20T23:30",
    ],
    [
      "the first of two by its offset",
      "2026-10-25T02:30+02:00",
      "Europe/Berlin",
      "2026-10-25T00:30:00.000Z",
      "2026-10-25T02:30",
    ],
    [
      "the second of two by its offset",
      "2026-10-25T02:30+01:00",
      "Europe/Berlin",
      "2026-10-25T01:30:00.000Z",
      "2026-10-25T02:30",
    ],
    ["the next second", "2026-02-20T07:00:01Z", "UTC", "2026-02-20T07:00:01.000Z", "2026-02-20T07:00:01"],
    ["365 days ahead", "2027-02-20T07:00:00Z", "UTC", "2027-02-20T07:00:00.000Z", "2027-02-20T07:00"],
  ])("%s: %s in %s", (_, text, zone, utc, local) => {
    expect(parseStartAt(text, zone, "UTC", now)).toEqual({ at: new Date(utc), zone: zone ?? "UTC", local });
  });

  it("29 February of a leap year", () => {
    const start = parseStartAt("2028-02-29T09:00", "UTC", "UTC", new Date("2028-02-01T00:00:00Z"));
    expect(start).toMatchObject({ at: new Date("2028-02-29T09:00:00Z") });
  });

  it("and drops a fraction of a second", () => {
    expect(accept("2026-02-20T13:00:05.750Z").at).toEqual(new Date("2026-02-20T13:00:05Z"));
    expect(accept("2026-02-20T13:00:05.750", "UTC").at).toEqual(new Date("2026-02-20T13:00:05Z"));
  });

  it("any wall time of any zone that its clocks show once, and means that instant", () => {
    const minutesAhead = fc.integer({ min: 1, max: 364 * 24 * 60 });
    fc.assert(
      fc.property(fc.constantFrom(...judgedZones), minutesAhead, (zone, minutes) => {
        const at = now.getTime() + minutes * 60_000;
        const start = parseStartAt(intlWallTime(at, zone), zone, "UTC", now);
        if (isIssue(start)) expect(start.code).toBe("ambiguous");
        else expect(start).toEqual({ at: new Date(at), zone, local: intlWallTime(at, zone) });
      }),
      { numRuns: 1000 },
    );
  });
});

describe("parseStartAt refuses", () => {
  it.each([
    ["seconds since 1970", "1771574400", "bare_number"],
    ["milliseconds since 1970", "1771574400000", "bare_number"],
    ["a date without a time", "2026-02-20", "no_time"],
    ["no text", "", "invalid_time"],
    ["words", "tomorrow at nine", "invalid_time"],
    ["a space for the T", "2026-02-20 13:00", "invalid_time"],
    ["a time without minutes", "2026-02-20T13", "invalid_time"],
    ["12-hour time", "2026-02-20T01:00 PM", "invalid_time"],
    ["another order", "20.02.2026T13:00", "invalid_time"],
    ["30 February", "2026-02-30T13:00", "invalid_time"],
    ["30 February with an offset", "2026-02-30T13:00Z", "invalid_time"],
    ["29 February of a common year", "2026-02-29T13:00", "invalid_time"],
    ["month 13", "2026-13-01T13:00", "invalid_time"],
    ["hour 24", "2026-02-20T24:00", "invalid_time"],
    ["minute 60", "2026-02-20T13:60", "invalid_time"],
    ["second 60", "2026-02-20T13:00:60", "invalid_time"],
    ["an offset that no place has", "2026-02-20T13:00+99:00", "invalid_time"],
    ["a time that has passed", "2026-02-20T06:59Z", "in_past"],
    ["this very moment", "2026-02-20T07:00Z", "in_past"],
    ["the year 1970", "1970-01-01T00:00Z", "in_past"],
    ["a second over 365 days ahead", "2027-02-20T07:00:01Z", "too_far"],
  ])("%s: %j", (_, text, code) => {
    expect(parseStartAt(text, "UTC", "UTC", now)).toMatchObject({ field: "start_at", code });
  });

  it("an unknown zone, and says which one was likely meant", () => {
    expect(parseStartAt("2026-02-20T13:00", "America/New York", "UTC", now)).toEqual({
      field: "timezone",
      code: "unknown_zone",
      message: '"America/New York" is not the name of an IANA time zone. Did you mean America/New_York?',
    });
  });

  it("an unknown zone of any length, with words that a reader takes in", () => {
    expect(parseStartAt("2026-02-20T13:00", "Mars/".repeat(1000), "UTC", now)).toMatchObject({
      message: `"${"Mars/".repeat(12)}" is not the name of an IANA time zone. Write the name of a region and a city, such as America/New_York, or UTC.`,
    });
  });

  it("a time that has passed, and says what time it is there", () => {
    expect(parseStartAt("2026-02-20T12:29", "Asia/Calcutta", "UTC", now)).toEqual({
      field: "start_at",
      code: "in_past",
      message:
        "2026-02-20T12:29 has passed: it is 2026-02-20T12:30 in Asia/Calcutta now. Give a later time, or start now.",
    });
  });

  it("a time that clocks skip, and says what they show on both sides", () => {
    expect(parseStartAt("2026-03-29T02:30", "Europe/Berlin", "UTC", now)).toEqual({
      field: "start_at",
      code: "in_gap",
      message:
        "2026-03-29T02:30 does not exist in Europe/Berlin: clocks are put forward from 2026-03-29T01:59 straight to 2026-03-29T03:00. " +
        "Write 2026-03-29T01:59 or earlier, or 2026-03-29T03:00 or later.",
    });
  });

  it("a time that clocks show twice, and writes out both", () => {
    expect(parseStartAt("2026-10-25T02:30", "Europe/Berlin", "UTC", now)).toEqual({
      field: "start_at",
      code: "ambiguous",
      message:
        "2026-10-25T02:30 happens twice in Europe/Berlin, because clocks are put back. " +
        "Write 2026-10-25T02:30+02:00 for the first or 2026-10-25T02:30+01:00 for the second.",
    });
  });

  it.each([
    ["2026-04-24T00:30", "Africa/Cairo", "2026-04-23T23:59", "2026-04-24T01:00"],
    ["2026-10-04T02:15", "Australia/Lord_Howe", "2026-10-04T01:59", "2026-10-04T02:30"],
    ["2026-03-29T02:00", "Antarctica/Troll", "2026-03-29T00:59", "2026-03-29T03:00"],
  ])("%s in %s, which lies between %s and %s", (text, zone, before, after) => {
    const issue = parseStartAt(text, zone, "UTC", now);
    expect(issue).toMatchObject({ code: "in_gap", message: expect.stringContaining(`${before} straight to ${after}`) });
  });

  it("the whole day that Samoa left out", () => {
    const december2011 = new Date("2011-12-20T00:00:00Z");
    expect(parseStartAt("2011-12-30T12:00", "Pacific/Apia", "UTC", december2011)).toMatchObject({
      code: "in_gap",
      message: expect.stringContaining("2011-12-29T23:59 straight to 2011-12-31T00:00"),
    });
  });
});
