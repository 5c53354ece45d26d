import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { zonesByCountry, zonesByPrefix } from "../../../src/domain/phone/number-zone-data.ts";
import { isIssue } from "../../../src/domain/problem.ts";
import {
  type CallingHours,
  isWithinCallingHours,
  nextCallingTime,
  parseCallingHours,
  toBatchHours,
  toQuietHours,
} from "../../../src/domain/time/calling-hours.ts";
import { clockChanges, intlWallTime, isJudgedByIntl } from "./intl-zone.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

function hours(text: string): CallingHours {
  const parsed = parseCallingHours(text);
  if (isIssue(parsed)) throw new Error(parsed.message);
  return parsed;
}

const usual = hours("08:00-21:00");
const coasts = ["America/New_York", "America/Los_Angeles"];

describe("parseCallingHours", () => {
  it.each([
    ["08:00-21:00", "08:00", "21:00"],
    [" 09:30-20:15 ", "09:30", "20:15"],
    ["00:00-24:00", "00:00", "24:00"],
    ["23:59-24:00", "23:59", "24:00"],
  ])("reads %j", (text, start, end) => expect(parseCallingHours(text)).toEqual({ start, end }));

  it.each(["", "08:00", "8:00-21:00", "08:00–21:00", "24:00-24:00", "08:00-24:01", "08:00-21:60", "08:00-21:00,"])(
    "refuses %j",
    (text) => {
      expect(parseCallingHours(text)).toEqual({
        field: "BATCH_CALL_CALLING_HOURS",
        code: "invalid_calling_hours",
        message: `"${text}" does not give calling hours. Write HH:MM-HH:MM, such as 08:00-21:00; 24:00 may end it.`,
      });
    },
  );

  it.each(["21:00-08:00", "08:00-08:00", "08:00-00:00"])("refuses %j, which would ring through the night", (text) => {
    expect(parseCallingHours(text)).toEqual({
      field: "BATCH_CALL_CALLING_HOURS",
      code: "empty_window",
      message: `"${text}" must end later than it starts, on the same day. Write such as 08:00-21:00; 24:00 may end it.`,
    });
  });
});

describe("toQuietHours", () => {
  it.each([
    ["08:00-21:00", { enabled: true, start: "21:00", end: "08:00" }],
    ["08:00-24:00", { enabled: true, start: "00:00", end: "08:00" }],
    ["00:00-20:00", { enabled: true, start: "20:00", end: "00:00" }],
    ["00:00-24:00", { enabled: false, start: "00:00", end: "00:00" }],
  ])("gives the rest of the day for %s", (text, quiet) => {
    expect(toQuietHours(hours(text), "UTC")).toEqual({ ...quiet, zone: "UTC" });
  });
});

describe("isWithinCallingHours", () => {
  it.each([
    ["opens on the minute", usual, ["UTC"], "2027-01-15T08:00:00Z", true],
    ["is shut a moment before", usual, ["UTC"], "2027-01-15T07:59:59.999Z", false],
    ["is open until the last moment", usual, ["UTC"], "2027-01-15T20:59:59.999Z", true],
    ["closes on the minute", usual, ["UTC"], "2027-01-15T21:00:00Z", false],
    ["goes on to midnight at 24:00", hours("08:00-24:00"), ["UTC"], "2027-01-15T23:59:59Z", true],
    ["opens at midnight", hours("00:00-20:00"), ["UTC"], "2027-01-15T00:00:00Z", true],
    ["waits for the zone where the day begins last", usual, coasts, "2027-01-15T15:59:00Z", false],
    ["is open where all the zones are", usual, coasts, "2027-01-15T16:00:00Z", true],
    ["ends with the zone where the day ends first", usual, coasts, "2027-01-16T02:00:00Z", false],
    ["is shut where no zone is known", hours("00:00-24:00"), [], "2027-01-15T12:00:00Z", false],
  ])("%s", (_, window, zones, at, open) => expect(isWithinCallingHours(window, zones, new Date(at))).toBe(open));
});

describe("nextCallingTime", () => {
  it.each([
    ["the instant itself, when it is open", usual, coasts, "2027-01-15T17:00:30Z", "2027-01-15T17:00:30.000Z"],
    ["the same day", usual, coasts, "2027-01-15T09:00:00Z", "2027-01-15T16:00:00.000Z"],
    ["the next day", usual, coasts, "2027-01-16T02:00:00Z", "2027-01-16T16:00:00.000Z"],
    ["right after clocks are put forward", usual, coasts, "2027-03-14T09:00:00Z", "2027-03-14T15:00:00.000Z"],
    [
      "in the two hours that opposite sides of the world share",
      usual,
      ["Pacific/Auckland", "Europe/London"],
      "2027-07-01T10:00:00Z",
      "2027-07-02T07:00:00.000Z",
    ],
    [
      "on the day after a gap that swallows the hours",
      hours("02:00-03:00"),
      ["Europe/Berlin"],
      "2027-03-28T00:30:00Z",
      "2027-03-29T00:00:00.000Z",
    ],
  ])("is %s", (_, window, zones, at, expected) => {
    expect(nextCallingTime(window, zones, new Date(at))?.toISOString()).toBe(expected);
  });

  it.each([
    ["share no hour", hours("09:00-17:00"), ["Pacific/Auckland", "Europe/London"]],
    ["only touch", hours("09:00-17:00"), ["UTC", "Etc/GMT-8"]],
    ["are not known", usual, []],
  ])("is none for zones that %s", (_, window, zones) => {
    expect(nextCallingTime(window, zones, new Date("2027-01-15T00:00:00Z"))).toBeUndefined();
  });
});

/** Every set of zones that some number has and Intl may judge. */
const zoneSets = `${zonesByCountry}${zonesByPrefix}`
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => line.split(" ")[0]?.split(",") ?? [])
  .filter((zones) => zones.every(isJudgedByIntl));
const changes = [...new Set(zoneSets.flat())].flatMap((zone) =>
  clockChanges(zone, 2027, 2029).map((change) => ({ zone, change })),
);
const aroundChange = fc.constantFrom(...changes).chain(({ zone, change }) =>
  fc.record({
    zones: fc.constantFrom(...zoneSets.filter((zones) => zones.includes(zone))),
    at: fc.integer({ min: -2 * dayMs, max: 2 * dayMs }).map((offset) => change + offset),
  }),
);
const anyHours = fc
  .tuple(fc.integer({ min: 0, max: 23 * 60 }), fc.integer({ min: 30, max: 24 * 60 }))
  .filter(([start, length]) => start + length <= 24 * 60)
  .map(([start, length]) => ({ start: toTime(start), end: toTime(start + length) }));

function toTime(minutes: number): string {
  return minutes === 24 * 60 ? "24:00" : new Date(minutes * minuteMs).toISOString().slice(11, 16);
}

function isOpenByIntl({ start, end }: CallingHours, zones: readonly string[], at: number): boolean {
  return zones.every((zone) => {
    const time = intlWallTime(at, zone).slice(11);
    return start <= time && time < end;
  });
}

describe("around every clock change of 2027 and 2028, for the zones of every number", () => {
  it("calls are within the hours exactly when all clocks show a time in them", () => {
    fc.assert(
      fc.property(aroundChange, anyHours, ({ zones, at }, window) => {
        expect(isWithinCallingHours(window, zones, new Date(at))).toBe(isOpenByIntl(window, zones, at));
      }),
      { numRuns: 5000 },
    );
  });

  it("the next calling time is the first open minute, and there is none when no minute of three days is open", () => {
    fc.assert(
      fc.property(aroundChange, anyHours, ({ zones, at }, window) => {
        const next = nextCallingTime(window, zones, new Date(at))?.getTime();
        let minute = at;
        while (!isOpenByIntl(window, zones, minute) && minute < at + 3 * dayMs) {
          minute = Math.floor(minute / minuteMs) * minuteMs + minuteMs;
        }
        if (minute < at + 3 * dayMs) expect(next).toBe(minute);
        else expect(next ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(minute);
      }),
      { numRuns: 200 },
    );
  });
});

it.each([
  [undefined, undefined],
  [{ enabled: false, start: "21:00", end: "08:00" }, undefined],
  [
    { enabled: true, start: "21:00", end: "08:00", zone: "UTC" },
    { start: "08:00", end: "21:00", zone: "UTC" },
  ],
  [
    { enabled: true, start: "00:00", end: "08:00" },
    { start: "08:00", end: "24:00", zone: "Asia/Tokyo" },
  ],
])("quiet hours %j leave %j", (quiet, hours) => {
  expect(toBatchHours(quiet, "Asia/Tokyo")).toEqual(hours);
});
