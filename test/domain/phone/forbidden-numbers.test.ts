import { readFileSync } from "node:fs";
import { getCountries, getCountryCallingCode } from "libphonenumber-js/max";
import examples from "libphonenumber-js/mobile/examples";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type ParsedPhoneNumber, parsePhoneNumber } from "../../../src/domain/phone/phone-number.ts";
import { type Issue, isIssue } from "../../../src/domain/problem.ts";
import { type NumberPolicy, parseNumberTypes, refuseByPolicy } from "../../../src/domain/start-policy.ts";

const file = new URL("../../fixtures/forbidden-numbers.json", import.meta.url);
const corpus = z
  .record(z.string(), z.record(z.string(), z.array(z.string())))
  .parse(JSON.parse(readFileSync(file, "utf8")));

const types = parseNumberTypes("fixed,mobile");
if (isIssue(types)) throw new Error(types.message);

/** The default policy, in the number's own country. */
function policyFor(country: string | undefined): NumberPolicy {
  return { countries: country === undefined ? [] : [country], types: isIssue(types) ? [] : types };
}

function refusal(text: string, country: string): Issue | undefined {
  const parsed = parsePhoneNumber(text, country);
  return isIssue(parsed) ? parsed : refuseByPolicy(parsed, policyFor(parsed.country));
}

const numbers = Object.entries(corpus).flatMap(([kind, lists]) =>
  Object.entries(lists).flatMap(([country, texts]) => texts.map((text) => ({ kind, country, text }))),
);

describe("a number that nobody means to call", () => {
  it.each([
    ["premium", "premium", 150],
    ["shared_cost", "shared_cost", 90],
    ["personal", "number_type_not_allowed", 50],
    ["pager", "number_type", 40],
    ["voicemail", "number_type", 20],
  ])("is refused for what it is: every %s number as %s", (kind, code, atLeast) => {
    const ofKind = numbers.filter((number) => number.kind === kind);
    const otherwise = ofKind.filter(({ text, country }) => refusal(text, country)?.code !== code);
    expect(otherwise.map((one) => ({ ...one, code: refusal(one.text, one.country)?.code }))).toEqual([]);
    expect(ofKind.length).toBeGreaterThanOrEqual(atLeast);
  });

  it.each([
    ["company_wide", 100],
    ["satellite", 40],
    ["emergency", 50],
    ["short_code", 40],
  ])("is refused in its own country: every %s number", (kind, atLeast) => {
    const ofKind = numbers.filter((number) => number.kind === kind);
    expect(ofKind.filter(({ text, country }) => refusal(text, country) === undefined)).toEqual([]);
    expect(ofKind.length).toBeGreaterThanOrEqual(atLeast);
  });

  it("is refused whatever country the list is from, when it is written in full or an emergency number", () => {
    const everywhere = numbers.filter(({ kind, text }) => text.startsWith("+") || kind === "emergency");
    const callable = everywhere.flatMap((number) =>
      ["US", "GB", "DE", "AT", "FR", "IN", "AU", "FI"]
        .filter((country) => refusal(number.text, country) === undefined)
        .map((country) => ({ ...number, country })),
    );
    expect(callable).toEqual([]);
  });
});

describe("a list for the United States and Canada", () => {
  const policy: NumberPolicy = { ...policyFor(undefined), countries: ["US", "CA"] };
  const others = getCountries().filter((code) => getCountryCallingCode(code) === "1" && code !== "US" && code !== "CA");
  const inEveryArea = Array.from({ length: 800 }, (_, index) => parsePhoneNumber(`+1${index + 200}5550123`));
  const callable = inEveryArea.filter((number): number is ParsedPhoneNumber => !isIssue(number));
  const allowed = callable.filter((number) => refuseByPolicy(number, policy) === undefined);

  it("reaches no other country from any area code", () => {
    expect(new Set(allowed.map(({ country }) => country))).toEqual(new Set(["US", "CA"]));
  });

  it.each(others)("does not reach %s, though its calling code is +1", (country) => {
    const number = parsePhoneNumber(`+1${examples[country]}`);
    expect(number).toMatchObject({ country });
    expect(isIssue(number) ? number : refuseByPolicy(number, policy)?.code).toBe("country_not_allowed");
  });

  it("reaches every ordinary area code of the two", () => {
    expect(allowed.length).toBeGreaterThan(380);
    expect(allowed.every(({ type }) => type === "fixed_line_or_mobile")).toBe(true);
  });
});
