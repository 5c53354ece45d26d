import { z } from "zod";
import { longestConsentText } from "../../domain/batch/consent.ts";
import {
  type CallingRules,
  type RetryRule,
  recipientClock,
  retryConditions,
  type Weekday,
  weekdays,
} from "../../domain/batch/plan.ts";
import { maxRecipients } from "../../domain/batch/recipients.ts";
import { closedDays, hasClosedDays, parseWeekday } from "../../domain/time/closed-days.ts";
import { emptyWindow } from "../../domain/time/quiet-hours.ts";
import { spellTimeOfDay } from "../../domain/time/time-spelling.ts";
import { answersWanted } from "./answers-wanted.ts";
import { moreFromNumbers } from "./caller-ids-input.ts";
import { asIn, instant, inWords, startAt, timezone, zoneName } from "./shapes.ts";
import { results } from "./standings.ts";
import { canary, stopWhen } from "./steering-input.ts";
import { toVoicemail, voicemail } from "./voicemail.ts";

const timeOfDay = () => z.string().overwrite(spellTimeOfDay).optional();

const task = () =>
  z.strictObject({
    to_number: z.string().describe("Such as +14155550123; national form needs default_country."),
    dynamic_variables: z.record(z.string(), z.string()).optional().describe("Texts for the agent's variables."),
    max_retries: z.int().min(0).max(10).optional().describe("Attempts after the first."),
    fallback_number: z.string().optional().describe("Called if not reached."),
    timezone: zoneName().optional().describe("Their IANA zone."),
    not_before: instant().optional().describe("Not called before: ISO 8601, on their clock."),
  });

const retryRule = () =>
  z.strictObject({
    condition: z.enum(retryConditions),
    enabled: z.boolean(),
    retry_timing: z
      .strictObject({
        type: z.enum(["AT", "AFTER"]),
        time: z.string().overwrite(spellTimeOfDay).optional(),
        duration_minutes: z.int().min(1).max(10_080).optional(),
      })
      .superRefine(checkTiming),
  });

/** Listed as text: a wrong one is answered with all of them. */
const weekday = () =>
  z
    .string()
    .overwrite((text) => parseWeekday(text) ?? text)
    .pipe(z.enum(weekdays));

type QuietInput = {
  readonly start_time?: string | undefined;
  readonly end_time?: string | undefined;
  readonly days?: readonly Weekday[] | undefined;
  readonly not_on?: readonly string[] | undefined;
  readonly holidays?: boolean | undefined;
};

/** Both times, or none of them where it is days that are not called. */
function checkQuiet(
  { start_time: start, end_time: end, days, not_on: dates, holidays }: QuietInput,
  context: z.RefinementCtx,
): void {
  const isNone = start === undefined && end === undefined;
  if (isNone && hasClosedDays(closedDays(days, dates, holidays))) return;
  const missing = [start === undefined && "start_time", end === undefined && "end_time"].filter(
    (field) => field !== false,
  );
  const message = isNone
    ? "Say when nobody is called: start_time and end_time (HH:MM), days, not_on or holidays."
    : "start_time and end_time go together; give both.";
  for (const field of missing)
    context.addIssue({ code: "custom", path: [field], message, params: { code: "required" } });
}

/** A column, or several: the numbers that are called in turn. */
export const columnChoices = () =>
  z.record(z.string(), z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]));

/** Some of the people of a batch, as an argument. */
const fromBatch = () =>
  inWords(
    z.strictObject({
      batch_id: z.string().min(1),
      outcomes: z.array(z.enum(results)).min(1).optional(),
    }),
    "Of an earlier batch: {batch_id, outcomes: [no_answer], else unreached}.",
  ).optional();

const days = () =>
  z
    .int()
    .refine((count) => count >= 1, { error: "Must be at least 1.", params: { code: "too_few" } })
    .optional();

/** People who are left out. */
const exclude = () =>
  inWords(
    z.strictObject({
      batch_ids: z.array(z.string().min(1)).min(1).optional(),
      called_within_days: days(),
      reached_within_days: days(),
    }),
    "Whom to leave out: {batch_ids, called_within_days, reached_within_days}.",
  ).optional();

/** Words of the user; in characters, no more than our service keeps. */
const consentText = (what: string) => z.string().trim().min(1).max(longestConsentText).optional().describe(what);

/** Where the people are that are to be called, and how that is read. */
const listSourceFields = () => ({
  tasks: z
    .array(task())
    .min(1)
    .max(maxRecipients)
    .optional()
    .describe("Exactly one of tasks, tasks_file, tasks_csv, list_id, from_batch."),
  tasks_file: z
    .string()
    .min(1)
    .optional()
    .describe("CSV or Excel file: name or path in a files folder, or upload:… (POST /uploads)."),
  tasks_csv: z.string().min(1).optional().describe("CSV text with its header."),
  list_id: z.string().min(1).optional().describe("From a preview or change_list."),
  from_batch: fromBatch(),
  exclude: exclude(),
  columns: columnChoices()
    .optional()
    .describe(
      "Columns for to_number (a second: fallback number), country, timezone, not_before, max_retries or a variable, if not found.",
    ),
  default_country: z.string().optional().describe("Of numbers without one, such as US."),
});

/** Arguments of `create_batch_call` and `preview_batch_call`, named as in the API where it has them. */
export const batchFields = () => ({
  name: z.string().min(1).max(255).describe("Name of the campaign."),
  agent_id: z.string().min(1).describe("From list_agents."),
  purpose: consentText("Why they are called."),
  consent_basis: consentText("What entitles to call them."),
  from_number: z.string().describe("From list_phone_numbers."),
  more_from_numbers: moreFromNumbers(),
  ...listSourceFields(),
  start: z.enum(["draft", "now", "at_time"]).optional().describe("Else draft: nobody is called until start_batch."),
  start_at: startAt(),
  timezone: timezone("For start_at and AT rules; else the server's."),
  retry_config: inWords(
    z.strictObject({ enabled: z.boolean(), max_attempts: z.int().min(1).max(10) }),
    "Unreached people are called again: {enabled: true, max_attempts: 3 (1 to 10, the first included)}; else one call each.",
  ).optional(),
  retry_rules: inWords(
    z.array(retryRule()),
    "When to call again; else after 60 minutes: [{condition: no_answer, busy, voicemail or failed, enabled, retry_timing: {type: AFTER, duration_minutes} or {type: AT, time: HH:MM in timezone}}].",
  ).optional(),
  answers_wanted: answersWanted(),
  voicemail: voicemail(),
  canary: canary(),
  stop_when: stopWhen(),
  quiet_hours: inWords(
    z
      .strictObject({
        enabled: z.boolean(),
        start_time: timeOfDay(),
        end_time: timeOfDay(),
        days: z.array(weekday()).optional(),
        not_on: z.array(z.string()).optional(),
        holidays: z.boolean().optional(),
        timezone: zoneName().optional(),
      })
      .superRefine(checkQuiet),
    'No calls then: {enabled: true, start_time: "21:00", end_time: "09:00" (may cross midnight), days: [saturday], not_on: [2026-12-25], holidays: true, timezone: IANA zone or recipient, else timezone}.',
  ).optional(),
});

/** The rules of a batch that exists: a block that is given takes the place of what it had. */
export const changedRules = () => {
  const {
    more_from_numbers,
    retry_config,
    retry_rules,
    quiet_hours,
    canary: first,
    stop_when,
    voicemail: onVoicemail,
  } = batchFields();
  return {
    more_from_numbers: asIn("create_batch_call", more_from_numbers),
    canary: asIn("create_batch_call", first),
    stop_when: asIn("create_batch_call", stop_when),
    retry_config: asIn("create_batch_call", retry_config),
    retry_rules: asIn("create_batch_call", retry_rules),
    quiet_hours: asIn("create_batch_call", quiet_hours),
    voicemail: asIn("create_batch_call", onVoicemail),
  };
};

const batchInput = z.strictObject(batchFields());
export type BatchInput = z.output<typeof batchInput>;
export type TaskInput = NonNullable<BatchInput["tasks"]>[number];

export type RulesInput = Pick<BatchInput, "retry_config" | "retry_rules" | "quiet_hours" | "voicemail"> & {
  readonly timezone?: string | undefined;
};

/** With `timezone: "recipient"` rules that name no other clock hold on each recipient's own. */
export function toCallingRules({
  retry_config: config,
  retry_rules: rules,
  quiet_hours: quiet,
  voicemail: onVoicemail,
  timezone,
}: RulesInput): CallingRules {
  const isLocal = timezone === recipientClock;
  const rule = toVoicemail(onVoicemail);
  const zone = quiet?.timezone ?? (isLocal ? recipientClock : undefined);
  return {
    ...(config && { retryConfig: { enabled: config.enabled, maxAttempts: config.max_attempts } }),
    ...(rules && { retryRules: rules.map((rule) => toRetryRule(rule, isLocal)) }),
    ...(rule && { voicemail: rule }),
    ...(quiet && {
      quietHours: {
        enabled: quiet.enabled,
        start: quiet.start_time ?? emptyWindow,
        end: quiet.end_time ?? emptyWindow,
        ...closedDays(quiet.days, quiet.not_on, quiet.holidays),
        ...(zone !== undefined && { zone }),
      },
    }),
  };
}

type RetryRuleInput = NonNullable<BatchInput["retry_rules"]>[number];

// `checkTiming` has seen to it that the value of the type is there.
function toRetryRule({ condition, enabled, retry_timing: timing }: RetryRuleInput, isLocal: boolean): RetryRule {
  return timing.type === "AT"
    ? { condition, enabled, timing: { kind: "at", time: timing.time ?? "", ...(isLocal && { zone: recipientClock }) } }
    : { condition, enabled, timing: { kind: "after", minutes: timing.duration_minutes ?? 0 } };
}

type TimingInput = {
  readonly type: "AT" | "AFTER";
  readonly time?: string | undefined;
  readonly duration_minutes?: number | undefined;
};

/** What the type of a timing asks for and does not have, or has and cannot use. */
function checkTiming(timing: TimingInput, context: z.RefinementCtx): void {
  const { type } = timing;
  const [needed, unused] =
    type === "AT" ? (["time", "duration_minutes"] as const) : (["duration_minutes", "time"] as const);
  const add = (field: string, code: string, message: string): void =>
    context.addIssue({ code: "custom", path: [field], message, params: { code } });
  if (timing[needed] === undefined) add(needed, "required", `Type ${type} needs ${needed}.`);
  if (timing[unused] !== undefined) add(unused, "contradiction", `Type ${type} does not take ${unused}; leave it out.`);
}
