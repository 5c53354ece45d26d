import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkStartLimits, costOfStart, type StartFigures, type StartLimits } from "../../src/domain/start-policy.ts";

const limits: StartLimits = {
  maxRecipientsPerStart: 1000,
  maxRecipientsPerDay: 5000,
  spend: { maxPerDay: 100, pricePerCall: 0.1 },
};
const figures: StartFigures = { recipients: 300, maxAttempts: 3, startedToday: 4700, spentToday: 10 };

function rulesBroken(changed: Partial<StartFigures>): readonly string[] {
  return checkStartLimits({ ...figures, ...changed }, limits).map(({ rule }) => rule);
}

describe("checkStartLimits", () => {
  it("lets a launch through that just reaches every limit", () => {
    expect(rulesBroken({})).toEqual([]);
    expect(rulesBroken({ recipients: 1000, maxAttempts: 1, startedToday: 4000, spentToday: 0 })).toEqual([]);
  });

  it.each([
    ["a list that is too long", { recipients: 1001, startedToday: 0, maxAttempts: 0 }, ["recipients_per_launch"]],
    ["one recipient too many for the day", { startedToday: 4701 }, ["recipients_per_day"]],
    ["a cent too much for the day", { spentToday: 10.01 }, ["spend_per_day"]],
    ["attempts that cost too much", { maxAttempts: 4 }, ["spend_per_day"]],
    ["everything at once", { recipients: 1001 }, ["recipients_per_launch", "recipients_per_day", "spend_per_day"]],
    ["a count that is none", { startedToday: Number.NaN }, ["recipients_per_day"]],
  ])("refuses %s", (_, changed, rules) => expect(rulesBroken(changed)).toEqual(rules));

  it("holds no spend to a limit where none is set", () => {
    const { spend: _, ...withoutSpend } = limits;
    expect(checkStartLimits({ ...figures, maxAttempts: 10, spentToday: 1e9 }, withoutSpend)).toEqual([]);
  });

  it("says the rule, the setting, the figures and how things stand", () => {
    const launch = { recipients: 1200, maxAttempts: 2, startedToday: 4000, spentToday: 0 };
    expect(checkStartLimits(launch, limits)).toEqual([
      {
        rule: "recipients_per_launch",
        setting: "BATCH_CALL_MAX_RECIPIENTS_PER_LAUNCH",
        limit: 1000,
        used: 0,
        wanted: 1200,
        message:
          "This launch has 1,200 recipients; at most 1,000 are allowed in one. The operator can change that with BATCH_CALL_MAX_RECIPIENTS_PER_LAUNCH.",
      },
      {
        rule: "recipients_per_day",
        setting: "BATCH_CALL_MAX_RECIPIENTS_PER_DAY",
        limit: 5000,
        used: 4000,
        wanted: 1200,
        message:
          "This launch has 1,200 recipients and 4,000 were launched today; at most 5,000 are allowed in a day. The operator can change that with BATCH_CALL_MAX_RECIPIENTS_PER_DAY.",
      },
      {
        rule: "spend_per_day",
        setting: "BATCH_CALL_MAX_SPEND_PER_DAY",
        limit: 100,
        used: 0,
        wanted: 240,
        message:
          "This launch may cost 240 and 0 may be spent today; at most 100 is allowed in a day. The operator can change that with BATCH_CALL_MAX_SPEND_PER_DAY.",
      },
    ]);
  });

  it("never lets launches exceed a limit, however they are cut", () => {
    const launches = fc.array(
      fc.record({ recipients: fc.integer({ min: 1, max: 1500 }), maxAttempts: fc.integer({ min: 1, max: 5 }) }),
    );
    fc.assert(
      fc.property(launches, (wanted) => {
        let [startedToday, spentToday] = [0, 0];
        for (const { recipients, maxAttempts } of wanted) {
          if (checkStartLimits({ recipients, maxAttempts, startedToday, spentToday }, limits).length > 0) continue;
          expect(recipients).toBeLessThanOrEqual(1000);
          startedToday += recipients;
          spentToday += costOfStart(recipients, maxAttempts, 0.1);
        }
        expect(startedToday).toBeLessThanOrEqual(5000);
        expect(spentToday).toBeLessThanOrEqual(100 + 1e-6);
      }),
    );
  });
});

describe("costOfStart", () => {
  it.each([
    [3, 1, 0.1, 0.3],
    [10, 3, 0.07, 2.1],
    [1000, 3, 0.0125, 37.5],
    [0, 3, 1, 0],
  ])("of %i recipients, %i attempts each at %d is %d", (recipients, attempts, price, cost) =>
    expect(costOfStart(recipients, attempts, price)).toBe(cost),
  );
});
