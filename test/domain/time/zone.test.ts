import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  fromWallTime,
  isZone,
  nextOffsetChange,
  nextTimeOfDay,
  toOffset,
  toTimeOfDay,
  toWallTime,
  zoneNames,
} from "../../../src/domain/time/zone.ts";
import { clockChanges, intlWallTime, judgedZones } from "./intl-zone.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const shiftingZones = judgedZones.filter((zone) => clockChanges(zone, 2026, 2027).length > 0);
const aroundAnyChange = fc
  .constantFrom(...shiftingZones.flatMap((zone) => clockChanges(zone, 2026, 2027).map((change) => ({ zone, change }))))
  .chain(({ zone, change }) =>
    fc.integer({ min: -26 * 60, max: 26 * 60 }).map((minutes) => ({ zone, at: change + minutes * minuteMs })),
  );

describe("isZone", () => {
  it.each([
    "UTC",
    "GMT",
    "Asia/Calcutta",
    "Asia/Kolkata",
    "Europe/Kyiv",
    "US/Pacific",
    "America/North_Dakota/New_Salem",
  ])("takes %s", (name) => expect(isZone(name)).toBe(true));

  it.each(["Etc/GMT+5", "America/Port-au-Prince", "EST5EDT", "CET", "Japan", "GB-Eire"])("takes %s", (name) =>
    expect(isZone(name)).toBe(true),
  );

  it.each([
    ["empty text", ""],
    ["a place that is none", "Mars/Olympus"],
    ["a space for an underscore", "America/New York"],
    ["another letter case", "america/new_york"],
    ["another letter case of a link", "asia/kolkata"],
    ["one wrong letter case", "America/New_york"],
    ["an offset", "+05:30"],
    ["an offset from UTC", "UTC+5"],
    ["an abbreviation that runtimes take for Los Angeles", "PST"],
    ["an abbreviation that runtimes take for Dhaka", "BST"],
    ["an abbreviation that stays at -05:00 in summer", "EST"],
    ["an abbreviation that stays at -07:00 in summer", "MST"],
    ["an abbreviation that stays at -10:00 in summer", "HST"],
    ["a name that only runtimes know", "SystemV/PST8"],
    ["what tzdb calls a machine without a zone", "Factory"],
    ["a property of every object", "constructor"],
    ["surrounding space", " UTC "],
  ])("refuses %s", (_, name) => expect(isZone(name)).toBe(false));

  it("takes every name that zoneNames lists, and zoneNames lists it once", () => {
    expect(zoneNames().filter((name) => !isZone(name))).toEqual([]);
    expect(new Set(zoneNames()).size).toBe(zoneNames().length);
  });

  it("takes every name that the runtime lists", () => {
    const listed = Intl.supportedValuesOf("timeZone");
    expect(listed.filter((name) => !isZone(name))).toEqual([]);
    expect(listed.length).toBeGreaterThan(400);
  });
});

describe("toWallTime, toTimeOfDay and toOffset", () => {
  it.each([
    ["2026-02-20T07:30:00Z", "Asia/Calcutta", "2026-02-20T13:00", "+05:30"],
    ["2026-02-20T07:30:09Z", "Asia/Calcutta", "2026-02-20T13:00:09", "+05:30"],
    ["2026-02-20T07:30:00.999Z", "UTC", "2026-02-20T07:30", "+00:00"],
    ["2026-07-01T03:30:00Z", "America/New_York", "2026-06-30T23:30", "-04:00"],
    ["2026-01-01T00:00:00Z", "America/St_Johns", "2025-12-31T20:30", "-03:30"],
    ["2026-01-01T00:00:00Z", "Pacific/Chatham", "2026-01-01T13:45", "+13:45"],
    ["2011-12-30T09:59:00Z", "Pacific/Apia", "2011-12-29T23:59", "-10:00"],
    ["2011-12-30T10:00:00Z", "Pacific/Apia", "2011-12-31T00:00", "+14:00"],
  ])("shows %s in %s as %s", (utc, zone, wall, offset) => {
    const at = new Date(utc);
    expect(toWallTime(at, zone)).toBe(wall);
    expect(toTimeOfDay(at, zone)).toBe(wall.slice(11, 16));
    expect(toOffset(at, zone)).toBe(offset);
  });

  it("fail loudly on a zone that nobody checked", () => {
    expect(() => toWallTime(new Date(0), "Mars/Olympus")).toThrow(RangeError);
  });
});

describe("fromWallTime", () => {
  it.each([
    ["an ordinary time", "2026-02-20T13:00", "Asia/Calcutta", ["2026-02-20T07:30:00.000Z"]],
    ["seconds", "2026-02-20T13:00:05", "Asia/Calcutta", ["2026-02-20T07:30:05.000Z"]],
    ["the last minute before a gap", "2026-03-29T01:59", "Europe/Berlin", ["2026-03-29T00:59:00.000Z"]],
    ["the start of a gap", "2026-03-29T02:00", "Europe/Berlin", []],
    ["the end of a gap", "2026-03-29T03:00", "Europe/Berlin", ["2026-03-29T01:00:00.000Z"]],
    ["an overlap", "2026-10-25T02:30", "Europe/Berlin", ["2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z"]],
    ["the end of an overlap", "2026-10-25T03:00", "Europe/Berlin", ["2026-10-25T02:00:00.000Z"]],
    ["a gap at midnight", "2026-04-24T00:30", "Africa/Cairo", []],
    ["a gap of 30 minutes", "2026-10-04T02:15", "Australia/Lord_Howe", []],
    ["the time after a gap of 30 minutes", "2026-10-04T02:30", "Australia/Lord_Howe", ["2026-10-03T15:30:00.000Z"]],
    [
      "an overlap of 30 minutes",
      "2026-04-05T01:45",
      "Australia/Lord_Howe",
      ["2026-04-04T14:45:00.000Z", "2026-04-04T15:15:00.000Z"],
    ],
    ["a gap of 2 hours", "2026-03-29T02:59", "Antarctica/Troll", []],
    ["a day that was left out", "2011-12-30T12:00", "Pacific/Apia", []],
    ["the minute before that day", "2011-12-29T23:59", "Pacific/Apia", ["2011-12-30T09:59:00.000Z"]],
    ["the minute after that day", "2011-12-31T00:00", "Pacific/Apia", ["2011-12-30T10:00:00.000Z"]],
  ])("finds the instants of %s: %s in %s", (_, wall, zone, instants) => {
    expect(fromWallTime(wall, zone).map((instant) => instant.toISOString())).toEqual(instants);
  });

  it("goes back to the instant that a wall time was made from, around every kind of clock change", () => {
    fc.assert(
      fc.property(aroundAnyChange, ({ zone, at }) => {
        const instants = fromWallTime(intlWallTime(at, zone), zone).map((instant) => instant.getTime());
        expect(instants).toContain(at);
        expect(new Set(instants.map((instant) => intlWallTime(instant, zone))).size).toBe(1);
      }),
      { numRuns: 2000 },
    );
  });
});

/** By trying every minute. */
function nextShowing(time: string, zone: string, after: number): number {
  for (let at = after + minuteMs; ; at += minuteMs) if (intlWallTime(at, zone).endsWith(`T${time}`)) return at;
}

describe("nextTimeOfDay", () => {
  it.each([
    ["later the same day", "13:00", "Asia/Calcutta", "2026-02-20T07:29:59Z", "2026-02-20T07:30:00.000Z"],
    ["strictly later", "13:00", "Asia/Calcutta", "2026-02-20T07:30:00Z", "2026-02-21T07:30:00.000Z"],
    ["not 24 hours but a day later", "13:00", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T11:00:00.000Z"],
    ["past a day that skips it", "02:30", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-30T00:30:00.000Z"],
    ["the first of two", "02:30", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00.000Z"],
    ["the second of two", "02:30", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00.000Z"],
    [
      "on the day before, when clocks go back to it",
      "23:30",
      "America/St_Johns",
      "2010-11-07T02:30:30Z",
      "2010-11-07T03:00:00.000Z",
    ],
    ["past a day that was left out", "13:00", "Pacific/Apia", "2011-12-30T00:00:00Z", "2011-12-30T23:00:00.000Z"],
  ])("is %s: %s in %s", (_, time, zone, after, expected) => {
    expect(nextTimeOfDay(time, zone, new Date(after)).toISOString()).toBe(expected);
  });

  it("is the first minute that shows it, around every kind of clock change", () => {
    const time = fc
      .integer({ min: 0, max: 24 * 60 - 1 })
      .map((minute) => new Date(minute * minuteMs).toISOString().slice(11, 16));
    fc.assert(
      fc.property(aroundAnyChange, time, ({ zone, at }, wanted) => {
        expect(nextTimeOfDay(wanted, zone, new Date(at)).getTime()).toBe(nextShowing(wanted, zone, at));
      }),
      { numRuns: 300 },
    );
  });
});

describe("nextOffsetChange", () => {
  it("finds each clock change of a year to the millisecond", () => {
    for (const zone of shiftingZones) {
      for (const change of clockChanges(zone, 2026, 2027)) {
        const found = nextOffsetChange(zone, new Date(change - 30 * hourMs), new Date(change + 30 * hourMs));
        expect(found?.getTime(), zone).toBe(change);
      }
    }
  });

  it("finds none where the offset stays", () => {
    const [from, to] = [new Date("2026-02-01T00:00:00Z"), new Date("2026-02-03T00:00:00Z")];
    expect(nextOffsetChange("Europe/Berlin", from, to)).toBeUndefined();
  });

  it("counts a change at the end of the span and not one at its start", () => {
    const change = new Date("2026-03-29T01:00:00Z");
    const [before, after] = [new Date(change.getTime() - hourMs), new Date(change.getTime() + hourMs)];
    expect(nextOffsetChange("Europe/Berlin", before, change)).toEqual(change);
    expect(nextOffsetChange("Europe/Berlin", change, after)).toBeUndefined();
  });
});
