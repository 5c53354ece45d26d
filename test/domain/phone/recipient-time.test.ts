import { expect, test } from "vitest";
import {
  localTimeOf,
  zonesAgainst,
  zonesForQuietHours,
  zonesOfRecipient,
} from "../../../src/domain/phone/recipient-time.ts";

const at = new Date("2026-03-02T15:00:00Z");

test.each([
  ["a number of one zone", "+12015550101", "", "2026-03-02T10:00"],
  ["the zone beside a number wins", "+12015550101", "Europe/Berlin", "2026-03-02T16:00"],
  ["a zone that cannot be read says nothing", "+12015550101", "Mars", "2026-03-02T10:00"],
  ["a mobile of a country with several zones that differ", "+61412345678", "", undefined],
  ["a mobile of a country with one clock", "+447400123456", "", "2026-03-02T15:00"],
  ["no number", "12", "", undefined],
])("the clock of %s", (_what, number, beside, local) => {
  expect(localTimeOf(at, zonesOfRecipient(number, beside))).toBe(local);
});

test("zones that show the same for now are one clock", () => {
  expect(localTimeOf(at, ["Europe/Berlin", "Europe/Paris"])).toBe("2026-03-02T16:00");
  expect(localTimeOf(at, ["Europe/Berlin", "Europe/London"])).toBeUndefined();
});

test.each([
  ["a zone of another continent", "+18085550123", "Asia/Tokyo", ["Pacific/Honolulu"]],
  ["a zone of another country", "+4915123456789", "America/New_York", ["Europe/Berlin"]],
  ["UTC", "+4915123456789", "UTC", ["Europe/Berlin"]],
  ["a zone that has the same clock in winter alone", "+447400123456", "Atlantic/Reykjavik", ["Europe/London"]],
  ["another zone of the country, where somebody moved to", "+12125550101", "America/Los_Angeles", undefined],
  ["another name of a zone of the country", "+12125550101", "US/Eastern", undefined],
  ["a neighbour with the same clock", "+4915123456789", "Europe/Paris", undefined],
  ["a zone that cannot be read", "+18085550123", "Mars", undefined],
  ["no zone", "+18085550123", "", undefined],
  ["a number of no country", "+80012345678", "Asia/Tokyo", undefined],
])("what a number says against %s", (_what, number, beside, against) => {
  expect(zonesAgainst(number, beside)).toEqual(against);
  expect(zonesForQuietHours(number, beside)).toEqual([...zonesOfRecipient(number, beside), ...(against ?? [])]);
});

test.each([
  ["another zone of its country", "+18085550123", "America/New_York", ["America/New_York", "Pacific/Honolulu"]],
  ["a zone with the clock of its own", "+16175550123", "US/Eastern", ["US/Eastern"]],
  ["a zone of another country", "+18085550123", "Asia/Tokyo", ["Asia/Tokyo", "Pacific/Honolulu"]],
  ["no zone", "+18085550123", "", ["Pacific/Honolulu"]],
  ["a number of no country", "+80012345678", "America/New_York", ["America/New_York"]],
])("the clocks of a second number beside %s", (_what, number, beside, zones) => {
  expect(zonesForQuietHours(number, beside, true)).toEqual(zones);
});
