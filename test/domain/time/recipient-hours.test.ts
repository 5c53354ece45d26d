import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { type CallingRules, recipientClock } from "../../../src/domain/batch/plan.ts";
import { mayRingFrom, nextAttemptAt, nextLocalTime } from "../../../src/domain/time/recipient-hours.ts";
import { toTimeOfDay, toWallTime } from "../../../src/domain/time/zone.ts";

const at = (iso: string) => new Date(iso);
const endedAt = at("2026-02-20T12:00:00Z");
const own = { toNumber: "+12125550101" };

describe("nextAttemptAt", () => {
  const night = { enabled: true, start: "22:00", end: "08:00" };
  const calcutta = { rules: { quietHours: night }, timezone: "Asia/Calcutta" };

  it("is when the attempt is due, outside quiet hours", () => {
    expect(nextAttemptAt(endedAt, own, calcutta)).toEqual(endedAt);
  });

  it("is the end of the quiet hours that the attempt is due in", () => {
    expect(nextAttemptAt(at("2026-02-20T17:30:00Z"), own, calcutta)).toEqual(at("2026-02-21T02:30:00Z"));
  });

  it("is the end of quiet hours on the recipient's clock, whatever the batch's zone", () => {
    const rules = { quietHours: { ...night, zone: recipientClock } };
    expect(nextAttemptAt(at("2026-02-20T05:30:00Z"), own, { ...calcutta, rules })).toEqual(at("2026-02-20T13:00:00Z"));
  });

  it("is not before the recipient's own time, and not in the quiet hours that it falls into", () => {
    const notBefore = at("2026-02-20T17:30:00Z");
    expect(nextAttemptAt(endedAt, { ...own, notBefore }, calcutta)).toEqual(at("2026-02-21T02:30:00Z"));
  });
});

describe("mayRingFrom", () => {
  const shop: CallingRules = { quietHours: { enabled: true, start: "18:00", end: "09:00", zone: recipientClock } };

  it("is never for a number of which nobody knows the zone, and for zones whose hours never meet", () => {
    expect(mayRingFrom({ toNumber: "+12" }, { rules: shop }, endedAt)).toBe("never");
    expect(mayRingFrom({ toNumber: "+79123456789" }, { rules: shop }, endedAt)).toBe("never");
    expect(mayRingFrom({ toNumber: "+79123456789", timezone: "Europe/Moscow" }, { rules: shop }, endedAt)).toEqual(
      endedAt,
    );
  });

  it("asks no clock where the rules know none", () => {
    expect(mayRingFrom({ toNumber: "+12" }, { rules: {} }, endedAt)).toEqual(endedAt);
    const off = { rules: { quietHours: { enabled: false, start: "18:00", end: "09:00", zone: recipientClock } } };
    expect(mayRingFrom({ toNumber: "+12" }, off, endedAt)).toEqual(endedAt);
  });

  it("looks at an own zone that is no zone as if it were not there", () => {
    expect(
      mayRingFrom({ toNumber: "+12125550101", timezone: "Nowhere" }, { rules: shop }, at("2026-02-20T13:00:00Z")),
    ).toEqual(at("2026-02-20T14:00:00Z"));
  });
});

describe("nextLocalTime", () => {
  const american = ["America/New_York", "America/Los_Angeles"];

  it.each([
    ["later that day", ["America/New_York"], "2026-03-02T12:00:00Z", "2026-03-02T15:00:00Z"],
    ["the next day when it is that time", ["America/New_York"], "2026-03-02T15:00:00Z", "2026-03-03T15:00:00Z"],
    ["the latest of the clocks", american, "2026-03-02T12:00:00Z", "2026-03-02T18:00:00Z"],
    ["today's latest after the earliest has passed", american, "2026-03-02T16:00:00Z", "2026-03-02T18:00:00Z"],
    ["the day after the change of clocks", ["America/New_York"], "2026-03-07T16:00:00Z", "2026-03-08T14:00:00Z"],
    ["across the date line", ["Pacific/Kiritimati", "Pacific/Niue"], "2026-03-02T00:00:00Z", "2026-03-02T21:00:00Z"],
  ])("is %s", (_what, zones, after, expected) => {
    expect(nextLocalTime("10:00", zones, at(after))).toEqual(at(expected));
  });

  it("passes over a day on which one of the clocks skips that time", () => {
    const after = at("2026-03-08T06:00:00Z");
    expect(nextLocalTime("02:30", ["America/New_York"], after)).toEqual(at("2026-03-09T06:30:00Z"));
  });

  it("is unknown without a zone", () => expect(nextLocalTime("10:00", [], endedAt)).toBeUndefined());

  test("is at that time on one of the clocks, and at or after it on that day on all of them", () => {
    const zones = fc.subarray(["America/New_York", "America/Denver", "Pacific/Honolulu", "America/Phoenix"], {
      minLength: 1,
    });
    const instant = fc.date({ min: at("2026-01-01T00:00:00Z"), max: at("2027-01-01T00:00:00Z"), noInvalidDate: true });
    fc.assert(
      fc.property(zones, instant, (names, after) => {
        const next = nextLocalTime("10:00", names, after);
        if (!next) throw new Error("No time was found");
        const shown = names.map((zone) => toTimeOfDay(next, zone));
        expect(shown).toContain("10:00");
        expect(shown.every((time) => time >= "10:00")).toBe(true);
        expect(new Set(names.map((zone) => toWallTime(next, zone).slice(0, 10))).size).toBe(1);
        expect(next > after).toBe(true);
        expect(next.getTime() - after.getTime()).toBeLessThanOrEqual(26 * 3_600_000);
      }),
    );
  });
});
