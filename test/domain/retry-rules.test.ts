import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Outcome, outcomes } from "../../src/domain/batch/batch.ts";
import type { CallingRules, RetryCondition, RetryRule } from "../../src/domain/batch/plan.ts";
import {
  afterAttempt,
  allowedAttempts,
  isRetryCondition,
  type RetryDecision,
  retryInputIssues,
  toMovedRetriesTexts,
  toRetriesText,
} from "../../src/domain/retry-rules.ts";

function waitRule(condition: RetryCondition, minutes: number, enabled = true): RetryRule {
  return { condition, enabled, timing: { kind: "after", minutes } };
}

function timeRule(condition: RetryCondition, time: string): RetryRule {
  return { condition, enabled: true, timing: { kind: "at", time } };
}

function attempts(maxAttempts: number, retryRules?: readonly RetryRule[]): CallingRules {
  return { retryConfig: { enabled: true, maxAttempts }, ...(retryRules && { retryRules }) };
}

describe("allowedAttempts", () => {
  const three = attempts(3);
  const off = { retryConfig: { enabled: false, maxAttempts: 3 } };
  it.each<[string, CallingRules, number | undefined, number]>([
    ["one without any retry setting", {}, undefined, 1],
    ["one when retries are switched off", off, undefined, 1],
    ["one when there are only rules", { retryRules: [waitRule("busy", 5)] }, undefined, 1],
    ["max_attempts, the first included", three, undefined, 3],
    ["max_retries and the first", {}, 2, 3],
    ["max_retries and the first when retries are switched off", off, 4, 5],
    ["only the first for max_retries 0", three, 0, 1],
    ["the smaller one of both: max_retries", three, 1, 2],
    ["the smaller one of both: max_attempts", three, 9, 3],
  ])("is %s", (_, rules, maxRetries, expected) => expect(allowedAttempts(rules, maxRetries)).toBe(expected));
});

const endedAt = new Date("2026-02-20T05:00:00Z");

function decide(outcome: Outcome, attemptNumber: number, rules: CallingRules, maxRetries?: number): RetryDecision {
  const ofRecipient = maxRetries === undefined ? {} : { maxRetries };
  return afterAttempt({ outcome, attemptNumber, endedAt, rules, batchZone: "Asia/Calcutta", ...ofRecipient });
}

describe("afterAttempt ends a call", () => {
  it.each<[string, Outcome, number, CallingRules, string]>([
    ["when it was answered", "answered", 1, attempts(3), "answered"],
    ["after the only attempt", "busy", 1, {}, "busy on attempt 1 of 1"],
    ["after the last attempt", "no_answer", 3, attempts(3), "no answer on attempt 3 of 3"],
    ["after more attempts than a later edit allows", "voicemail", 3, attempts(2), "voicemail on attempt 3 of 2"],
    [
      "without a rule for the outcome",
      "busy",
      1,
      attempts(3, [waitRule("no_answer", 5)]),
      "busy on attempt 1 of 3; no rule retries after busy",
    ],
    [
      "when its only rule is switched off",
      "busy",
      1,
      attempts(3, [waitRule("busy", 5, false)]),
      "busy on attempt 1 of 3; no rule retries after busy",
    ],
  ])("%s", (_, outcome, attemptNumber, rules, reason) => {
    const status = outcome === "answered" ? "completed" : "failed";
    expect(decide(outcome, attemptNumber, rules)).toEqual({ kind: "final", status, reason });
  });
});

describe("afterAttempt retries", () => {
  it.each<[string, Outcome, CallingRules, number | undefined, string, string]>([
    [
      "after the minutes of the rule",
      "busy",
      attempts(3, [waitRule("no_answer", 5), waitRule("busy", 120)]),
      undefined,
      "2026-02-20T07:00:00Z",
      "attempt 2 of 3 after busy, 12:30 in Asia/Calcutta",
    ],
    [
      "at the time of the rule, in the batch's zone",
      "no_answer",
      attempts(3, [timeRule("no_answer", "13:00")]),
      undefined,
      "2026-02-20T07:30:00Z",
      "attempt 2 of 3 after no answer, 13:00 in Asia/Calcutta",
    ],
    [
      "the next day when the time is past",
      "no_answer",
      attempts(3, [timeRule("no_answer", "10:00")]),
      undefined,
      "2026-02-21T04:30:00Z",
      "attempt 2 of 3 after no answer, 10:00 in Asia/Calcutta",
    ],
    [
      "the next day when it is that time now",
      "no_answer",
      attempts(3, [timeRule("no_answer", "10:30")]),
      undefined,
      "2026-02-21T05:00:00Z",
      "attempt 2 of 3 after no answer, 10:30 in Asia/Calcutta",
    ],
    [
      "after an hour without any rule",
      "failed",
      attempts(2),
      undefined,
      "2026-02-20T06:00:00Z",
      "attempt 2 of 2 after a failed call, 11:30 in Asia/Calcutta",
    ],
    [
      "after an hour with an empty list of rules",
      "voicemail",
      attempts(2, []),
      undefined,
      "2026-02-20T06:00:00Z",
      "attempt 2 of 2 after voicemail, 11:30 in Asia/Calcutta",
    ],
    [
      "by the recipient's own number",
      "busy",
      {},
      3,
      "2026-02-20T06:00:00Z",
      "attempt 2 of 4 after busy, 11:30 in Asia/Calcutta",
    ],
    [
      "by the recipient's own number and the rules",
      "busy",
      { retryRules: [waitRule("busy", 30)] },
      3,
      "2026-02-20T05:30:00Z",
      "attempt 2 of 4 after busy, 11:00 in Asia/Calcutta",
    ],
  ])("%s", (_, outcome, rules, maxRetries, dueAt, reason) => {
    expect(decide(outcome, 1, rules, maxRetries)).toEqual({ kind: "retry", dueAt: new Date(dueAt), reason });
  });

  it("at a wall time even when clocks change in between", () => {
    const rules = attempts(3, [timeRule("busy", "13:00")]);
    const evening = { outcome: "busy", attemptNumber: 1, endedAt: new Date("2026-03-28T17:00:00Z"), rules } as const;
    expect(afterAttempt({ ...evening, batchZone: "Europe/Berlin" })).toMatchObject({
      dueAt: new Date("2026-03-29T11:00:00Z"),
    });
  });

  it("never more often than allowed, strictly later each time, and always comes to an end", () => {
    const timing: fc.Arbitrary<RetryRule["timing"]> = fc.oneof(
      fc.record({ kind: fc.constant("after" as const), minutes: fc.integer({ min: 1, max: 10080 }) }),
      fc.record({ kind: fc.constant("at" as const), time: fc.constantFrom("00:00", "02:30", "13:00", "23:59") }),
    );
    const rule = fc.record({
      condition: fc.constantFrom<RetryCondition[]>("no_answer", "busy", "voicemail", "failed"),
      enabled: fc.boolean(),
      timing,
    });
    const retryConfig = fc.record({ enabled: fc.boolean(), maxAttempts: fc.integer({ min: 1, max: 10 }) });
    const life = fc.record({
      rules: fc.record({ retryConfig, retryRules: fc.array(rule, { maxLength: 4 }) }),
      results: fc.array(fc.constantFrom(...outcomes), { minLength: 11, maxLength: 11 }),
      maxRetries: fc.nat(9),
    });
    fc.assert(
      fc.property(life, ({ rules, results, maxRetries }) => {
        const allowed = allowedAttempts(rules, maxRetries);
        let endedAt = new Date("2026-03-27T12:00:00Z");
        let last: RetryDecision | undefined;
        let made = 0;
        for (const outcome of results) {
          made += 1;
          last = afterAttempt({ outcome, attemptNumber: made, endedAt, rules, maxRetries, batchZone: "Europe/Berlin" });
          if (last.kind === "final") break;
          expect(last.dueAt.getTime()).toBeGreaterThan(endedAt.getTime());
          endedAt = last.dueAt;
        }
        expect(made).toBeLessThanOrEqual(allowed);
        expect(last?.kind).toBe("final");
        const wasAnswered = results[made - 1] === "answered";
        expect(last).toMatchObject({ status: wasAnswered ? "completed" : "failed" });
      }),
    );
  });
});

describe("retryInputIssues", () => {
  it.each([
    ["no settings", {}],
    [
      "the smallest and largest numbers",
      { ...attempts(1), retryRules: [waitRule("busy", 1), waitRule("failed", 10080)] },
    ],
    [
      "a rule for each condition",
      attempts(10, [timeRule("no_answer", "13:00"), timeRule("busy", "00:00"), waitRule("voicemail", 120)]),
    ],
  ])("has none for %s", (_, input) => expect(retryInputIssues(input)).toEqual([]));

  it.each([0, 11, -1, 1.5, Number.NaN])("refuses %s attempts", (maxAttempts) => {
    expect(retryInputIssues(attempts(maxAttempts))).toEqual([
      {
        field: "retry_config.max_attempts",
        code: "out_of_range",
        message: `${maxAttempts} is not a whole number from 1 to 10.`,
      },
    ]);
  });

  it("lists everything that is wrong, each with its place", () => {
    const retryRules = [
      waitRule("busy", 0),
      { ...waitRule("busy", 10081), condition: "hung_up" },
      timeRule("no_answer", "1 pm"),
      waitRule("busy", 5, false),
    ];
    expect(retryInputIssues({ ...attempts(11), retryRules })).toMatchObject([
      { field: "retry_config.max_attempts", code: "out_of_range" },
      { field: "retry_rules[0].retry_timing.duration_minutes", code: "out_of_range" },
      {
        field: "retry_rules[1].condition",
        code: "unknown_condition",
        message: '"hung_up" is not a retry condition. Write one of no_answer, busy, voicemail, failed.',
      },
      { field: "retry_rules[1].retry_timing.duration_minutes", code: "out_of_range" },
      { field: "retry_rules[2].retry_timing.time", code: "invalid_time_of_day" },
      {
        field: "retry_rules[3].condition",
        code: "repeated_condition",
        message: 'retry_rules[0] already is the rule for "busy". Keep one rule for each condition.',
      },
    ]);
  });
});

describe("isRetryCondition", () => {
  it("holds for every outcome but an answer", () => {
    expect(outcomes.filter(isRetryCondition)).toEqual(["no_answer", "busy", "voicemail", "failed"]);
    expect(isRetryCondition("hung_up")).toBe(false);
  });
});

describe("toRetriesText", () => {
  it("speaks of numbers where somebody has a second one", () => {
    expect(toRetriesText({}, 1, true)).toBe("Each number is called once");
    expect(toRetriesText(attempts(3), 3, true)).toMatch(/^Each number is called up to 3 times: /);
  });

  it.each<[CallingRules, number, string]>([
    [{}, 1, "Each is called once"],
    [attempts(3), 3, "Each is called up to 3 times: 60 minutes after a call that nobody answered"],
    [
      attempts(3, [waitRule("no_answer", 60), timeRule("busy", "13:00"), waitRule("failed", 5, false)]),
      3,
      "Each is called up to 3 times: after no answer 60 minutes later, after busy at 13:00; not again after voicemail or a call that failed",
    ],
    [
      attempts(2, [
        waitRule("no_answer", 1),
        waitRule("busy", 1),
        waitRule("voicemail", 1),
        timeRule("failed", "09:00"),
      ]),
      2,
      "Each is called up to 2 times: after no answer 1 minute later, after busy 1 minute later, after voicemail 1 minute later, after a call that failed at 09:00",
    ],
    [
      attempts(2, [waitRule("busy", 5, false)]),
      2,
      "Each is called once; not again after no answer or busy or voicemail or a call that failed",
    ],
  ])("says %j, %i attempts", (rules, most, words) => expect(toRetriesText(rules, most)).toBe(words));
});

describe("toMovedRetriesTexts", () => {
  const at = (time: string, zone?: "recipient"): readonly RetryRule[] => [
    { condition: "busy", enabled: true, timing: { kind: "at", time, ...(zone && { zone }) } },
    waitRule("failed", 5),
  ];
  const quiet = (start: string, end: string, zone?: string) => ({
    quietHours: { enabled: true, start, end, ...(zone !== undefined && { zone }) },
  });
  const moved = "falls into the hours without calls and is made at";
  it.each<[string, CallingRules, readonly string[]]>([
    [
      "within them",
      { retryRules: at("13:00"), ...quiet("12:00", "15:30") },
      [`A retry at 13:00 ${moved} 15:30 in Asia/Tokyo`],
    ],
    [
      "over midnight",
      { retryRules: at("06:10"), ...quiet("21:00", "09:00", "Asia/Tokyo") },
      [`A retry at 06:10 ${moved} 09:00 in Asia/Tokyo`],
    ],
    [
      "on the recipient's clock",
      { retryRules: at("06:10", "recipient"), ...quiet("21:00", "09:00", "recipient") },
      [`A retry at 06:10 ${moved} 09:00 on their own clock`],
    ],
    [
      "on two clocks",
      { retryRules: at("13:00"), ...quiet("12:00", "15:30", "recipient") },
      ["A retry at 13:00 in Asia/Tokyo that falls into the hours without calls is made at 15:30 on their own clock"],
    ],
    ["at their end", { retryRules: at("15:30"), ...quiet("12:00", "15:30") }, []],
    ["outside of them", { retryRules: at("11:59"), ...quiet("12:00", "15:30") }, []],
    [
      "where they are off",
      { retryRules: at("13:00"), quietHours: { enabled: false, start: "12:00", end: "15:30" } },
      [],
    ],
    [
      "where they close days alone",
      { retryRules: at("00:00"), quietHours: { enabled: true, start: "00:00", end: "00:00", days: ["sunday"] } },
      [],
    ],
    ["without any", { retryRules: at("13:00") }, []],
  ])("a time of day %s", (_what, rules, texts) => {
    expect(toMovedRetriesTexts(rules, "Asia/Tokyo", 3)).toEqual(texts);
    expect(toMovedRetriesTexts(rules, "Asia/Tokyo", 1)).toEqual([]);
  });
});
