import { getCountries } from "libphonenumber-js/max";
import { describe, expect, it } from "vitest";
import { zonesByCountry, zonesByPrefix } from "../../../src/domain/phone/number-zone-data.ts";
import { zonesOfNumber } from "../../../src/domain/phone/number-zones.ts";
import { type ParsedPhoneNumber, parsePhoneNumber } from "../../../src/domain/phone/phone-number.ts";
import { isIssue } from "../../../src/domain/problem.ts";
import { nextCallingTime } from "../../../src/domain/time/calling-hours.ts";
import { isZone, toOffset } from "../../../src/domain/time/zone.ts";

function parsed(text: string): ParsedPhoneNumber {
  const number = parsePhoneNumber(text);
  if (isIssue(number)) throw new Error(number.message);
  return number;
}

const zonesOf = (text: string): readonly string[] => zonesOfNumber(parsed(text));

/** The lines of a table as zones and what they stand for. */
function rows(table: string): readonly { readonly zones: readonly string[]; readonly keys: readonly string[] }[] {
  const lines = table.trim().split("\n");
  return lines.map((line) => ({ zones: line.split(" ")[0]?.split(",") ?? [], keys: line.split(" ").slice(1) }));
}

describe("the zones of a number", () => {
  it.each([
    ["a country with one zone", "+442079460123", ["Europe/London"]],
    ["a mobile of a country with one zone", "+447400123456", ["Europe/London"]],
    ["Jamaica, which shares a calling code", "+18765550123", ["America/Jamaica"]],
    ["San Francisco", "+14155550123", ["America/Los_Angeles"]],
    ["Arizona without the Navajo Nation", "+16025550123", ["America/Phoenix"]],
    ["an area code in two zones", "+18505550123", ["America/Chicago", "America/New_York"]],
    ["Gary, whose area code is half in another zone", "+12195550123", ["America/Chicago", "America/New_York"]],
    ["an overlay of an area code in two zones", "+19305550123", ["America/Chicago", "America/New_York"]],
    ["an overlay that lies in British Columbia", "+17785550123", ["America/Edmonton", "America/Vancouver"]],
    ["Orlando's overlay", "+16895550123", ["America/Chicago", "America/New_York"]],
    ["Saskatchewan's overlay", "+14745550123", ["America/Regina", "America/Winnipeg"]],
    ["Moscow by wire", "+74955550123", ["Europe/Moscow"]],
    ["Kaliningrad by wire", "+74012550123", ["Europe/Kaliningrad"]],
    ["Vladivostok by wire", "+74232550123", ["Asia/Vladivostok"]],
    ["Perth by wire", "+61894200123", ["Australia/Adelaide", "Australia/Perth"]],
    ["Cairns by wire", "+61740310123", ["Australia/Brisbane", "Australia/Sydney"]],
    ["Las Palmas by wire", "+34928000123", ["Atlantic/Canary"]],
    ["Algeria, which is not on Paris time", "+213551234567", ["Africa/Algiers"]],
    ["Nicaragua, which is not on Chicago time", "+50581234567", ["America/Managua"]],
    ["Ukraine", "+380501234567", ["Europe/Kyiv"]],
    ["Kazakhstan, which shares a calling code", "+77710009998", ["Asia/Almaty"]],
  ])("are those of its area: %s", (_, text, zones) => expect(zonesOf(text)).toEqual(zones));

  it.each([
    ["Australia", "+61412345678", ["Australia/Perth", "Australia/Brisbane", "Australia/Sydney", "Australia/Adelaide"]],
    ["Russia", "+79123456789", ["Europe/Kaliningrad", "Europe/Moscow", "Asia/Vladivostok", "Asia/Kamchatka"]],
    ["Spain", "+34612345678", ["Europe/Madrid", "Atlantic/Canary"]],
    ["Brazil", "+5511961234567", ["America/Sao_Paulo", "America/Manaus", "America/Noronha", "America/Rio_Branco"]],
    ["Chile", "+56961234567", ["America/Santiago", "Pacific/Easter"]],
    ["Indonesia", "+62812345678", ["Asia/Jakarta", "Asia/Jayapura", "Asia/Makassar"]],
  ])("are all of the country for a mobile of %s", (_, text, zones) => {
    expect(zonesOf(text)).toEqual(expect.arrayContaining(zones));
  });

  it("are all of the country for a number that belongs to no area", () => {
    expect(zonesOf("+18005550123")).toEqual(
      expect.arrayContaining(["America/New_York", "America/Los_Angeles", "Pacific/Honolulu"]),
    );
  });

  it("are all of the country where the table knows nothing about the area", () => {
    expect(zonesOf("+12735550123")).toEqual(expect.arrayContaining(["America/Vancouver", "America/St_Johns"]));
  });

  it("are none where the country is not known", () => {
    const { country: _, ...nowhere } = parsed("+14155550123");
    expect(zonesOfNumber(nowhere)).toEqual([]);
    expect(zonesOfNumber({ ...nowhere, country: "ZZ" })).toEqual([]);
  });
});

describe("the tables", () => {
  it("name only zones that we have rules for", () => {
    const names = [...rows(zonesByCountry), ...rows(zonesByPrefix)].flatMap(({ zones }) => zones);
    expect(names.filter((name) => !isZone(name))).toEqual([]);
  });

  it("know every country that has a telephone plan, once", () => {
    const listed = rows(zonesByCountry).flatMap(({ keys }) => keys);
    expect(listed.toSorted()).toEqual(getCountries().toSorted());
  });

  it("have every prefix once", () => {
    const listed = rows(zonesByPrefix).flatMap(({ keys }) => keys);
    expect(listed.length).toBe(new Set(listed).size);
    expect(listed.length).toBeGreaterThan(1000);
  });

  it("leave every country a time of day at which all of it may be called", () => {
    const hours = { start: "08:00", end: "21:00" };
    for (const at of [new Date("2027-01-15T00:00:00Z"), new Date("2027-07-15T00:00:00Z")]) {
      const never = rows(zonesByCountry).filter(({ zones }) => nextCallingTime(hours, zones, at) === undefined);
      expect(never).toEqual([]);
    }
  });
});

describe("a zone left out of a country because its clocks agree with another one", () => {
  it.each([
    ["America/Detroit", "America/New_York"],
    ["Australia/Melbourne", "Australia/Sydney"],
    ["Asia/Chita", "Asia/Yakutsk"],
    ["America/Fortaleza", "America/Sao_Paulo"],
  ])("%s: %s", (left, kept) => {
    for (let month = 0; month < 48; month++) {
      const at = new Date(Date.UTC(2027, month, 15));
      expect(toOffset(at, left)).toBe(toOffset(at, kept));
    }
  });
});
