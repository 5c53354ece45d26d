import { describe, expect, it } from "vitest";
import { isZone, zoneNames } from "../../../src/domain/time/zone.ts";
import { parseZone, suggestZone } from "../../../src/domain/time/zone-name.ts";

describe("suggestZone", () => {
  it.each([
    ["America/New York", "America/New_York"],
    ["america/new_york", "America/New_York"],
    ["New York", "America/New_York"],
    ["Amercia/New_York", "America/New_York"],
    ["US/New_York", "America/New_York"],
    ["PST", "America/Los_Angeles"],
    ["est", "America/New_York"],
    ["BST", "Europe/London"],
    ["IST", "Asia/Kolkata"],
    ["Kolkata", "Asia/Kolkata"],
    ["Calcutta", "Asia/Calcutta"],
    ["asia/kolkata", "Asia/Kolkata"],
    ["New Salem", "America/North_Dakota/New_Salem"],
    ["Indianapolis", "America/Indiana/Indianapolis"],
    ["us/pacific", "US/Pacific"],
    ["ho chi minh", "Asia/Ho_Chi_Minh"],
    ["Europe/Lodnon", "Europe/London"],
    ["Lodnon", "Europe/London"],
    [" Europe/Berlin ", "Europe/Berlin"],
  ])("takes %j for %s", (written, meant) => expect(suggestZone(written)).toBe(meant));

  it.each(["", "+05:30", "UTC+5", "Mars/Olympus", "tomorrow", "CAT", "EAT"])("has nothing to offer for %j", (written) =>
    expect(suggestZone(written)).toBeUndefined(),
  );

  it("only ever offers names that are zones", () => {
    const misspelt = zoneNames().flatMap((name) => [name.toLowerCase(), name.slice(0, -1), name.replaceAll("_", " ")]);
    const offered = misspelt.map(suggestZone).filter((name) => name !== undefined);
    expect(offered.length).toBeGreaterThan(zoneNames().length);
    expect(offered.filter((name) => !isZone(name))).toEqual([]);
  });

  it("finds every zone from its name in lower case", () => {
    expect(zoneNames().filter((name) => suggestZone(name.toLowerCase()) !== name)).toEqual([]);
  });
});

describe("parseZone", () => {
  it("gives a zone back as it was written, links included", () => {
    expect(parseZone("Asia/Calcutta", "timezone")).toBe("Asia/Calcutta");
    expect(parseZone("Asia/Kolkata", "timezone")).toBe("Asia/Kolkata");
  });

  it("says which field is wrong and what was likely meant", () => {
    expect(parseZone("America/New York", "quiet_hours.timezone")).toEqual({
      field: "quiet_hours.timezone",
      code: "unknown_zone",
      message: '"America/New York" is not the name of an IANA time zone. Did you mean America/New_York?',
    });
  });

  it("says how a zone is written where it has nothing to offer", () => {
    expect(parseZone("+05:30", "timezone")).toMatchObject({
      message: expect.stringMatching(/America\/New_York, or UTC\.$/),
    });
  });
});
