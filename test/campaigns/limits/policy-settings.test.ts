import { expect, test } from "vitest";
import { parseSettings } from "../../../src/config/settings.ts";
import { limitsOf } from "../../../src/domain/start-policy.ts";

const parse = (env: Record<string, string> = {}) => parseSettings({ os: "linux", env, timezone: "UTC" });

function policyOf(env: Record<string, string> = {}) {
  const settings = parse(env);
  if ("errors" in settings) throw new Error(settings.errors.join("\n"));
  return settings.startPolicy;
}

test("without settings a person is asked, by day, for the caller id's country", () => {
  expect(policyOf()).toEqual({
    approval: "auto",
    hours: { start: "08:00", end: "21:00" },
    types: ["fixed_line", "fixed_line_or_mobile", "mobile"],
    minHoursBetweenBatches: 24,
    requiresConsent: false,
    limits: { maxRecipientsPerStart: 1000, maxRecipientsPerDay: 5000 },
  });
});

test("what the operator allows is read from words", () => {
  const policy = policyOf({
    BATCH_CALL_CALLING_HOURS: "09:00-24:00",
    BATCH_CALL_HOURS_PRESET: "marketing",
    BATCH_CALL_ALLOWED_COUNTRIES: "us, CA",
    BATCH_CALL_ALLOWED_NUMBER_TYPES: "mobile",
    BATCH_CALL_MAX_SPEND_PER_DAY: "12.50",
    BATCH_CALL_PRICE_PER_CALL: "0.05",
    BATCH_CALL_CURRENCY: "eur",
    BATCH_CALL_TEST_NUMBERS: "+1 415 555 0177, +442079460018,",
  });
  expect(policy).toMatchObject({
    hours: { start: "09:00", end: "24:00" },
    hoursPreset: "marketing",
    countries: ["US", "CA"],
    testNumbers: ["+14155550177", "+442079460018"],
    limits: { spend: { maxPerDay: 12.5, pricePerCall: 0.05, currency: "EUR" } },
  });
});

test.each([
  [{ BATCH_CALL_APPROVAL: "yes" }, /BATCH_CALL_APPROVAL: must be one of auto, form, host, policy/],
  [{ BATCH_CALL_CALLING_HOURS: "21:00-08:00" }, /BATCH_CALL_CALLING_HOURS: .* must end later than it starts/],
  [{ BATCH_CALL_HOURS_PRESET: "all" }, /BATCH_CALL_HOURS_PRESET: must be one of marketing, research/],
  [{ BATCH_CALL_ALLOWED_COUNTRIES: "Narnia" }, /BATCH_CALL_ALLOWED_COUNTRIES: Not known: NARNIA/],
  [{ BATCH_CALL_ALLOWED_NUMBER_TYPES: "premium" }, /BATCH_CALL_ALLOWED_NUMBER_TYPES: Not known: premium/],
  [{ BATCH_CALL_APPROVAL: "policy" }, /MAX_RECIPIENTS_PER_LAUNCH is missing.*\n.*MAX_RECIPIENTS_PER_DAY is missing/],
  [{ BATCH_CALL_MAX_SPEND_PER_DAY: "5" }, /BATCH_CALL_PRICE_PER_CALL is missing/],
  [{ BATCH_CALL_PRICE_PER_CALL: "5" }, /BATCH_CALL_MAX_SPEND_PER_DAY is missing/],
  [{ BATCH_CALL_TEST_NUMBERS: "+14155550177, 12" }, /BATCH_CALL_TEST_NUMBERS: "12" has no country/],
  [{ BATCH_CALL_CURRENCY: "EUR" }, /BATCH_CALL_PRICE_PER_CALL is missing: a currency/],
  [{ BATCH_CALL_CURRENCY: "dollars" }, /BATCH_CALL_CURRENCY: must be a currency code of ISO 4217 such as USD/],
])("%j is refused with what is accepted", (env, words) => {
  const settings = parse(env);
  expect("errors" in settings && settings.errors.join("\n")).toMatch(words);
});

test("host reaches less far than the operator's own limits, never further", () => {
  const set = (most: string) =>
    limitsOf(
      policyOf({
        BATCH_CALL_APPROVAL: "host",
        BATCH_CALL_MAX_RECIPIENTS_PER_LAUNCH: most,
        BATCH_CALL_MAX_RECIPIENTS_PER_DAY: most,
      }),
    );
  expect(set("1000")).toEqual({ maxRecipientsPerStart: 10, maxRecipientsPerDay: 50 });
  expect(set("3")).toEqual({ maxRecipientsPerStart: 3, maxRecipientsPerDay: 3 });
});
