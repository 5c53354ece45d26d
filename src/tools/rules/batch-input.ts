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
import { instant, inWords, startAt, timezone, zoneName } from "../arguments/shapes.ts";
import { results } from "../calls/standings.ts";
import { answersWanted } from "./answers-wanted.ts";
import { moreFromNumbers } from "./caller-ids-input.ts";
import { canary, stopWhen } from "./steering-input.ts";
import { toVoicemail, voicemail } from "./voicemail.ts";

const timeOfDay = () => z.string().overwrite(spellTimeOfDay).optional();

const task = () =>
  z.strictObject({
    to_number: z.string().describe("Such as +14155550123."),
    dynamic_variables: z.record(z.string(), z.string()).optional().describe("For the agent."),
    max_retries: z.int().min(0).max(10).optional().describe("Attempts after the first."),
    fallback_number: z.string().optional().describe("Called if not reached."),
    timezone: zoneName().optional().describe("Their IANA zone."),
    not_before: instant().optional().describe("ISO 8601, on their clock."),
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
export const columnChoices = (description: string) =>
  inWords(z.record(z.string(), z.union([z.string().min(1), z.array(z.string().min(1)).min(1)])), description);

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
    .describe("This or tasks_file, tasks_csv, list_id or from_batch."),
  tasks_file: z
    .string()
    .min(1)
    .optional()
    .describe("CSV or Excel file: name or path in a files folder, or upload:… (POST /uploads)."),
  tasks_csv: z.string().min(1).optional().describe("CSV text with its header."),
  list_id: z.string().min(1).optional().describe("Of any answer."),
  from_batch: fromBatch(),
  exclude: exclude(),
  columns: columnChoices(
    "Columns not found: {to_number: Mobile or [Mobile, Home], country, timezone, not_before, max_retries or a variable}.",
  ).optional(),
  default_country: z.string().optional().describe("Of numbers without one, such as US."),
});

/** Arguments of `create_batch_call` and `preview_batch_call`, named as in the API where it has them. */
export const batchFields = () => ({
  name: z.string().min(1).max(255).describe("Of the campaign."),
  agent_id: z.string().min(1).describe("From list_agents."),
  purpose: consentText("Why they are called."),
  consent_basis: consentText("What entitles to call them."),
  from_number: z.string().describe("From list_phone_numbers."),
  more_from_numbers: moreFromNumbers(),
  ...listSourceFields(),
  start: z.enum(["draft", "now", "at_time"]).optional().describe("Else draft: nobody is called until start_batch."),
  start_at: startAt(),
  timezone: timezone("For start_at, AT rules; else the server's."),
  retry_config: inWords(
    z
      .strictObject({ enabled: z.boolean(), max_attempts: z.int().min(1).max(10).optional() })
      .refine(({ enabled, max_attempts: most }) => !enabled || most !== undefined, {
        path: ["max_attempts"],
        message: "Is missing: how often a number is called at most, the first call included. Write 2 to 10.",
      }),
    "{enabled: true, max_attempts: 3 (1 to 10, first included)}; else one call each.",
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
    "No calls then: {enabled: true, start_time: 21:00, end_time: 09:00, days: [saturday], not_on: [2026-12-25], holidays: true, timezone: zone or recipient}.",
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
    more_from_numbers: inWords(more_from_numbers, "Besides from_number, which stays; [] for none."),
    canary: inWords(first, "{count, pause_if}; {}: none."),
    stop_when: inWords(stop_when, "{calls, spend or at}; {}: none."),
    retry_config: inWords(retry_config, "{enabled, max_attempts}."),
    retry_rules: inWords(retry_rules, "[{condition, enabled, retry_timing}]."),
    quiet_hours: inWords(quiet_hours, "{enabled, start_time, end_time}."),
    voicemail: inWords(onVoicemail, "{mode, message}."),
  };
};

/** The arguments of `batchFields` in a few words each, for a tool that sends its reader to `create_batch_call` for the rest. */
export const briefBatchFields = () => {
  const fields = batchFields();
  return {
    name: inWords(fields.name, "Of the campaign."),
    agent_id: inWords(fields.agent_id, "From list_agents."),
    purpose: inWords(fields.purpose, "Why they are called."),
    consent_basis: inWords(fields.consent_basis, "What entitles to call."),
    from_number: inWords(fields.from_number, "From list_phone_numbers."),
    more_from_numbers: inWords(fields.more_from_numbers, "Others; the nearest calls."),
    tasks: inWords(fields.tasks, "[{to_number}], or file, csv or list."),
    tasks_file: inWords(fields.tasks_file, "CSV or Excel: name or upload:…."),
    tasks_csv: inWords(fields.tasks_csv, "With a header."),
    list_id: inWords(fields.list_id, "Of any answer."),
    from_batch: inWords(fields.from_batch, "{batch_id, outcomes}."),
    exclude: inWords(fields.exclude, "{batch_ids, called_within_days}."),
    columns: inWords(fields.columns, "{to_number: Mobile}, if not found."),
    default_country: inWords(fields.default_country, "Such as US."),
    start: inWords(fields.start, "When calls begin."),
    start_at: inWords(fields.start_at, "For at_time: 2026-02-20T13:00."),
    timezone: inWords(fields.timezone, "IANA zone, or recipient."),
    retry_config: inWords(fields.retry_config, "{enabled, max_attempts}."),
    retry_rules: inWords(fields.retry_rules, "[{condition, enabled, retry_timing}]."),
    answers_wanted: inWords(fields.answers_wanted, "[{name, meaning, choices}]."),
    voicemail: inWords(fields.voicemail, "If one picks up: {mode, message}."),
    canary: inWords(fields.canary, "First: {count, pause_if}."),
    stop_when: inWords(fields.stop_when, "Ends it: {calls, spend or at}."),
    quiet_hours: inWords(fields.quiet_hours, "{enabled, start_time, end_time}."),
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
    ...(config && { retryConfig: { enabled: config.enabled, maxAttempts: config.max_attempts ?? 1 } }),
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
