import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { type CallingRules, type QuietHours, recipientClock, weekdays } from "../../../src/domain/batch/plan.ts";
import { afterAttempt, longestSpanOf } from "../../../src/domain/retry-rules.ts";
import { closedDays, longestClosedRun, parseWeekday } from "../../../src/domain/time/closed-days.ts";
import {
  afterOpenMinutes,
  isQuiet,
  lastOpenMinute,
  nextOpening,
  nextSharedOpening,
  quietHoursIssues,
  toQuietText,
} from "../../../src/domain/time/quiet-hours.ts";
import { nextOffsetChange, toWallTime } from "../../../src/domain/time/zone.ts";
import { judgedZones } from "./intl-zone.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const at = (iso: string) => new Date(iso);
const all: QuietHours = { enabled: true, start: "00:00", end: "00:00" };
const night: QuietHours = { enabled: true, start: "21:00", end: "09:00" };
const weekend = ["sunday", "saturday"] as const;

describe("a day without calls", () => {
  const quiet: QuietHours = { ...all, zone: "America/New_York", days: ["saturday"], notOn: ["2026-12-25"] };

  it.each([
    ["the last minute of the day before", "2026-12-25T04:59:59Z", false],
    ["its first", "2026-12-25T05:00:00Z", true],
    ["its last, before a Saturday", "2026-12-26T04:59:59Z", true],
    ["the last of that Saturday", "2026-12-27T04:59:59Z", true],
    ["the first of the day after", "2026-12-27T05:00:00Z", false],
    ["the same day a year later", "2027-12-24T15:00:00Z", false],
  ])("is so on its own clock: %s", (_which, instant, expected) => {
    expect(isQuiet(quiet, "UTC", at(instant))).toBe(expected);
    expect(isQuiet({ ...quiet, enabled: false }, "UTC", at(instant))).toBe(false);
  });

  it("opens at midnight, and where there are hours at their end", () => {
    expect(nextOpening(quiet, "UTC", at("2026-12-25T12:00:00Z"))).toEqual(at("2026-12-27T05:00:00Z"));
    const hours = { ...quiet, start: "21:00", end: "09:00" };
    expect(nextOpening(hours, "UTC", at("2026-12-25T12:00:00Z"))).toEqual(at("2026-12-27T14:00:00Z"));
  });

  it("is named, with how many more dates there are", () => {
    expect(toQuietText({ ...night, days: weekend, notOn: ["2026-12-25"] }, "UTC")).toBe(
      "No calls from 21:00 to 09:00, nor on Saturdays, Sundays and 2026-12-25 in UTC",
    );
    const notOn = Array.from({ length: 10 }, (_, n) => `2026-05-${10 + n}`);
    expect(toQuietText({ ...all, zone: recipientClock, notOn }, "UTC")).toMatch(
      /^No calls on 2026-05-10, .*, 2026-05-17 and 2 more dates on everybody's own clock$/,
    );
  });
});

const zone = fc.constantFrom(...judgedZones);
const days = fc.subarray([...weekdays], { maxLength: 6 });
// Around the clock changes of spring and autumn, and the turn of a year.
const day = fc.constantFrom("2026-03-07", "2026-03-28", "2026-10-24", "2026-10-31", "2026-12-30");
const dates = fc
  .tuple(day, fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { maxLength: 4 }))
  .map(([first, offsets]) => ({
    first,
    notOn: offsets.map((offset) => new Date(Date.parse(first) + offset * dayMs).toISOString().slice(0, 10)),
  }));
const window = fc.constantFrom(["00:00", "00:00"], ["21:00", "09:00"], ["12:00", "13:30"], ["00:00", "02:30"]);
const quietHours = fc
  .record({ days, dates, window, zone })
  .map(({ days: closed, dates: { first, notOn }, ...rest }) => {
    const [start = "", end = ""] = rest.window;
    const quiet: QuietHours = { enabled: true, start, end, zone: rest.zone, ...closedDays(closed, notOn) };
    return { quiet, zone: rest.zone, from: Date.parse(`${first}T00:00Z`) };
  });

/** Looks at one minute by itself; the zone table is held against the system's elsewhere. */
function isClosed({ start, end, days: names = [], notOn = [] }: QuietHours, zoneName: string, instant: Date): boolean {
  const wall = toWallTime(instant, zoneName);
  const name = weekdays[new Date(`${wall}Z`).getUTCDay()];
  const time = wall.slice(11, 16);
  const inWindow = start <= end ? start <= time && time < end : time >= start || time < end;
  return inWindow || notOn.includes(wall.slice(0, 10)) || names.some((closed) => closed === name);
}

test("the next opening is the first minute that a judge finds by looking at each, in every zone", () => {
  fc.assert(
    fc.property(quietHours, fc.integer({ min: 0, max: 3 * 24 * 60 }), ({ quiet, zone: name, from }, minutes) => {
      const start = new Date(from + minutes * minuteMs);
      const opening = nextOpening(quiet, "UTC", start);
      expect(isClosed(quiet, name, opening)).toBe(false);
      // A clock's state changes at a whole quarter of an hour, or where clocks change.
      const changeAt = nextOffsetChange(name, start, opening);
      const quarterMs = 15 * minuteMs;
      const quarters = Array.from(
        { length: Math.ceil((opening.getTime() - start.getTime()) / quarterMs) },
        (_, n) => new Date((Math.floor(start.getTime() / quarterMs) + n) * quarterMs),
      );
      const openBefore = quarters.find(
        (instant) => instant > start && instant < opening && !isClosed(quiet, name, instant),
      );
      expect(openBefore?.toISOString()).toBeUndefined();
      if (start < opening) expect(isClosed(quiet, name, start)).toBe(true);
      if (changeAt && changeAt < opening) expect(isClosed(quiet, name, changeAt)).toBe(true);
    }),
    { numRuns: 400 },
  );
});

test("the last open minute before an end is the one that a judge finds", () => {
  fc.assert(
    fc.property(quietHours, fc.integer({ min: 0, max: 3 * 24 * 60 }), ({ quiet, zone: name, from }, minutes) => {
      const end = new Date(from + 4 * dayMs + minutes * minuteMs);
      const last = lastOpenMinute(quiet, "UTC", end);
      let judged = end.getTime() - minuteMs;
      while (isClosed(quiet, name, new Date(judged))) judged -= minuteMs;
      expect(last?.toISOString()).toBe(new Date(judged).toISOString());
    }),
    { numRuns: 40 },
  );
});

test("open minutes are counted on days that are called alone", () => {
  const quiet: QuietHours = { ...night, zone: "UTC", days: weekend };
  // Friday 20:00: an hour on that day, and the second one on Monday.
  expect(afterOpenMinutes(quiet, "UTC", at("2026-03-06T20:00:00Z"), 120)).toEqual(at("2026-03-09T10:00:00Z"));
  expect(afterOpenMinutes({ ...all, days: weekend }, "UTC", at("2026-03-06T23:00:00Z"), 90)).toEqual(
    at("2026-03-09T00:30:00Z"),
  );
});

describe("clocks that share few hours", () => {
  const zones = ["Europe/Kaliningrad", "Asia/Kamchatka"];
  const hours: QuietHours = { ...night, zone: recipientClock };

  it("meet after weeks of dates, and never where their weeks have nothing in common", () => {
    const notOn = Array.from({ length: 30 }, (_, n) => new Date(Date.UTC(2026, 2, 2 + n)).toISOString().slice(0, 10));
    expect(nextSharedOpening([{ ...hours, notOn }], zones, at("2026-03-02T00:00:00Z"))).toEqual(
      at("2026-04-01T07:00:00Z"),
    );
    const never = [{ ...hours, end: "17:30", notOn }];
    expect(nextSharedOpening(never, zones, at("2026-03-02T00:00:00Z"))).toBeUndefined();
    const far = ["Pacific/Kiritimati", "Pacific/Pago_Pago"];
    const onlyMondays = { ...all, days: weekdays.filter((name) => name !== "monday") };
    expect(nextSharedOpening([onlyMondays], far, at("2026-03-02T00:00:00Z"))).toBeUndefined();
  });
});

describe("a retry at a time of day", () => {
  const rules: CallingRules = {
    retryConfig: { enabled: true, maxAttempts: 2 },
    retryRules: [{ condition: "busy", enabled: true, timing: { kind: "at", time: "10:00" } }],
    quietHours: { ...all, days: weekend, notOn: ["2026-03-09"] },
  };
  const ended = { outcome: "busy", attemptNumber: 1, endedAt: at("2026-03-06T17:00:00Z") } as const;
  const dueOf = (changed: CallingRules, zones: readonly string[] = []) => {
    const decision = afterAttempt({ ...ended, rules: changed, batchZone: "UTC", recipientZones: () => zones });
    return decision.kind === "retry" ? decision.dueAt.toISOString() : decision.reason;
  };

  it("keeps that time, on the next day that is called", () => {
    expect(dueOf(rules)).toBe("2026-03-10T10:00:00.000Z");
    expect(dueOf({ ...rules, quietHours: { ...all, enabled: false, days: weekend } })).toBe("2026-03-07T10:00:00.000Z");
  });

  it("keeps it on the recipient's calendar, where the rules go by that", () => {
    const theirs: CallingRules = {
      ...rules,
      retryRules: [{ condition: "busy", enabled: true, timing: { kind: "at", time: "10:00", zone: recipientClock } }],
      quietHours: { ...all, zone: recipientClock, days: ["sunday"], notOn: ["2026-03-07"] },
    };
    expect(dueOf(theirs, ["Pacific/Auckland"])).toBe("2026-03-08T21:00:00.000Z");
    expect(dueOf(theirs, ["America/New_York"])).toBe("2026-03-09T14:00:00.000Z");
  });
});

describe("how long days are closed in a row", () => {
  it.each([
    [{}, 0],
    [{ days: ["sunday"] as const }, 1],
    [{ days: weekend }, 2],
    [{ days: weekend, notOn: ["2026-12-25"] }, 3],
    [{ days: weekend, notOn: ["2026-12-24", "2026-12-25", "2026-12-28", "2027-03-01"] }, 5],
    [{ notOn: ["2026-12-31", "2027-01-01"] }, 2],
  ])("of %j is %i", (closed, expected) => expect(longestClosedRun(closed)).toBe(expected));

  it("is time that what was agreed to has for each attempt, within its 60 days", () => {
    const span = (quiet?: QuietHours) => longestSpanOf(quiet ? { quietHours: quiet } : {}, 2) / dayMs;
    const plain = span();
    expect(span({ ...night, days: weekend, notOn: ["2026-12-25"] })).toBeCloseTo(plain + 2 * 3);
    expect(span({ ...night, enabled: false, days: weekend })).toBe(plain);
    expect(
      span({ ...night, notOn: Array.from({ length: 300 }, (_, n) => new Date(n * dayMs).toISOString().slice(0, 10)) }),
    ).toBe(60);
  });
});

describe("what is given", () => {
  const now = at("2026-03-02T15:00:00Z");
  const codes = (quiet: Partial<QuietHours>) => quietHoursIssues({ ...all, ...quiet }, now).map(({ code }) => code);

  it.each([
    ["Saturday", "saturday"],
    ["SATURDAYS", "saturday"],
    ["sat", "saturday"],
    ["6", undefined],
    ["s", undefined],
    ["weekend", undefined],
  ])("as the name of a day, %j, is %s", (text, expected) => expect(parseWeekday(text)).toBe(expected));

  it("needs no hours, and is refused where it says nothing, leaves no day or cannot be meant", () => {
    expect(codes({ days: weekend })).toEqual([]);
    expect(codes({ notOn: ["2026-03-02", "2028-12-31"] })).toEqual([]);
    expect(codes({})).toEqual(["empty_window"]);
    expect(codes({ start: "09:00", end: "09:00", days: weekend })).toEqual(["empty_window"]);
    expect(codes({ days: weekdays })).toEqual(["no_calling_time"]);
    expect(codes({ notOn: ["2026-02-30"] })).toEqual(["invalid_date"]);
    expect(codes({ notOn: ["25.12.2026"] })).toEqual(["invalid_date"]);
    expect(codes({ notOn: ["2025-12-25", "2029-01-01"] })).toEqual(["in_past", "too_far"]);
    expect(codes({ notOn: Array.from({ length: 367 }, () => "2026-12-25") })).toEqual(["too_long"]);
  });

  it("takes a date that is not over in every zone", () => {
    // It is still 1 March in Hawaii until ten in the morning, UTC.
    const issues = (instant: string) => quietHoursIssues({ ...all, notOn: ["2026-03-01"] }, at(instant));
    expect(issues("2026-03-02T11:59:00Z")).toEqual([]);
    expect(issues("2026-03-02T12:00:00Z")).toMatchObject([{ field: "quiet_hours.not_on", code: "in_past" }]);
  });
});
