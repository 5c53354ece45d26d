import { z } from "zod";
import type { HeldRules } from "../../domain/batch/batch.ts";
import {
  type CallingRules,
  type QuietHours,
  type RetryConfig,
  type RetryRule,
  recipientClock,
  retryConditions,
  type Weekday,
  weekdays,
} from "../../domain/batch/plan.ts";
import { type RecentExclusion, toRecentExclusion } from "../../domain/batch/recent-exclusion.ts";
import { closedDays, hasClosedDays, mostDates } from "../../domain/time/closed-days.ts";
import { emptyWindow } from "../../domain/time/quiet-hours.ts";
import { longestMessage, type VoicemailRule, voicemailModes } from "../../domain/voicemail.ts";
import { anyCase, calendarDate, e164Shape, givenText, present, timeOfDay, zoneOrRecipient } from "../fields.ts";
import { fromCanaryBody, fromStopWhenBody, steeringFields, toCanaryBody, toStopWhenBody } from "./steering.ts";

/** A block that says of itself that it is off; nothing else of it has to be there. */
function isOff({ enabled }: { readonly enabled?: boolean | null | undefined }): boolean {
  return enabled === false;
}

const required = { error: "This field is required, unless enabled is false.", params: { code: "required" } };

const retryConfig = z
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

const retryRules = z
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

const noneLeft = { error: "Must leave a day on which somebody is called.", params: { code: "no_calling_time" } };

function isAnyLeft(days: readonly Weekday[]): boolean {
  return new Set(days).size < weekdays.length;
}

const quietHours = z
  .strictObject({
    enabled: z.boolean().nullish(),
    start_time: timeOfDay.nullish(),
    end_time: timeOfDay.nullish(),
    timezone: zoneOrRecipient.nullish().describe('IANA zone; "recipient" (an extension): the clock of each recipient.'),
    days: z.array(anyCase(weekdays)).refine(isAnyLeft, noneLeft).nullish().meta({
      description: "Weekdays on which nobody is called, on that clock. With days or dates, both times may be absent.",
      "x-extension": true,
    }),
    not_on: z.array(calendarDate).max(mostDates).nullish().meta({
      description: "Dates on which nobody is called, YYYY-MM-DD on that clock.",
      "x-extension": true,
    }),
    holidays: z.boolean().nullish().meta({
      description:
        "True: nobody is called on a public holiday of the country of their number, on their own calendar. National ones, as the date-holidays library of this service knows them: advisory. Both times may be absent.",
      "x-extension": true,
    }),
  })
  .refine((hours) => isOff(hours) || hours.start_time != null || closesDaysOnly(hours), {
    ...required,
    path: ["start_time"],
  })
  .refine((hours) => isOff(hours) || hours.end_time != null || closesDaysOnly(hours), {
    ...required,
    path: ["end_time"],
  })
  .refine((hours) => isOff(hours) || hours.start_time == null || hours.start_time !== hours.end_time, {
    error: "start_time and end_time must differ; the window is [start_time, end_time) and may cross midnight.",
    params: { code: "empty_window" },
  });

/** Says which days are not called, and no times. */
function closesDaysOnly({ start_time: start, end_time: end, days, not_on: dates, holidays }: QuietHoursBody): boolean {
  return start == null && end == null && hasClosedDays(closedDays(days, dates, holidays));
}

type QuietHoursBody = {
  readonly start_time?: string | null | undefined;
  readonly end_time?: string | null | undefined;
  readonly days?: readonly Weekday[] | null | undefined;
  readonly not_on?: readonly string[] | null | undefined;
  readonly holidays?: boolean | null | undefined;
};

/** Caller ids of a batch besides its first. */
const mostMoreNumbers = 99;

/** In bodies that create or change a batch; none where it is []. */
const callerIdsField = {
  more_from_numbers: z
    .array(e164Shape)
    .max(mostMoreNumbers)
    .refine((numbers) => new Set(numbers).size === numbers.length, {
      error: "Must name each number once.",
      params: { code: "repeated" },
    })
    .nullish()
    .meta({
      description:
        "Caller ids besides from_number, each with its own starts per second. Everybody is called from the nearest: of their country, then their clock and area code, then in this order. One without room gives way to the next of the recipient's country, or where none is, to any. A retry keeps the number of the first call.",
      "x-extension": true,
    }),
};

/** Ids that an exclusion may name: a retry of linked batches names all of them. */
const mostExceptions = 1000;

export const excludeBody = z.strictObject({
  called_within_days: z.int().min(1).nullish().describe("Whoever another batch called in so many times 24 hours."),
  reached_within_days: z
    .int()
    .min(1)
    .nullish()
    .describe(
      "Whoever another batch reached in them: a call that was answered, met a voicemail, goes on, or ended as nobody knows.",
    ),
  except_batch_ids: z
    .array(givenText().min(1))
    .max(mostExceptions)
    .nullish()
    .describe("Batches whose calls do not count."),
});

export const voicemailBody = z
  .strictObject({
    mode: anyCase(voicemailModes).describe(
      "retry: as retry_rules say. accept: nobody is called again after a voicemail. leave_message: the carrier speaks `message`, and whoever got it is not called again; where it could not, as retry_rules say.",
    ),
    message: givenText()
      .max(longestMessage)
      .nullish()
      .describe("{{name}} stands for a variable; who has no value for it is left no message."),
  })
  .refine(({ mode, message }) => (mode === "leave_message") === (message != null && message.trim() !== ""), {
    error: 'Mode "leave_message" needs a message, and the other modes take none.',
    params: { code: "contradiction" },
    path: ["message"],
  });

/** The three fields of the newer create page, whose examples are all that documents their children, and what we add. */
export const callingRulesFields = {
  retry_config: retryConfig.nullish(),
  retry_rules: retryRules.nullish(),
  quiet_hours: quietHours.nullish(),
  voicemail: voicemailBody.nullish().meta({
    description: "What follows when a voicemail picks up.",
    "x-extension": true,
  }),
  exclude: excludeBody.nullish().meta({
    description:
      "Looked at right before each call, by any number of the recipient: who is excluded then is not called, with the reason `excluded`. The batch's own calls exclude nobody. Without days, nobody is.",
    "x-extension": true,
  }),
  ...steeringFields,
  ...callerIdsField,
};

/** The same in a change of a batch that exists, where the API has none of them. */
export const changedRulesFields = {
  retry_config: callingRulesFields.retry_config.meta({ "x-extension": true }),
  retry_rules: callingRulesFields.retry_rules.meta({ "x-extension": true }),
  quiet_hours: callingRulesFields.quiet_hours.meta({ "x-extension": true }),
  voicemail: callingRulesFields.voicemail,
  exclude: callingRulesFields.exclude,
  ...steeringFields,
  ...callerIdsField,
};

const callingRulesBody = z.object(callingRulesFields);
export type CallingRulesInput = z.input<typeof callingRulesBody>;

export function toCallingRulesBody(rules: CallingRules, batchZone: string): CallingRulesInput {
  const { retryConfig: config, retryRules, quietHours: hours } = rules;
  return present({
    retry_config: toRetryConfigBody(config),
    retry_rules: retryRules?.map(toRetryRuleBody),
    // The pages do not say which zone applies when none is given, so it is always written.
    quiet_hours: hours && toQuietHoursBody(hours, batchZone),
    voicemail: rules.voicemail,
    exclude: rules.exclude && toExcludeBody(rules.exclude),
    canary: rules.canary && toCanaryBody(rules.canary),
    stop_when: rules.stopWhen && toStopWhenBody(rules.stopWhen),
    more_from_numbers: rules.moreFromNumbers && [...rules.moreFromNumbers],
  });
}

/** Undefined where there are none. */
function fromMoreNumbers(numbers: readonly string[] | null | undefined): readonly string[] | undefined {
  return numbers && numbers.length > 0 ? numbers : undefined;
}

/** Undefined where none was given. */
export function fromVoicemailBody(body: z.output<typeof voicemailBody> | null | undefined): VoicemailRule | undefined {
  if (!body) return undefined;
  const { mode, message } = body;
  return mode === "leave_message" ? { mode, message: message ?? "" } : { mode };
}

export function toExcludeBody(exclude: RecentExclusion): z.input<typeof excludeBody> {
  const { calledWithinDays, reachedWithinDays, exceptBatchIds } = exclude;
  return present({
    called_within_days: calledWithinDays,
    reached_within_days: reachedWithinDays,
    except_batch_ids: exceptBatchIds && [...exceptBatchIds],
  });
}

/** Undefined where it names no days. */
export function fromExcludeBody(body: z.output<typeof excludeBody> | null | undefined): RecentExclusion | undefined {
  return toRecentExclusion(
    {
      calledWithinDays: body?.called_within_days ?? undefined,
      reachedWithinDays: body?.reached_within_days ?? undefined,
    },
    body?.except_batch_ids ?? [],
  );
}

function toRetryConfigBody(config: RetryConfig | undefined) {
  return config && { enabled: config.enabled, max_attempts: config.maxAttempts };
}

function toQuietHoursBody({ enabled, start, end, zone, ...closed }: QuietHours, batchZone: string | undefined) {
  // Two equal times would be refused as a slip.
  const { days, notOn, holidays } = closed;
  const window = start === end ? {} : { start_time: start, end_time: end };
  return {
    enabled,
    ...window,
    ...present({ timezone: zone ?? batchZone }),
    ...(days && { days: [...days] }),
    ...(notOn && { not_on: [...notOn] }),
    ...(holidays && { holidays }),
  };
}

function toRetryRuleBody(rule: RetryRule): z.input<typeof retryRule> {
  const { condition, enabled, timing } = rule;
  const retry_timing =
    timing.kind === "at"
      ? { type: "AT", time: timing.time, ...present({ timezone: timing.zone }) }
      : { type: "AFTER", duration_minutes: timing.minutes };
  return { condition, enabled, retry_timing };
}

/**
 * Where `enabled` is left out, the reading that calls people less applies: quiet hours hold, retries need an explicit
 * `retry_config.enabled`. A rule that is listed counts as enabled. A block that is off and says nothing else is as good
 * as absent; rules that are all off still say that nobody is called again.
 */
export function fromCallingRulesBody(body: z.output<typeof callingRulesBody>): CallingRules {
  const { retry_config: config, retry_rules: rules, quiet_hours: hours, voicemail, exclude } = body;
  return present({
    retryConfig: config ? fromRetryConfigBody(config) : undefined,
    retryRules: rules?.map(fromRetryRuleBody),
    quietHours: hours ? fromQuietHoursBody(hours) : undefined,
    voicemail: fromVoicemailBody(voicemail),
    exclude: fromExcludeBody(exclude),
    canary: fromCanaryBody(body.canary),
    stopWhen: fromStopWhenBody(body.stop_when),
    moreFromNumbers: fromMoreNumbers(body.more_from_numbers),
  });
}

const heldBlock = z.looseObject({}).nullable();
const heldRules = z.array(z.looseObject({})).nullable();

/** Rules of a batch as our service shows them, in the form in which they are given; null for those that it has not. */
export const heldRulesFields = {
  retry_config: heldBlock.optional().describe("As it was given; null where there is none."),
  retry_rules: heldRules.optional().describe("The same."),
  quiet_hours: heldBlock.optional().describe("The same."),
};

/** See `heldRulesFields`; `batchZone` stands where quiet hours name no zone. */
export function toHeldRulesBody(rules: CallingRules, batchZone: string) {
  const { retry_config = null, retry_rules = null, quiet_hours = null } = toCallingRulesBody(rules, batchZone);
  return {
    retry_config,
    retry_rules: retry_rules && [...retry_rules],
    quiet_hours,
  };
}

const heldRulesReading = z.object({
  retry_config: callingRulesFields.retry_config.catch(undefined),
  retry_rules: callingRulesFields.retry_rules.catch(undefined),
  quiet_hours: callingRulesFields.quiet_hours.catch(undefined),
});

/** Of an answer those of the three that it tells in a form that can be read; undefined where it tells none. */
export function fromHeldRulesBody(body: unknown): HeldRules | undefined {
  const told = heldRulesReading.safeParse(body).data ?? {};
  const { retryConfig = null, retryRules = null, quietHours = null } = fromCallingRulesBody(told);
  const held = {
    ...(told.retry_config !== undefined && { retryConfig }),
    ...(told.retry_rules !== undefined && { retryRules }),
    ...(told.quiet_hours !== undefined && { quietHours }),
  };
  return Object.keys(held).length > 0 ? held : undefined;
}

/** Rules as they are read back where they were sent for a batch in that zone and nothing was changed. */
export function toHeldRules(rules: CallingRules, batchZone: string): HeldRules {
  return fromHeldRulesBody(toHeldRulesBody(rules, batchZone)) ?? {};
}

/** A change of rules: a block that is absent stays as it is, one that is off and says nothing else is taken out. */
export type RulesPatch = { readonly [Block in keyof CallingRules]?: CallingRules[Block] | undefined };

/** Undefined where a body says nothing of rules. */
export function fromChangedRulesBody(body: z.output<typeof callingRulesBody>): RulesPatch | undefined {
  const { retry_config: config, retry_rules: rules, quiet_hours: hours, voicemail, exclude, canary } = body;
  const { stop_when: stopWhen, more_from_numbers: more } = body;
  const blocks = [config, rules, hours, voicemail, exclude, canary, stopWhen, more];
  if (blocks.every((block) => block == null)) return undefined;
  const said = fromCallingRulesBody(body);
  return {
    ...(config != null && { retryConfig: said.retryConfig }),
    ...(rules != null && { retryRules: rules.length > 0 ? said.retryRules : undefined }),
    ...(hours != null && { quietHours: said.quietHours }),
    ...(voicemail != null && { voicemail: said.voicemail }),
    ...(exclude != null && { exclude: said.exclude }),
    ...(canary != null && { canary: said.canary }),
    ...(stopWhen != null && { stopWhen: said.stopWhen }),
    ...(more != null && { moreFromNumbers: said.moreFromNumbers }),
  };
}

/** A block that is taken out is written as off. */
export function toChangedRulesBody(patch: RulesPatch, batchZone: string | undefined): CallingRulesInput {
  const off = { enabled: false };
  const { quietHours } = patch;
  // Without a zone of either, the batch's own is the service's to fill in.
  const hours = quietHours && toQuietHoursBody(quietHours, batchZone);
  return {
    ...("retryConfig" in patch && { retry_config: toRetryConfigBody(patch.retryConfig) ?? off }),
    ...("retryRules" in patch && { retry_rules: patch.retryRules?.map(toRetryRuleBody) ?? [] }),
    ...("quietHours" in patch && { quiet_hours: hours ?? off }),
    ...(patch.voicemail && { voicemail: patch.voicemail }),
    ...("exclude" in patch && { exclude: toExcludeBody(patch.exclude ?? {}) }),
    ...("canary" in patch && { canary: patch.canary ? toCanaryBody(patch.canary) : {} }),
    ...("stopWhen" in patch && { stop_when: toStopWhenBody(patch.stopWhen ?? {}) }),
    ...("moreFromNumbers" in patch && { more_from_numbers: [...(patch.moreFromNumbers ?? [])] }),
  };
}

/** The rules after a change. */
export function withRules(rules: CallingRules, patch: RulesPatch): CallingRules {
  return present({ ...rules, ...patch });
}

function fromRetryConfigBody(config: z.output<typeof retryConfig>): RetryConfig | undefined {
  if (config.max_attempts == null) return undefined;
  return { enabled: config.enabled ?? false, maxAttempts: config.max_attempts };
}

/** What a rule that is off leaves out is filled in with anything: nobody is called by it. */
function fromRetryRuleBody(rule: z.output<typeof retryRule>): RetryRule {
  const { condition, enabled, retry_timing: timing } = rule;
  return {
    condition: condition ?? "failed",
    enabled: enabled ?? true,
    timing: timing ?? { kind: "after", minutes: 60 },
  };
}

function fromQuietHoursBody(hours: z.output<typeof quietHours>): QuietHours | undefined {
  const { enabled, timezone: zone, days, not_on: dates, holidays } = hours;
  const { start_time: start, end_time: end } = closesDaysOnly(hours)
    ? { start_time: emptyWindow, end_time: emptyWindow }
    : hours;
  if (start == null || end == null) return undefined;
  return { enabled: enabled ?? true, start, end, ...present({ zone }), ...closedDays(days, dates, holidays) };
}
