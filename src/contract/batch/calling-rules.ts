import { z } from "zod";
import type { CallingRules } from "../../domain/batch/plan.ts";
import { type RecentExclusion, toRecentExclusion } from "../../domain/batch/recent-exclusion.ts";
import { longestMessage, type VoicemailRule, voicemailModes } from "../../domain/voicemail.ts";
import { anyCase, e164Shape, givenText, present } from "../fields.ts";
import { fromQuietHoursBody, quietHours, toQuietHoursBody } from "./quiet-hours.ts";
import {
  fromRetryConfigBody,
  fromRetryRuleBody,
  retryConfig,
  retryRules,
  toRetryConfigBody,
  toRetryRuleBody,
} from "./retries.ts";
import { fromCanaryBody, fromStopWhenBody, steeringFields, toCanaryBody, toStopWhenBody } from "./steering.ts";

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
