import { describe, expect, it } from "vitest";
import { BareDigitsEvidence } from "../../../src/domain/phone/bare-digits-evidence.ts";
import type { BareDigits, NumberReading } from "../../../src/domain/phone/number-reading.ts";
import { parseEveryReading, parsePhoneNumber } from "../../../src/domain/phone/phone-number.ts";
import { parseRowCountry } from "../../../src/domain/phone/row-country.ts";
import { isIssue } from "../../../src/domain/problem.ts";

/** The number, or the code of the refusal. */
function outcome(text: string, reading: string | NumberReading): string {
  const parsed = parsePhoneNumber(text, reading);
  return isIssue(parsed) ? parsed.code : parsed.e164;
}

function verdictOf(cells: readonly string[], country: string): BareDigits | undefined {
  const evidence = new BareDigitsEvidence();
  for (const cell of cells) evidence.add(cell, { country });
  return evidence.verdict();
}

describe("digits that carry their own country code without a plus", () => {
  it("are refused with both readings where a national number is legal too", () => {
    const issue = parsePhoneNumber("49775591155", "DE");
    expect(issue).toMatchObject({ code: "ambiguous" });
    expect(isIssue(issue) && issue.message).toMatch(/\+4949775591155.*\+49775591155/);
  });

  it.each([
    ["national", "+4949775591155"],
    ["international", "+49775591155"],
    ["mixed", "ambiguous"],
  ] as const)("are read as the column says: %s", (bareDigits, expected) => {
    expect(outcome("49775591155", { country: "DE", bareDigits })).toBe(expected);
  });

  it("are read with it where no national number has as many digits, else refused with both", () => {
    expect(outcome("4917612345678", "DE")).toBe("+4917612345678");
    expect(outcome("38343201234", "XK")).toBe("ambiguous");
  });

  it("of another country are refused, unless the whole column has them", () => {
    expect(outcome("919600011957", "US")).toBe("too_long");
    expect(outcome("919600011957", { country: "US", bareDigits: "international" })).toBe("+919600011957");
  });
});

it.each([
  ["parentheses", `1${")".repeat(60_000)}`],
  ["spaces", `1\n${" ".repeat(60_000)}2`],
  ["line breaks", `0 1${" \n".repeat(30_000)}or`],
])("a cell of 60,000 %s is refused at once, and holds nobody up", (_, cell) => {
  expect(isIssue(parsePhoneNumber(cell, "DE"))).toBe(true);
});

it("a figure with every digit in it is judged as the number that it is", () => {
  expect(outcome("9.19600011957E+11", "IN")).toBe("+919600011957");
  expect(outcome("3.108207129E9", "IN")).not.toBe("spreadsheet_mangled");
  expect(outcome("2.02556E+09", "US")).toBe("spreadsheet_mangled");
});

describe("what a column says of its digits without a plus", () => {
  it.each([
    ["a column that lost its pluses", "DE", ["4917612345678", "4915123456789", "49 7755 91155"], "international"],
    ["a column of national numbers", "US", ["2025550101", "(239) 555-0168"], "national"],
    ["a town whose area code begins like its country's", "DE", ["492112345", "492112346"], undefined],
    ["both kinds", "DE", ["4917612345678", "3012345678"], "mixed"],
  ] as const)("%s", (_, country, cells, verdict) => {
    expect(verdictOf(cells, country)).toBe(verdict);
  });
});

describe("a country beside the number", () => {
  it.each([
    ["+44", "GB"],
    ["44", "GB"],
    ["0044", "GB"],
    ["GB", "GB"],
    ["GBR", "GB"],
    ["UK", "GB"],
    ["United Kingdom", "GB"],
    ["Deutschland", "DE"],
    ["Germany (+49)", "DE"],
    ["1-876", "JM"],
  ])("%s is understood", (cell, country) => {
    const beside = parseRowCountry(cell);
    const numbers: Readonly<Record<string, string>> = { GB: "2079460958", DE: "030 123456", JM: "8765550123" };
    const parsed = parsePhoneNumber(numbers[country] ?? "", { country: "US", ...(beside && { beside }) });
    expect(parsed).toMatchObject({ country });
  });

  it("is undefined for what is none", () => {
    expect(["", "999", "Bob", "+", "GBX"].map(parseRowCountry)).toEqual(Array(5).fill(undefined));
  });

  it("refuses a number that contradicts it", () => {
    expect(outcome("+12025550101", { beside: { kind: "calling_code", callingCode: "44" } })).toBe(
      "country_contradiction",
    );
  });
});

describe("a cell", () => {
  it.each([
    ["030 123456/57", "DE"],
    ["+49 30 123458 / 7", "DE"],
    ["0176 1 or 0171 2", "DE"],
    ["0176 12345670 or 0171 2345678", "DE"],
    ["0176 12345670, 0171 2345678", "DE"],
    ["0176 12345670; 0171 2345678", "DE"],
    ["0176 12345670\n0171 2345678", "DE"],
    ["+4917612345670 +491712345678", "DE"],
  ])("with two numbers is refused: %j", (text, country) => {
    expect(outcome(text, country)).toBe("two_numbers");
  });

  it.each([
    ["(+44) 20 7946 0958", "GB", "+442079460958"],
    [".+44 20 7946 0959", "GB", "+442079460959"],
    ["+5215512345678", "MX", "+525512345678"],
    ["044 55 1234 5679", "MX", "+525512345679"],
    ["045 55 1234 5670", "MX", "+525512345670"],
    ["01 55 1234 5671", "MX", "+525512345671"],
    ["+55 11 96123 4567", "BR", "+5511961234567"],
    ["+84 168 234 5678", "VN", "+84382345678"],
    ["9.19600011957E+11", "IN", "+919600011957"],
    ["4,155550123E9", "US", "+14155550123"],
    ["2.02556E+09", "US", "spreadsheet_mangled"],
    ["+493012345678901", "DE", "too_long"],
    ["030/123456", "DE", "+4930123456"],
  ])("with %j in a list of %s is %s", (text, country, expected) => {
    expect(outcome(text, country)).toBe(expected);
  });
});

describe("every reading of a text", () => {
  it("is what do-not-call keeps", () => {
    expect(parseEveryReading("49775591155", "DE")).toEqual(["+4949775591155", "+49775591155"]);
    expect(parseEveryReading("030 123456/57", "DE")).toEqual(["+4930123456", "+4930123457"]);
    expect(parseEveryReading("+15555550123")).toMatchObject({ code: "invalid" });
  });
});
