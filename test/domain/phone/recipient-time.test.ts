import { expect, test } from "vitest";
import { localTimeOf, zonesOfRecipient } from "../../../src/domain/phone/recipient-time.ts";

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
