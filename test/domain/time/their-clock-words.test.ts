import { expect, test } from "vitest";
import { parseZoneOrTheirs } from "../../../src/domain/time/zone-name.ts";

test.each([
  "recipients",
  "recipient's",
  "recipients’ time",
  "their time",
  "Their own clock",
  "the recipient's time zone",
])("%s is offered as recipient, and not taken as it", (text) => {
  expect(parseZoneOrTheirs(text, "timezone")).toMatchObject({
    field: "timezone",
    code: "unknown_zone",
    message: expect.stringContaining("Did you mean recipient?"),
  });
});

test("names of zones, and what else is none, are read as before", () => {
  expect(parseZoneOrTheirs("America/New_York", "timezone")).toBe("America/New_York");
  expect(parseZoneOrTheirs("America/New York", "timezone")).toMatchObject({
    message: expect.stringContaining("Did you mean America/New_York?"),
  });
});
