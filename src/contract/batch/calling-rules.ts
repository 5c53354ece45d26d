import { z } from "zod";
import { type CallingRules, type QuietHours, type RetryRule, retryConditions } from "../../domain/batch/plan.ts";
import { anyCase, present, timeOfDay, zoneName } from "../fields.ts";

const retryConfig = z.object({
  enabled: z.boolean().nullish(),
  max_attempts: z.int().min(1).max(100).describe("Attempts in all, the first one included."),
});

const retryTiming = z
  .object({
    type: anyCase(["at", "after"]),
    time: timeOfDay.nullish(),
    duration_minutes: z
      .int()
      .min(1)
      .max(60 * 24 * 30)
      .nullish(),
  })
  .transform(({ type, time, duration_minutes: minutes }, context): RetryRule["timing"] => {
    if (type === "at" && typeof time === "string") return { kind: "at", time };
    if (type === "after" && typeof minutes === "number") return { kind: "after", minutes };
    const [field, form] = type === "at" ? ["time", "HH:MM"] : ["duration_minutes", "whole minutes"];
    const message = `Type "${type.toUpperCase()}" needs ${field} (${form}).`;
    context.issues.push({ code: "custom", input: undefined, path: [field], message, params: { code: "required" } });
    return z.NEVER;
  });

const retryRule = z.object({
  condition: anyCase(retryConditions),
  enabled: z.boolean().nullish(),
  retry_timing: retryTiming,
});

const retryRules = z
  .array(retryRule)
  .refine((rules) => new Set(rules.map((rule) => rule.condition)).size === rules.length, {
    error: "Must hold one rule for each condition.",
    params: { code: "repeated_condition" },
  });

const quietHours = z
  .object({ enabled: z.boolean().nullish(), start_time: timeOfDay, end_time: timeOfDay, timezone: zoneName.nullish() })
  .refine((hours) => hours.enabled === false || hours.start_time !== hours.end_time, {
    error: "start_time and end_time must differ; the window is [start_time, end_time) and may cross midnight.",
    params: { code: "empty_window" },
  });

/** The three fields of the newer create page; its examples are all that documents their children. */
export const callingRulesFields = {
  retry_config: retryConfig.nullish(),
  retry_rules: retryRules.nullish(),
  quiet_hours: quietHours.nullish(),
};

const callingRulesBody = z.object(callingRulesFields);
export type CallingRulesInput = z.input<typeof callingRulesBody>;

export function toCallingRulesBody(rules: CallingRules, batchZone: string): CallingRulesInput {
  const { retryConfig: config, retryRules, quietHours: hours } = rules;
  return present({
    retry_config: config && { enabled: config.enabled, max_attempts: config.maxAttempts },
    retry_rules: retryRules?.map(toRetryRuleBody),
    quiet_hours: hours && {
      enabled: hours.enabled,
      start_time: hours.start,
      end_time: hours.end,
      // The pages do not say which zone applies when none is given, so it is always written.
      timezone: hours.zone ?? batchZone,
    },
  });
}

function toRetryRuleBody(rule: RetryRule): z.input<typeof retryRule> {
  const { condition, enabled, timing } = rule;
  const retry_timing =
    timing.kind === "at" ? { type: "AT", time: timing.time } : { type: "AFTER", duration_minutes: timing.minutes };
  return { condition, enabled, retry_timing };
}

/**
 * Where `enabled` is left out, the reading that calls people less applies: quiet hours hold, retries need an explicit
 * `retry_config.enabled`. A rule that is listed counts as enabled.
 */
export function fromCallingRulesBody(body: z.output<typeof callingRulesBody>): CallingRules {
  const { retry_config: config, retry_rules: rules, quiet_hours: hours } = body;
  return present({
    retryConfig: config && { enabled: config.enabled ?? false, maxAttempts: config.max_attempts },
    retryRules: rules?.map(fromRetryRuleBody),
    quietHours: hours && fromQuietHoursBody(hours),
  });
}

function fromRetryRuleBody(rule: z.output<typeof retryRule>): RetryRule {
  return { condition: rule.condition, enabled: rule.enabled ?? true, timing: rule.retry_timing };
}

function fromQuietHoursBody(hours: z.output<typeof quietHours>): QuietHours {
  const zone = present({ zone: hours.timezone });
  return { enabled: hours.enabled ?? true, start: hours.start_time, end: hours.end_time, ...zone };
}
