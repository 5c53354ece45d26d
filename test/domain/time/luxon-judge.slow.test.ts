import fc from "fast-check";
import { DateTime, IANAZone } from "luxon";
import { describe, expect, it } from "vitest";
import { fromWallTime, toOffset, toWallTime, zoneNames } from "../../../src/domain/time/zone.ts";
import { clockChanges, intlWallTime, isJudgedByIntl } from "./intl-zone.ts";

// luxon as a second judge of our clocks: its own arithmetic on the runtime's rules, ours on our table. Where the two differ, the third
// judge decides, which is Intl alone; decision 8 has what luxon was found wrong in.

const minuteMs = 60_000;
const shape = "yyyy-MM-dd'T'HH:mm";
const zones = zoneNames().filter((zone) => isJudgedByIntl(zone) && IANAZone.isValidZone(zone));
const anyZone = fc.constantFrom(...zones);
const anyMinute = fc
  .integer({ min: Date.UTC(2010, 0, 2) / minuteMs, max: Date.UTC(2037, 0) / minuteMs })
  .map((minute) => minute * minuteMs);

/** Around changes that are not of one hour, or that come close to another one (luxon 3.7). */
const luxonErrsIn = ["America/Scoresbysund", "Asia/Khandyga", "Asia/Ust-Nera", "Pacific/Apia", "Pacific/Norfolk"];

/** The instants at which luxon's clocks show that time: none where it had to make one up. */
function byLuxon(wall: string, zone: string): readonly number[] {
  const local = DateTime.fromISO(wall, { zone });
  if (local.toFormat(shape) !== wall) return [];
  return local
    .getPossibleOffsets()
    .map((at) => at.toMillis())
    .toSorted((a, b) => a - b);
}

function byUs(wall: string, zone: string): readonly number[] {
  return fromWallTime(wall, zone).map((at) => at.getTime());
}

/** What a gap or an overlap looks like from a day before to a day after, and close to the change. */
const minutesAround = [
  -1440, -180, -120, -90, -61, -60, -59, -31, -30, -29, -1, 0, 1, 29, 30, 31, 59, 60, 61, 90, 120, 180, 1440,
];

function wallTimesAround(change: number, zone: string): readonly string[] {
  const before = Date.parse(`${intlWallTime(change - minuteMs, zone)}Z`) + minuteMs;
  return minutesAround.map((minutes) => new Date(before + minutes * minuteMs).toISOString().slice(0, 16));
}

describe("our clocks and luxon's", () => {
  it("are of nearly every zone that we know", () => {
    expect(zones.length).toBeGreaterThan(570);
  });

  it("show the same time and the same offset at any minute from 2010 to 2037, in any zone", () => {
    fc.assert(
      fc.property(anyZone, anyMinute, (zone, at) => {
        const there = DateTime.fromMillis(at, { zone });
        expect([toWallTime(new Date(at), zone), toOffset(new Date(at), zone)]).toEqual([
          there.toFormat(shape),
          there.toFormat("ZZ"),
        ]);
      }),
      { numRuns: 5000 },
    );
  });

  it("have the same instants for any wall time, in any zone", () => {
    fc.assert(
      fc.property(anyZone, anyMinute, (zone, minute) => {
        const wall = new Date(minute).toISOString().slice(0, 16);
        fc.pre(!luxonErrsIn.includes(zone));
        expect([zone, wall, byUs(wall, zone)]).toEqual([zone, wall, byLuxon(wall, zone)]);
      }),
      { numRuns: 5000 },
    );
  });

  it("agree on which times around a change of clocks are not there, or twice; where they do not, Intl sides with us", () => {
    let [compared, gaps, overlaps] = [0, 0, 0];
    const differing = new Set<string>();
    for (const zone of zones)
      for (const change of clockChanges(zone, 2010, 2032))
        for (const wall of wallTimesAround(change, zone)) {
          const [ours, theirs] = [byUs(wall, zone), byLuxon(wall, zone)];
          compared++;
          if (ours.length === 0) gaps++;
          if (ours.length === 2) overlaps++;
          if (ours.join() === theirs.join()) continue;
          differing.add(zone);
          const shown = [...new Set([...ours, ...theirs])]
            .filter((at) => intlWallTime(at, zone) === wall)
            .toSorted((a, b) => a - b);
          expect([zone, wall, ours]).toEqual([zone, wall, shown]);
        }
    expect([...differing].toSorted()).toEqual(luxonErrsIn);
    for (const count of [compared / 8, gaps, overlaps]) expect(count).toBeGreaterThan(20_000);
  });
});
