import { describe, expect, it } from "vitest";
import { describeZones } from "../../src/commands/doctor.ts";
import { zoneDataRelease, zoneDataReleasedOn } from "../../src/domain/time/zone-data.ts";

function daysAfterRelease(days: number): Date {
  return new Date(Date.parse(zoneDataReleasedOn) + days * 24 * 60 * 60 * 1000);
}

describe("doctor's line on time zones", () => {
  it("gives the release, its day, its age and the zone of times without one", () => {
    expect(describeZones("Asia/Calcutta", daysAfterRelease(25.9))).toBe(
      `tzdb ${zoneDataRelease} of ${zoneDataReleasedOn}, 25 days old; times without a zone are in Asia/Calcutta`,
    );
  });

  it("advises an update from the 181st day on", () => {
    expect(describeZones("UTC", daysAfterRelease(180))).not.toContain("update");
    expect(describeZones("UTC", daysAfterRelease(181))).toContain("181 days old, which is old: update batch-call-mcp");
  });
});
