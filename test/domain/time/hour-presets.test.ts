import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { weekdays } from "../../../src/domain/batch/plan.ts";
import { hourPresets, nextPresetTime, presetFor, toPresetTexts } from "../../../src/domain/time/hour-presets.ts";
import { nextOperatorTime } from "../../../src/domain/time/operator-hours.ts";
import { toWallTime } from "../../../src/domain/time/zone.ts";

const at = (iso: string) => new Date(iso);
const quarterMs = 15 * 60_000;
const zonesOf: Readonly<Record<string, readonly string[]>> = {
  US: ["America/New_York", "America/Los_Angeles", "Pacific/Honolulu"],
  CA: ["America/St_Johns", "America/Vancouver"],
  IN: ["Asia/Kolkata"],
  AU: ["Australia/Perth", "Australia/Sydney"],
  FR: ["Europe/Paris"],
};

/** Public holidays of March and April 2026, as their governments have them. */
const easter: Readonly<Record<string, readonly string[]>> = {
  AU: ["2026-04-03", "2026-04-04", "2026-04-05", "2026-04-06", "2026-04-25"],
  FR: ["2026-04-06"],
};

test("each row says where it comes from and when, and no two are for the same calls", () => {
  for (const { source, sourceDate, rule, windows } of hourPresets) {
    expect([source, rule].every((text) => text.length > 0)).toBe(true);
    expect(sourceDate).toMatch(/\d{4}/);
    expect(windows.every(({ start, end }) => start < end)).toBe(true);
  }
  const keys = hourPresets.flatMap(({ jurisdiction, scopes }) => scopes.map((scope) => `${jurisdiction} ${scope}`));
  expect(new Set(keys).size).toBe(keys.length);
});

describe("the next time within a preset", () => {
  it.each([
    ["a French lunch", "FR", "Europe/Paris", "2026-03-04T12:00:00Z", "2026-03-04T13:00:00Z"],
    ["a French Friday evening", "FR", "Europe/Paris", "2026-03-06T19:00:00Z", "2026-03-09T09:00:00Z"],
    ["an Australian Sunday", "AU", "Australia/Perth", "2026-03-08T02:00:00Z", "2026-03-09T01:00:00Z"],
    ["a Canadian Saturday evening", "CA", "America/Toronto", "2026-03-07T23:00:00Z", "2026-03-08T14:00:00Z"],
    ["an American morning", "US", "America/New_York", "2026-03-02T12:00:00Z", "2026-03-02T13:00:00Z"],
    ["Bastille Day", "FR", "Europe/Paris", "2026-07-14T12:00:00Z", "2026-07-15T08:00:00Z"],
    ["an Australian Easter", "AU", "Australia/Sydney", "2026-04-03T02:00:00Z", "2026-04-06T23:00:00Z"],
    [
      "an American holiday, which its rule does not close",
      "US",
      "America/New_York",
      "2026-12-25T15:00:00Z",
      "2026-12-25T15:00:00Z",
    ],
    ["an Indian morning", "IN", "Asia/Kolkata", "2026-03-02T12:00:00Z", "2026-03-02T12:00:00Z"],
  ])("after %s", (_when, country, zone, from, expected) => {
    const preset = presetFor("marketing", country);
    expect(preset && nextPresetTime(preset, [zone], at(from))).toEqual(at(expected));
  });

  const minute = fc.integer({ min: 0, max: 60 * 24 * 60 });
  test("is the first quarter of an hour that a judge finds, on all clocks and within the operator's hours", () => {
    fc.assert(
      fc.property(fc.constantFrom(...hourPresets), minute, (preset, minutes) => {
        const {
          jurisdiction,
          scopes: [scope],
          windows,
          holidays,
        } = preset;
        const zones = zonesOf[jurisdiction] ?? [];
        // Over the clock changes of March and April, and Easter.
        const from = new Date(Date.parse("2026-03-01T00:00Z") + minutes * 60_000);
        const isOpen = (instant: Date) =>
          zones.every((zone) => {
            const wall = toWallTime(instant, zone);
            const [name, time] = [weekdays[new Date(wall.slice(0, 10)).getUTCDay()], wall.slice(11, 16)];
            const isInWindow = windows.some(
              ({ days, start, end }) => days.some((day) => day === name) && start <= time && time < end,
            );
            const isHoliday = !holidays && (easter[jurisdiction] ?? []).includes(wall.slice(0, 10));
            return !isHoliday && isInWindow && time >= "09:00" && time < "20:00";
          });
        let judged = from;
        while (!isOpen(judged)) judged = new Date((Math.floor(judged.getTime() / quarterMs) + 1) * quarterMs);
        const policy = { hours: { start: "09:00", end: "20:00" }, ...(scope && { hoursPreset: scope }) };
        expect(nextOperatorTime(policy, jurisdiction, zones, from)?.toISOString()).toBe(judged.toISOString());
      }),
      { numRuns: 300 },
    );
  });

  it("does not exist where operator and preset share no minute, or no clock is known", () => {
    const policy = { hours: { start: "21:00", end: "23:00" }, hoursPreset: "marketing" } as const;
    expect(nextOperatorTime(policy, "US", ["America/New_York"], at("2026-03-02T12:00:00Z"))).toBeUndefined();
    const preset = presetFor("marketing", "US");
    expect(preset && nextPresetTime(preset, [], at("2026-03-02T12:00:00Z"))).toBeUndefined();
  });

  it("is the operator's own where the country has no preset", () => {
    const policy = { hours: { start: "08:00", end: "21:00" }, hoursPreset: "research" } as const;
    const sunday = at("2026-03-08T12:00:00Z");
    expect(nextOperatorTime(policy, "FR", ["Europe/Paris"], sunday)).toEqual(sunday);
    expect(toPresetTexts("research", ["FR"])).toEqual([
      "Preset research has no hours for FR: the operator's own hold alone",
    ]);
    expect(toPresetTexts(undefined, ["FR"])).toEqual([]);
  });
});

test("what holds is told with its source and date, each line short enough for a form", () => {
  const lines = toPresetTexts("marketing", ["FR", "CA", "US", "IN", "AU"]);
  expect(lines.slice(0, 2)).toEqual([
    "Preset marketing, FR: Mondays to Fridays 10:00 to 13:00, Mondays to Fridays 14:00 to 20:00, on their own clocks, not on public holidays",
    "Facts, not legal advice: décret 2022-1313, in force 2023-03-01; opt-in only from 2026-08-11 (not verified: actu-juridique.fr and nextinpact.com/lebrief/1190, 2023-01)",
  ]);
  expect(lines.every((line) => line.length <= 200)).toBe(true);
});
