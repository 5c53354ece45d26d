import { z } from "zod";
import { type RetryConfig, type RetryRule, recipientClock, retryConditions } from "../../domain/batch/plan.ts";
import { anyCase, present, timeOfDay } from "../fields.ts";
import { isOff, required } from "./rule-block.ts";

export const retryConfig = z
  .strictObject({
    enabled: z.boolean().nullish(),
    max_attempts: z.int().min(1).max(100).nullish().describe("Attempts in all, the first one included."),
  })
  .refine((config) => isOff(config) || config.max_attempts != null, { ...required, path: ["max_attempts"] });

const retryTiming = z
  .strictObject({
    type: anyCase(["at", "after"]),
    time: timeOfDay.nullish(),
    duration_minutes: z
      .int()
      .min(1)
      .max(60 * 24 * 30)
      .nullish(),
    timezone: anyCase([recipientClock]).nullish().meta({
      description: 'With AT: "recipient" for the clock of each recipient; that of the batch when absent.',
      "x-extension": true,
    }),
  })
  .refine(({ type, timezone }) => type === "at" || timezone == null, {
    error: 'Type "AFTER" takes no timezone; leave it out.',
    params: { code: "contradiction" },
    path: ["timezone"],
  })
  .transform(({ type, time, duration_minutes: minutes, timezone }, context): RetryRule["timing"] => {
    if (type === "at" && typeof time === "string") return { kind: "at", time, ...present({ zone: timezone }) };
    if (type === "after" && typeof minutes === "number") return { kind: "after", minutes };
    const [field, form] = type === "at" ? ["time", "HH:MM"] : ["duration_minutes", "whole minutes"];
    const message = `Type "${type.toUpperCase()}" needs ${field} (${form}).`;
    context.issues.push({ code: "custom", input: undefined, path: [field], message, params: { code: "required" } });
    return z.NEVER;
  });

const retryRule = z
  .strictObject({
    condition: anyCase(retryConditions).nullish(),
    enabled: z.boolean().nullish(),
    retry_timing: retryTiming.nullish(),
  })
  .refine((rule) => isOff(rule) || rule.condition != null, { ...required, path: ["condition"] })
  .refine((rule) => isOff(rule) || rule.retry_timing != null, { ...required, path: ["retry_timing"] });

export const retryRules = z
  .array(retryRule)
  .max(100)
  .refine((rules) => !hasTwice(rules.map(({ condition }) => condition)), {
    error: "Must hold one rule for each condition.",
    params: { code: "repeated_condition" },
  });

function hasTwice(conditions: readonly (string | null | undefined)[]): boolean {
  const named = conditions.filter((condition) => condition != null);
  return new Set(named).size < named.length;
}

export function toRetryConfigBody(config: RetryConfig | undefined) {
  return config && { enabled: config.enabled, max_attempts: config.maxAttempts };
}

export function toRetryRuleBody(rule: RetryRule): z.input<typeof retryRule> {
  const { condition, enabled, timing } = rule;
  const retry_timing =
    timing.kind === "at"
      ? { type: "AT", time: timing.time, ...present({ timezone: timing.zone }) }
      : { type: "AFTER", duration_minutes: timing.minutes };
  return { condition, enabled, retry_timing };
}

export function fromRetryConfigBody(config: z.output<typeof retryConfig>): RetryConfig | undefined {
  if (config.max_attempts == null) return undefined;
  return { enabled: config.enabled ?? false, maxAttempts: config.max_attempts };
}

/** What a rule that is off leaves out is filled in with anything: nobody is called by it. */
export function fromRetryRuleBody(rule: z.output<typeof retryRule>): RetryRule {
  const { condition, enabled, retry_timing: timing } = rule;
  return {
    condition: condition ?? "failed",
    enabled: enabled ?? true,
    timing: timing ?? { kind: "after", minutes: 60 },
  };
}
