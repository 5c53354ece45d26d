import { describe, expect, it } from "vitest";
import { parsePhoneNumber } from "../../src/domain/phone/phone-number.ts";
import { type Issue, isIssue } from "../../src/domain/problem.ts";
import { type NumberPolicy, parseCountries, parseNumberTypes, refuseByPolicy } from "../../src/domain/start-policy.ts";

const policy: NumberPolicy = { countries: ["US", "GB"], types: ["fixed_line", "mobile", "fixed_line_or_mobile"] };

function refusal(text: string, by: NumberPolicy = policy): Issue | undefined {
  const parsed = parsePhoneNumber(text);
  if (isIssue(parsed)) throw new Error(`${text} is not callable at all: ${parsed.message}`);
  return refuseByPolicy(parsed, by);
}

describe("refuseByPolicy", () => {
  it.each(["+14155550123", "+442079460123", "+447400123456"])("lets %s through", (text) =>
    expect(refusal(text)).toBeUndefined(),
  );

  it("refuses another country, though its calling code is an allowed one, and names the setting", () => {
    expect(refusal("+18765550123")).toEqual({
      field: "to_number",
      code: "country_not_allowed",
      message:
        "This number is in JM; allowed is US, GB. The operator can change that with BATCH_CALL_ALLOWED_COUNTRIES.",
    });
  });

  it("refuses a type that is not allowed, and names the setting", () => {
    expect(refusal("+18005550123")).toEqual({
      field: "to_number",
      code: "number_type_not_allowed",
      message:
        "The type of this number is toll_free, which is not allowed. The operator can change that with BATCH_CALL_ALLOWED_NUMBER_TYPES.",
    });
    expect(refusal("+18005550123", { ...policy, types: ["toll_free"] })).toBeUndefined();
    expect(refusal("+14155550123", { ...policy, types: ["toll_free"] })?.code).toBe("number_type_not_allowed");
  });

  it("refuses everything where no country is allowed", () => {
    expect(refusal("+14155550123", { ...policy, countries: [] })?.message).toBe(
      "This number is in US; no country is allowed. The operator can change that with BATCH_CALL_ALLOWED_COUNTRIES.",
    );
  });

  it("refuses a number that tells no country", () => {
    const parsed = parsePhoneNumber("+14155550123");
    if (isIssue(parsed)) throw new Error(parsed.message);
    const { country: _, ...nowhere } = parsed;
    expect(refuseByPolicy(nowhere, policy, "phone")).toMatchObject({ field: "phone", code: "country_not_allowed" });
  });
});

describe("parseCountries", () => {
  it.each([
    ["US", ["US"]],
    ["US,CA", ["US", "CA"]],
    [" us , ca,us,", ["US", "CA"]],
  ])("reads %j", (text, countries) => expect(parseCountries(text)).toEqual(countries));

  it.each([
    ["", "Nothing is given."],
    [" , ", "Nothing is given."],
    ["US,UK", "Not known: UK."],
    ["+1", "Not known: +1."],
    ["US;CA", "Not known: US;CA."],
    ["USA,toString", "Not known: USA, TOSTRING."],
  ])("refuses %j", (text, complaint) => {
    expect(parseCountries(text)).toEqual({
      field: "BATCH_CALL_ALLOWED_COUNTRIES",
      code: "invalid_setting",
      message: `${complaint} Write country codes (ISO 3166-1 alpha-2) such as US,CA,GB, with commas between them.`,
    });
  });
});

describe("parseNumberTypes", () => {
  it.each([
    ["fixed", ["fixed_line", "fixed_line_or_mobile"]],
    ["mobile", ["mobile", "fixed_line_or_mobile"]],
    ["fixed, mobile", ["fixed_line", "fixed_line_or_mobile", "mobile"]],
    ["toll_free,voip,personal", ["toll_free", "voip", "personal_number"]],
  ])("reads %j", (text, types) => expect(parseNumberTypes(text)).toEqual(types));

  it.each([
    ["", "Nothing is given."],
    ["fixed,premium", "Not known: premium."],
    ["Mobile", "Not known: Mobile."],
  ])("refuses %j", (text, complaint) => {
    expect(parseNumberTypes(text)).toEqual({
      field: "BATCH_CALL_ALLOWED_NUMBER_TYPES",
      code: "invalid_setting",
      message: `${complaint} Write words of fixed, mobile, toll_free, voip, personal, with commas between them.`,
    });
  });
});
