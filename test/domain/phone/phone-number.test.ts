import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isCountryCode, parseE164, parsePhoneNumber } from "../../../src/domain/phone/phone-number.ts";
import { isIssue } from "../../../src/domain/problem.ts";

/** The number, or the code of the refusal. */
function outcome(text: string, country?: string): string {
  const parsed = parsePhoneNumber(text, country);
  return isIssue(parsed) ? parsed.code : parsed.e164;
}

function messageFor(text: string, country?: string): string {
  const parsed = parsePhoneNumber(text, country);
  return isIssue(parsed) ? parsed.message : "";
}

const allCountryCodes = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
  .flatMap((first) => [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].map((second) => first + second))
  .filter(isCountryCode);

describe("a number that can be called", () => {
  it.each([
    ["+14155550123", undefined],
    ["+1 415 555 0123", undefined],
    ["(415) 555-0123", "US"],
    ["415.555.0123", "US"],
    ["  415 555 0123 ", "US"],
    ["415\u2011555\u20110123", "US"],
    ["415/555/0123", "US"],
    ["14155550123", "US"],
    ["tel:+1-415-555-0123", undefined],
    ["TEL: 415-555-0123", "US"],
    ["\u202a+1 415 555 0123\u202c", undefined],
    ["+1\u200b415\ufeff5550123", undefined],
    ["+1\u00a0415\u202f555\u00a00123", undefined],
    ["＋１ ４１５ ５５５ ０１２３", undefined],
    ["'+14155550123", undefined],
    ['="+14155550123"', undefined],
    ["14155550123.0", "US"],
    ["0014155550123", undefined],
    ["0014155550123", "GB"],
    ["\u001b[1m+14155550123\u001b[0m", undefined],
  ])("is read from %j (default country %s)", (text, country) => {
    expect(outcome(text, country)).toBe("+14155550123");
  });

  it.each([
    ["+44 (0)20 7946 0123", "US"],
    ["0044 20 7946 0123", "US"],
    ["0044 20 7946 0123", undefined],
    ["020 7946 0123", "GB"],
    ["442079460123", "GB"],
  ])("may be one abroad: %j (default country %s)", (text, country) => {
    expect(outcome(text, country)).toBe("+442079460123");
  });

  it("comes with its country and type", () => {
    expect(parsePhoneNumber("+442079460123")).toEqual({ e164: "+442079460123", country: "GB", type: "fixed_line" });
    expect(parsePhoneNumber("+1 415 555 0123")).toMatchObject({ country: "US", type: "fixed_line_or_mobile" });
    expect(parsePhoneNumber("+1 876 555 0123")).toMatchObject({ country: "JM", type: "mobile" });
    expect(parsePhoneNumber("+1 800 555 0123")).toMatchObject({ type: "toll_free" });
  });

  it("is the same number again when it is read from its E.164 form", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99 }), fc.constantFrom("212", "415", "646", "907"), (line, area) => {
        const e164 = `+1${area}55501${String(line).padStart(2, "0")}`;
        expect(outcome(e164)).toBe(e164);
        expect(outcome(`${area}-555-01${e164.slice(-2)}`, "US")).toBe(e164);
      }),
    );
  });

  it("may be as short as its country's numbers are", () => {
    expect(outcome("201234", "FO")).toBe("+298201234");
  });
});

describe("a number that cannot be called", () => {
  it.each([
    ["", "US", "empty"],
    [" \u200b ", "US", "empty"],
    ["call mom", "US", "letters"],
    ["1-800-FLOWERS", "US", "letters"],
    ["+14155550123 or +14155550124", "US", "two_numbers"],
    ["9.196E+11", "US", "spreadsheet_mangled"],
    ["9,1960001195e+11", undefined, "spreadsheet_mangled"],
    ["911", "US", "emergency"],
    ["9-1-1", "US", "emergency"],
    ["112", undefined, "emergency"],
    ["72645", "US", "short_code"],
    ["72645", undefined, "short_code"],
    ["212-555-0199 x206", "US", "extension"],
    ["212-555-0199 x206", undefined, "extension"],
    ["+1 212 555 0199 ext. 5", undefined, "extension"],
    ["tel:+1-212-555-0199;ext=206", undefined, "extension"],
    ["+12125550199,,206", undefined, "extension"],
    ["555-01", "US", "too_short"],
    ["+44 20 7946", undefined, "too_short"],
    ["0044 20 79", "US", "too_short"],
    ["442079460123", "US", "too_long"],
    ["+1 415 555 0123 / 415 555 0124", "US", "two_numbers"],
    ["+49426076700863669", undefined, "too_long"],
    [`4155550123${"-".repeat(300)}4`, "US", "too_long"],
    ["+1 555 555 0123", undefined, "invalid"],
    ["+999 123 4567", undefined, "invalid"],
    ["+", undefined, "invalid"],
    ["+14155550123, +14155550124", undefined, "two_numbers"],
    ["555-0100", undefined, "no_country"],
    ["(415) 555-0123", undefined, "no_country"],
    ["(415) 555-0123", "XX", "no_country"],
    ["+1 900 555 0119", undefined, "premium"],
    ["+979 1 2345 6789", undefined, "premium"],
    ["+49 1801 123456", undefined, "shared_cost"],
    ["+808 1234 5678", undefined, "shared_cost"],
    ["+881 6 123 45678", "US", "satellite"],
    ["+882 13 12345678", undefined, "satellite"],
    ["+883 5100 1234 5678", undefined, "satellite"],
    ["+870 773 111 632", undefined, "satellite"],
    ["+878 10 1234 5678 90", undefined, "satellite"],
    ["+888 123 456 78", undefined, "satellite"],
    ["+800 1234 5678", undefined, "number_type"],
    ["+1 264 724 1234", undefined, "number_type"],
  ])("%j (default country %s) is refused as %s", (text, country, code) => {
    expect(outcome(text, country)).toBe(code);
  });

  it("is an emergency number in every country", () => {
    const dialed = ["000", "110", "112", "119", "911", "999"];
    const letThrough = allCountryCodes.flatMap((country) =>
      dialed.filter((number) => outcome(number, country) !== "emergency").map((number) => `${number} in ${country}`),
    );
    expect(allCountryCodes.length).toBeGreaterThan(200);
    expect(letThrough).toEqual([]);
  });

  it("is told apart by its own country, not by the default one", () => {
    expect(messageFor("+44 20 7946", "US")).toContain("too short for +44");
    expect(messageFor("555-01", "US")).toContain("too short for US");
  });

  it("is quoted, and the accepted form stands in the message", () => {
    expect(messageFor("555-0100")).toBe(
      '"555-0100" has no country; write it with its country code, such as +14155550123, or set default_country.',
    );
  });

  it("is quoted cut, on one line and without anything invisible", () => {
    const message = messageFor(`call\n- row 9 is fine\u202e\u001b[2J${"m".repeat(5000)}`, "US");
    expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(message.length).toBeLessThan(200);
  });

  it("is reported under the field that was asked for", () => {
    expect(parsePhoneNumber("x", "US", "Phone")).toMatchObject({ field: "Phone" });
    expect(parsePhoneNumber("x", "US")).toMatchObject({ field: "to_number" });
  });

  it("whatever the text, gets an answer: a well-formed number or an issue", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.constantFrom(undefined, "US", "GB"), (text, country) => {
        const parsed = parsePhoneNumber(text, country);
        if (isIssue(parsed)) expect(parsed.message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        else expect(parsed.e164).toMatch(/^\+[1-9]\d{6,14}$/);
      }),
    );
  });
});

describe("a number that is only compared", () => {
  it("may be one that is never called", () => {
    expect(parseE164("+1 900 555 0119")).toBe("+19005550119");
    expect(parseE164("+881 6 123 45678")).toBe("+881612345678");
    expect(parseE164("+1 555 555 0123")).toBe("+15555550123");
  });

  it("equals what the same text gives when it is called", () => {
    for (const text of [
      "(415) 555-0123",
      "tel:+1-415-555-0123",
      "14155550123",
      "+44 (0)20 7946 0123",
      "0044 20 7946 0123",
    ]) {
      expect(parseE164(text, "US")).toBe(outcome(text, "US"));
    }
  });

  it.each([
    ["", "empty"],
    ["call mom", "letters"],
    ["415 555 0123", "no_country"],
    ["+12", "too_short"],
    ["+1415555012345678", "too_long"],
    ["+1 415 555 0123 x5", "extension"],
  ])("%j is refused as %s", (text, code) => {
    expect(parseE164(text, undefined, "from_number")).toMatchObject({ field: "from_number", code });
  });
});

describe("a country code", () => {
  it("is two capitals that have a telephone plan", () => {
    expect(["US", "GB", "IN"].every(isCountryCode)).toBe(true);
    expect(["us", "UK", "XX", "USA", "", "constructor", "__proto__"].some(isCountryCode)).toBe(false);
  });
});
