import { describe, expect, it } from "vitest";
import { nextOffsetChange, toOffset, toWallTime, zoneNames } from "../../../src/domain/time/zone.ts";
import { intlWallTime, isJudgedByIntl, zonesByChange } from "./intl-zone.ts";

// What follows is from the NEWS of tzdb and holds whatever the runtime has.

const offsetsToday = [
  ["America/Vancouver", "-07:00"],
  ["America/Edmonton", "-06:00"],
  ["America/Winnipeg", "-05:00"],
  ["America/Inuvik", "-06:00"],
  ["America/Havana", "-04:00"],
  ["Africa/Casablanca", "+00:00"],
  ["Africa/El_Aaiun", "+00:00"],
] as const;

const lastChanges = [
  ["America/Asuncion", "2024-10-06T04:00:00.000Z", "-03:00"],
  ["America/Coyhaique", "2024-09-08T04:00:00.000Z", "-03:00"],
  ["America/Vancouver", "2026-03-08T10:00:00.000Z", "-07:00"],
  ["America/Edmonton", "2026-03-08T09:00:00.000Z", "-06:00"],
  ["America/Inuvik", "2026-03-08T09:00:00.000Z", "-06:00"],
  ["America/Winnipeg", "2026-03-08T08:00:00.000Z", "-05:00"],
  ["Africa/Casablanca", "2026-09-20T01:00:00.000Z", "+00:00"],
  ["Africa/El_Aaiun", "2026-09-20T01:00:00.000Z", "+00:00"],
] as const;

const changesToCome = [
  ["America/Havana", ["2026-03-08T05:00:00.000Z -04:00", "2027-11-07T05:00:00.000Z -05:00"]],
  [
    "Europe/Chisinau",
    [
      "2026-03-29T01:00:00.000Z +03:00",
      "2026-10-25T01:00:00.000Z +02:00",
      "2027-03-28T01:00:00.000Z +03:00",
      "2027-10-31T01:00:00.000Z +02:00",
    ],
  ],
] as const;

// In pairs: the link and the zone it stands for.
const links = [
  ["Canada/Pacific", "America/Vancouver"],
  ["Canada/Mountain", "America/Edmonton"],
  ["America/Yellowknife", "America/Edmonton"],
  ["Canada/Central", "America/Winnipeg"],
  ["America/Rainy_River", "America/Winnipeg"],
  ["Europe/Tiraspol", "Europe/Chisinau"],
  ["Cuba", "America/Havana"],
] as const;

function offsetChanges(zone: string): readonly string[] {
  const end = new Date("2040-01-01T00:00:00Z");
  const changes: string[] = [];
  let change = nextOffsetChange(zone, new Date("2000-01-01T00:00:00Z"), end);
  while (change) {
    changes.push(`${change.toISOString()} ${toOffset(change, zone)}`);
    change = nextOffsetChange(zone, change, end);
  }
  return changes;
}

describe("the zones whose rules changed after the release that a runtime may have", () => {
  it.each(offsetsToday)("%s is at %s on 21 November 2026", (zone, offset) => {
    expect(toOffset(new Date("2026-11-21T12:00:00Z"), zone)).toBe(offset);
  });

  it.each(lastChanges)("%s changed its clocks for the last time at %s, to %s", (zone, at, offset) => {
    expect(offsetChanges(zone).at(-1)).toBe(`${at} ${offset}`);
  });

  it.each(changesToCome)("%s changes its clocks in 2026 and 2027 as announced", (zone, changes) => {
    expect(offsetChanges(zone).filter((change) => /^202[67]/.test(change))).toEqual(changes);
  });

  it.each(links)("%s goes by the rules of %s", (link, zone) => {
    expect(offsetChanges(link)).toEqual(offsetChanges(zone));
    expect(offsetChanges(link).length).toBeGreaterThan(20);
  });

  it("are all here, so that none is judged by nobody", () => {
    const here = [...lastChanges, ...changesToCome, ...links].map(([zone]) => zone);
    expect(Object.values(zonesByChange).flat().sort()).toEqual(here.sort());
  });
});

describe("every name, links included", () => {
  it("shows the wall time that Intl shows, in every month from 2010 to 2037", () => {
    const names = zoneNames().filter(isJudgedByIntl);
    const wrong = names.flatMap((zone) =>
      Array.from({ length: 28 * 12 }, (_, month) => Date.UTC(2010, month, 15, 12))
        .filter((at) => intlWallTime(at, zone) !== toWallTime(new Date(at), zone))
        .map((at) => `${zone} ${new Date(at).toISOString()}`),
    );
    expect(wrong).toEqual([]);
    expect(names.length).toBeGreaterThan(570);
  });
});

describe("outside the years of the table", () => {
  it.each([
    ["1990-07-01T12:00:00Z", "Europe/Berlin", "+01:00"],
    ["1990-07-01T12:00:00Z", "Asia/Kolkata", "+05:30"],
    ["2037-07-01T12:00:00Z", "Europe/Berlin", "+02:00"],
    ["2038-07-01T12:00:00Z", "Europe/Berlin", "+01:00"],
    ["2038-07-01T12:00:00Z", "America/Vancouver", "-07:00"],
  ])("the nearest offset goes on: at %s in %s it is %s", (at, zone, offset) => {
    expect(toOffset(new Date(at), zone)).toBe(offset);
  });
});
