import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { QuietHours } from "../../../src/domain/batch/plan.ts";
import {
  afterOpenMinutes,
  isQuiet,
  nextOpening,
  parseTimeOfDay,
  quietHoursIssues,
} from "../../../src/domain/time/quiet-hours.ts";
import { clockChanges, intlWallTime, judgedZones } from "./intl-zone.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

function quiet(start: string, end: string, zone?: string): QuietHours {
  return { enabled: true, start, end, ...(zone && { zone }) };
}

const now = new Date("2026-02-20T12:00:00Z");
const night = quiet("22:00", "08:00");
const noon = quiet("12:00", "13:30");

describe("isQuiet", () => {
  it.each([
    ["a second before the start", night, "2026-02-20T21:59:59Z", false],
    ["at the start", night, "2026-02-20T22:00:00Z", true],
    ["before midnight", night, "2026-02-20T23:59:59Z", true],
    ["at midnight", night, "2026-02-21T00:00:00Z", true],
    ["a second before the end", night, "2026-02-21T07:59:59Z", true],
    ["at the end", night, "2026-02-21T08:00:00Z", false],
    ["before a window within a day", noon, "2026-02-20T11:59:59Z", false],
    ["in a window within a day", noon, "2026-02-20T12:00:00Z", true],
    ["at the end of a window within a day", noon, "2026-02-20T13:30:00Z", false],
    ["in a window that ends at midnight", quiet("20:00", "00:00"), "2026-02-20T23:59:59Z", true],
    ["after a window that ends at midnight", quiet("20:00", "00:00"), "2026-02-20T00:00:00Z", false],
    ["in an empty window", quiet("09:00", "09:00"), "2026-02-20T09:00:00Z", false],
    ["in a window that is switched off", { ...night, enabled: false }, "2026-02-20T23:00:00Z", false],
    ["without a window", undefined, "2026-02-20T23:00:00Z", false],
  ])("%s", (_, window, at, expected) => expect(isQuiet(window, "UTC", new Date(at))).toBe(expected));

  it("goes by the batch's zone, unless the quiet hours have one", () => {
    const at = new Date("2026-02-20T17:00:00Z");
    expect(isQuiet(night, "Asia/Calcutta", at)).toBe(true);
    expect(isQuiet(quiet("22:00", "08:00", "UTC"), "Asia/Calcutta", at)).toBe(false);
  });
});

describe("nextOpening", () => {
  it.each([
    ["the instant itself when open", night, "UTC", "2026-02-20T12:34:56.789Z", "2026-02-20T12:34:56.789Z"],
    ["the end, later the same day", night, "UTC", "2026-02-20T03:00:00Z", "2026-02-20T08:00:00.000Z"],
    ["the end, the next day", night, "UTC", "2026-02-20T22:00:00Z", "2026-02-21T08:00:00.000Z"],
    ["the end in the batch's zone", night, "Asia/Calcutta", "2026-02-20T17:00:00Z", "2026-02-21T02:30:00.000Z"],
    ["an hour less away in spring", night, "Europe/Berlin", "2026-03-28T21:00:00Z", "2026-03-29T06:00:00.000Z"],
    ["an hour more away in autumn", night, "Europe/Berlin", "2026-10-24T20:00:00Z", "2026-10-25T07:00:00.000Z"],
    [
      "the clock change that jumps over the end",
      quiet("01:00", "02:30"),
      "Europe/Berlin",
      "2026-03-29T00:30:00Z",
      "2026-03-29T01:00:00.000Z",
    ],
    [
      "the clock change that goes back before the start",
      quiet("02:30", "06:00"),
      "Europe/Berlin",
      "2026-10-25T00:45:00Z",
      "2026-10-25T01:00:00.000Z",
    ],
    [
      "the end, when it lies in a day left out",
      night,
      "Pacific/Apia",
      "2011-12-30T09:00:00Z",
      "2011-12-30T18:00:00.000Z",
    ],
    ["the instant itself without a window", undefined, "UTC", "2026-02-20T23:00:00Z", "2026-02-20T23:00:00.000Z"],
  ])("is %s", (_, window, zone, at, expected) => {
    expect(nextOpening(window, zone, new Date(at)).toISOString()).toBe(expected);
  });

  it("goes by the zone of the quiet hours when they have one", () => {
    const at = new Date("2026-02-20T23:00:00Z");
    expect(nextOpening(quiet("22:00", "08:00", "UTC"), "Asia/Calcutta", at)).toEqual(new Date("2026-02-21T08:00:00Z"));
  });
});

// 00:30 lies in the gaps and overlaps at midnight, 02:15 in those of 30 minutes, 02:30 in most others.
const windows = [night, quiet("00:30", "02:30"), quiet("02:15", "09:00"), quiet("23:30", "00:30")];

function toMinutes(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

function isInWindow(time: string, window: QuietHours): boolean {
  const sinceStart = (toMinutes(time) - toMinutes(window.start) + 1440) % 1440;
  return sinceStart < (toMinutes(window.end) - toMinutes(window.start) + 1440) % 1440;
}

const changes = judgedZones.flatMap((zone) => clockChanges(zone, 2024, 2038).map((change) => ({ zone, change })));

/** Two days to either side: in steps of 15 minutes for three hours around the change, hourly before and after. */
const aroundChange = Array.from({ length: 4 * 96 + 1 }, (_, step) => (step - 2 * 96) * 15 * minuteMs).filter(
  (distance) => Math.abs(distance) <= 3 * hourMs || distance % hourMs === 0,
);

// scripts/quiet-hours-sweep.ts does the same for every name, at every step and without Intl.
describe("in every zone, around every clock change of 2024 to 2037", () => {
  it("a time is quiet exactly when the clocks there show a time in the window", () => {
    const wrong: string[] = [];
    for (const { zone, change } of changes) {
      for (const distance of aroundChange) {
        const at = new Date(change + distance);
        const shown = intlWallTime(at.getTime(), zone).slice(11);
        for (const window of windows) {
          if (isQuiet(window, zone, at) !== isInWindow(shown, window)) {
            wrong.push(`${zone} ${at.toISOString()} ${window.start}-${window.end}`);
          }
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(changes.length).toBeGreaterThan(3000);
  });

  it("the next opening is the first minute from then on that is not quiet", () => {
    const place = fc.record({
      change: fc.constantFrom(...changes),
      minutes: fc.integer({ min: -27 * 60, max: 3 * 60 }),
      window: fc.constantFrom(...windows),
    });
    fc.assert(
      fc.property(place, ({ change: { zone, change }, minutes, window }) => {
        const at = change + minutes * minuteMs;
        let opening = at;
        while (isInWindow(intlWallTime(opening, zone).slice(11), window)) opening += minuteMs;
        expect(nextOpening(window, zone, new Date(at)).getTime()).toBe(opening);
      }),
      { numRuns: 1500 },
    );
  });
});

describe("parseTimeOfDay", () => {
  it.each(["00:00", "08:05", "13:00", "23:59"])("takes %s", (text) => expect(parseTimeOfDay(text, "time")).toBe(text));

  it.each([
    ["1 pm", "13:00"],
    ["9pm", "21:00"],
    ["12:30 a.m.", "00:30"],
    ["12 PM", "12:00"],
  ])("refuses %j and says how that is written: %s", (text, written) => {
    expect(parseTimeOfDay(text, "x")).toMatchObject({ message: expect.stringContaining(`Write ${written} (`) });
  });

  it.each(["", "8:05", "24:00", "12:60", "1300", "13:00:00", "-1:00", "13:00 "])("refuses %j", (text) => {
    expect(parseTimeOfDay(text, "quiet_hours.start_time")).toEqual({
      field: "quiet_hours.start_time",
      code: "invalid_time_of_day",
      message: `"${text}" is not a time of day. Write HH:MM from 00:00 to 23:59, such as 09:00.`,
    });
  });
});

describe("quietHoursIssues", () => {
  it.each([night, noon, quiet("22:00", "08:00", "Asia/Calcutta"), { ...quiet("00:00", "00:00"), enabled: false }])(
    "has none for %j",
    (window) => expect(quietHoursIssues(window, now)).toEqual([]),
  );

  it("lists everything that is wrong, each with its field", () => {
    expect(quietHoursIssues(quiet("9 pm", "24:00", "PST"), now)).toMatchObject([
      { field: "quiet_hours.start_time", code: "invalid_time_of_day" },
      { field: "quiet_hours.end_time", code: "invalid_time_of_day" },
      { field: "quiet_hours.timezone", code: "unknown_zone" },
    ]);
  });

  it("holds a window that starts when it ends for a slip", () => {
    expect(quietHoursIssues(quiet("09:00", "09:00"), now)).toEqual([
      {
        field: "quiet_hours.end_time",
        code: "empty_window",
        message:
          'Quiet hours start and end at "09:00", which holds no time. Give two different times, or leave quiet_hours out.',
      },
    ]);
  });
});

it.each([
  ["within one day", "2026-03-03T14:00:00Z", 60, "2026-03-03T15:00:00.000Z"],
  ["to the very end of a day", "2026-03-03T14:00:00Z", 360, "2026-03-03T20:00:00.000Z"],
  ["over the night", "2026-03-03T14:00:00Z", 361, "2026-03-04T08:01:00.000Z"],
  ["over several nights", "2026-03-03T22:00:00Z", 12 * 60 * 3, "2026-03-06T20:00:00.000Z"],
])("open minutes are counted %s", (_what, from, minutes, until) => {
  const quiet = { enabled: true, start: "20:00", end: "08:00" };
  expect(afterOpenMinutes(quiet, "UTC", new Date(from), minutes).toISOString()).toBe(until);
});

it("without quiet hours every minute is open", () => {
  const from = new Date("2026-03-03T22:00:00Z");
  expect(afterOpenMinutes(undefined, "UTC", from, 600)).toEqual(new Date("2026-03-04T08:00:00Z"));
});
