import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { QuietHours } from "../../../src/domain/batch/plan.ts";
import { type CallingHours, isWithinCallingHours, toQuietHours } from "../../../src/domain/time/calling-hours.ts";
import { isQuiet } from "../../../src/domain/time/quiet-hours.ts";
import { strictestWindow, type WindowRequest } from "../../../src/domain/time/strictest-window.ts";

const hours = { start: "08:00", end: "21:00" };
const long = { start: "06:00", end: "22:00" };
const winter = { from: new Date("2027-01-15T00:00:00Z"), until: new Date("2027-01-16T00:00:00Z") };
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

function windowFor(changed: Partial<WindowRequest>): string | undefined {
  const window = strictestWindow({ hours, zoneSets: [["UTC"]], batchZone: "UTC", ...winter, ...changed });
  return window && `${window.start}-${window.end}`;
}

const coasts = [["America/New_York"], ["America/Los_Angeles"]];

describe("the window that one API can be given for all recipients", () => {
  it.each<[string, Partial<WindowRequest>, string | undefined]>([
    ["is the calling hours themselves in the recipients' own zone", {}, "08:00-21:00"],
    ["is narrowed by recipients elsewhere", { zoneSets: coasts, batchZone: "America/New_York" }, "11:00-21:00"],
    ["counts on the clocks of the batch's zone", { zoneSets: coasts, batchZone: "America/Los_Angeles" }, "08:00-18:00"],
    ["may cross midnight there", { zoneSets: coasts, batchZone: "Europe/Berlin" }, "17:00-03:00"],
    ["may end at midnight", { zoneSets: [["Etc/GMT+3"]] }, "11:00-24:00"],
    ["may begin at midnight", { zoneSets: [["Etc/GMT-8"]] }, "00:00-13:00"],
    ["takes every zone of a recipient for possible", { zoneSets: [["UTC", "Asia/Kolkata"]] }, "08:00-15:30"],
    ["is the whole day where the hours are", { hours: { start: "00:00", end: "24:00" } }, "00:00-24:00"],
    ["is the longer one of two", { hours: long, zoneSets: [["UTC", "Etc/GMT-11"]] }, "06:00-11:00"],
    ["is the longer one of two, be it the later", { hours: long, zoneSets: [["UTC", "Etc/GMT+11"]] }, "17:00-22:00"],
    [
      "does not exist for zones that share no time",
      { zoneSets: [["UTC"], ["Etc/GMT+12"]], hours: { start: "09:00", end: "21:00" } },
      undefined,
    ],
    ["does not exist for a recipient who may be anywhere", { zoneSets: [["UTC"], []] }, undefined],
    ["does not exist without recipients", { zoneSets: [] }, undefined],
  ])("%s", (_, changed, expected) => expect(windowFor(changed)).toBe(expected));

  it("leaves out the batch's own quiet hours, on whatever clocks they are meant", () => {
    const quiet: QuietHours = { enabled: true, start: "12:00", end: "13:00" };
    expect(windowFor({ quietHours: quiet })).toBe("13:00-21:00");
    expect(windowFor({ quietHours: { ...quiet, zone: "Asia/Kolkata" } })).toBe("08:00-21:00");
    expect(windowFor({ quietHours: { ...quiet, start: "22:00", end: "15:00", zone: "Asia/Kolkata" } })).toBe(
      "09:30-16:30",
    );
    expect(windowFor({ quietHours: { ...quiet, enabled: false } })).toBe("08:00-21:00");
  });

  it("holds on both sides of a clock change within its time", () => {
    const change = { zoneSets: [["America/New_York"]], batchZone: "UTC", from: new Date("2027-03-13T00:00:00Z") };
    expect(windowFor({ ...change, until: new Date("2027-03-14T00:00:00Z") })).toBe("13:00-02:00");
    expect(windowFor({ ...change, until: new Date("2027-03-20T00:00:00Z") })).toBe("13:00-01:00");
    expect(
      windowFor({ ...change, from: new Date("2027-03-15T00:00:00Z"), until: new Date("2027-03-20T00:00:00Z") }),
    ).toBe("12:00-01:00");
    expect(windowFor({ ...change, batchZone: "America/New_York", until: new Date("2027-03-20T00:00:00Z") })).toBe(
      "08:00-21:00",
    );
  });
});

const zones = [
  "America/New_York",
  "America/Sao_Paulo",
  "Europe/Berlin",
  "Africa/Cairo",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "Pacific/Auckland",
  "UTC",
];
const request = fc.record({
  zoneSets: fc.array(fc.uniqueArray(fc.constantFrom(...zones), { minLength: 1, maxLength: 2 }), {
    minLength: 1,
    maxLength: 3,
  }),
  batchZone: fc.constantFrom(...zones),
  from: fc.integer({ min: Date.UTC(2027, 0), max: Date.UTC(2028, 0) }).map((at) => new Date(at)),
  days: fc.integer({ min: 0, max: 60 }),
  quietHours: fc.constantFrom<QuietHours>(
    { enabled: false, start: "22:00", end: "08:00" },
    { enabled: true, start: "22:00", end: "10:15" },
    { enabled: true, start: "12:00", end: "13:30", zone: "Asia/Kolkata" },
  ),
});

describe("for any recipients and any time", () => {
  it("nobody's phone can ring outside the hours, or in the batch's quiet hours, when the rest of the day is kept quiet", () => {
    fc.assert(
      fc.property(request, fc.double({ min: 0, max: 1, noNaN: true }), ({ days, ...wanted }, part) => {
        const until = new Date(wanted.from.getTime() + days * dayMs);
        const window = strictestWindow({ hours, ...wanted, until });
        if (window === undefined) return;
        const at = new Date(wanted.from.getTime() + Math.floor(part * days * dayMs));
        if (isQuiet(toQuietHours(window, wanted.batchZone), wanted.batchZone, at)) return;
        expect(isWithinCallingHours(hours, wanted.zoneSets.flat(), at)).toBe(true);
        expect(isQuiet(wanted.quietHours, wanted.batchZone, at)).toBe(false);
      }),
      { numRuns: 3000 },
    );
  });

  it("on a day without a clock change it is as long as the longest stretch of open minutes", () => {
    const days = fc.constantFrom(winter, {
      from: new Date("2027-07-15T00:00:00Z"),
      until: new Date("2027-07-15T23:59:00Z"),
    });
    fc.assert(
      fc.property(request, days, ({ zoneSets, batchZone }, day) => {
        const minutes = Array.from({ length: 1440 }, (_, minute) => new Date(day.from.getTime() + minute * minuteMs));
        const around = minutes.map((at) => (isWithinCallingHours(hours, zoneSets.flat(), at) ? "o" : "x")).join("");
        const longest = Math.max(...`${around}${around}`.split("x").map((stretch) => stretch.length));
        expect(lengthOf(strictestWindow({ hours, zoneSets, batchZone, ...day }))).toBe(longest);
      }),
      { numRuns: 50 },
    );
  });
});

function lengthOf(window: CallingHours | undefined): number {
  if (window === undefined) return 0;
  const [start, end] = [window.start, window.end].map((time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3)));
  return ((end ?? 0) - (start ?? 0) + 1440) % 1440;
}
