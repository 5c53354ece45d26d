import { z } from "zod";
import { type Batch, batchStatuses, type HeldByCalls, waitKinds } from "../../domain/batch/batch.ts";
import { type CallerIdShare, goneFromNumbers } from "../../domain/batch/caller-ids.ts";
import { type Grant, isApprovalChannel } from "../../domain/batch/grant.ts";
import type { CallingRules } from "../../domain/batch/plan.ts";
import {
  answerCountsBody,
  answersWantedBody,
  fromAnswersWantedBody,
  toAnswerCountsBody,
  toAnswersWantedBody,
} from "../call-answers.ts";
import { isObject, unwrap } from "../envelope.ts";
import {
  anyCase,
  maybeCount,
  maybeFlag,
  maybeInstant,
  maybeNumber,
  maybeText,
  present,
  toWireTime,
} from "../fields.ts";
import type { BatchProgress, BatchRecord } from "../records.ts";
import { buildPath, routes } from "../routes.ts";
import { excludeBody, fromExcludeBody, fromVoicemailBody, toExcludeBody, voicemailBody } from "./calling-rules.ts";
import { toConsent } from "./create-batch.ts";
import { grantReading, shownGrantBody, toShownGrantBody } from "./grant.ts";
import { fromHeldRulesBody, heldRulesFields, toHeldRulesBody } from "./held-rules.ts";
import { fromShownSteering, shownSteeringBody, steeringReading, toShownSteering } from "./steering.ts";

const count = z.int().nonnegative();
const countsBody = z.object({
  total: count,
  pending: count,
  calling: count,
  completed: count,
  failed: count,
  unknown: count,
  cancelled: count,
});
const costBody = z.object({ amount: z.number(), unit: z.string().optional(), calls: count });
const outcomesBody = z.object({ answered: count, no_answer: count, busy: count, voicemail: count, failed: count });
const heldByCallsBody = z.object({
  batch_call_id: z.string().min(1).describe("Whose call it was."),
  recipients: z.int().min(0),
  first_timestamp: z.int(),
  last_timestamp: z.int(),
});
type HeldByCallsBody = z.infer<typeof heldByCallsBody>;

const waitsBody = z.partialRecord(z.enum(waitKinds), count);
const lineWaitBody = z.object({ reason: z.string(), until_timestamp: z.int() });
const instantMs = z.int().nullable().describe("Unix timestamp in milliseconds.");

/** Who made the batch, in the words of both create pages. A service that knows keys only has no person to name. */
const accessInfo = z.object({
  creator_name: z.string(),
  creator_image_url: z.string().nullable(),
  user_id: z.string(),
  session_id: z.string().nullable(),
});

const callerIdBody = z.object({ from_number: z.string(), recipients: count });

/** The batch object as our service writes it; the fields after `paused_at` are extensions. */
export const batchBody = z.object({
  batch_call_id: z.string(),
  name: z.string(),
  from_number: z.string(),
  scheduled_timestamp: instantMs,
  total_task_count: count,
  agent_id: z.string().nullable().describe("Null for a draft that was given none."),
  organization_id: z.string(),
  status: z.enum(batchStatuses),
  error: z.string().nullable(),
  total: count,
  sent: count.describe("Recipients who were dialed at least once."),
  picked_up: count.describe("Recipients whose last attempt was answered, by a person or by voicemail."),
  completed: count.describe("Recipients whose call was answered."),
  timezone: z.string(),
  last_sent_timestamp: instantMs,
  tasks_url: z.url(),
  created_timestamp: z.int(),
  access_info: accessInfo,
  is_paused: z.boolean(),
  paused_at: instantMs,
  state_version: count.describe("Another after each pause, hold, stop, start and change of time."),
  held_reason: z.string().optional(),
  not_before_local: z.string().optional().describe("Wall time before which nobody is called on their own clock."),
  purpose: z.string().optional().describe("Why these people are called."),
  consent_basis: z.string().optional().describe("What entitles the account to call them."),
  counts: countsBody,
  outcomes: outcomesBody,
  opted_out: count.describe("Recipients who asked on the phone not to be called any more, or may have."),
  do_not_call: count.describe("Recipients who are not called because of the do-not-call list."),
  excluded: count.describe("Recipients who are not called because another batch called, or reached, them lately."),
  exclude: excludeBody.optional().describe("Whom it leaves out right before each call."),
  voicemail: voicemailBody.optional().describe("What follows when a voicemail picks up."),
  ...heldRulesFields,
  calls_per_minute: count,
  may_still_ring: count
    .optional()
    .describe("Calls with the provider that are not known to ring yet: no pause takes them back."),
  next_attempt_timestamp: instantMs,
  waits_for: waitsBody
    .optional()
    .describe("How many recipients wait for what; told of one batch, and not in a list of them."),
  line_wait: lineWaitBody
    .optional()
    .describe(
      "Where recipients wait for a line because of a limit of the carrier: what it said, and until when they do.",
    ),
  held_by_calls: z
    .array(heldByCallsBody)
    .optional()
    .describe("Who waits since another batch reached their number, by that batch; not in lists of batches."),
  answers: answerCountsBody.optional().describe("What recipients answered; not in lists of batches."),
  costs: z
    .array(costBody)
    .optional()
    .describe("What its calls cost so far, by unit, as far as the carrier tells; not in lists of batches."),
  answers_wanted: answersWantedBody.optional(),
  steering: shownSteeringBody
    .optional()
    .describe("Of a batch with a canary, a condition of its end or a pace of its own."),
  campaign_id: z.string().optional().describe("The campaign that it is a part of."),
  more_from_numbers: z.array(z.string()).optional().describe("Caller ids besides from_number."),
  gone_from_numbers: z
    .array(z.string())
    .optional()
    .describe(
      "Caller ids that the account did not have when they were tried last: others call instead, if there are any.",
    ),
  caller_ids: z
    .array(callerIdBody)
    .optional()
    .describe(
      "All of them, where there are several, and how many recipients each is nearest to; not in lists of batches.",
    ),
  duplicates_removed: count,
  content_digest: z.string().describe("Names everything that decides who is called, what is said, how often and when."),
  max_attempts: count.describe("The most attempts that any recipient gets by the rules."),
  grant: shownGrantBody
    .nullable()
    .describe("The last agreement to its calls; no recipient is dialed without an open one."),
});
export type BatchBody = z.infer<typeof batchBody>;

/**
 * `nextAttemptAt` is absent where nothing brings the next attempt by itself at a known time. `origin` is where whoever
 * reads this reached the service.
 */
export function toBatchBody(
  batch: BatchRecord & { readonly rules: CallingRules },
  progress: BatchProgress & { readonly nextAttemptAt?: Date; readonly grant?: Grant },
  origin: string,
): BatchBody {
  const { counts, outcomes, grant } = progress;
  return {
    batch_call_id: batch.id,
    name: batch.name,
    from_number: batch.fromNumber,
    scheduled_timestamp: toMaybeTime(batch.scheduledAt),
    total_task_count: counts.total,
    agent_id: batch.agentId === "" ? null : batch.agentId,
    organization_id: batch.organizationId,
    status: batch.status,
    error: null,
    total: counts.total,
    sent: progress.sent,
    picked_up: outcomes.answered + outcomes.voicemail,
    completed: counts.completed,
    timezone: batch.timezone,
    last_sent_timestamp: toMaybeTime(batch.lastDialAt),
    tasks_url: `${origin}${buildPath(routes.listTasks, { id: batch.id })}`,
    created_timestamp: toWireTime(batch.createdAt),
    access_info: {
      creator_name: "API key",
      creator_image_url: null,
      user_id: batch.organizationId,
      session_id: null,
    },
    is_paused: batch.isPaused,
    paused_at: toMaybeTime(batch.pausedAt),
    state_version: batch.stateVersion,
    ...present({ held_reason: batch.heldReason, not_before_local: batch.notBeforeLocal }),
    ...present({ purpose: batch.consent?.purpose, consent_basis: batch.consent?.basis }),
    counts,
    outcomes,
    opted_out: progress.optedOut,
    do_not_call: progress.doNotCall,
    excluded: progress.excluded,
    ...present({
      exclude: batch.rules.exclude && toExcludeBody(batch.rules.exclude),
      voicemail: batch.rules.voicemail,
    }),
    ...toHeldRulesBody(batch.rules, batch.timezone),
    calls_per_minute: progress.callsPerMinute,
    ...present({
      may_still_ring: progress.mayStillRing,
      answers: progress.answers && toAnswerCountsBody(progress.answers),
      costs: progress.costs?.map((cost) => ({ ...cost })),
      answers_wanted: batch.answersWanted && toAnswersWantedBody(batch.answersWanted),
      steering: toShownSteering(batch, progress),
      campaign_id: batch.campaignId,
      more_from_numbers: batch.rules.moreFromNumbers && [...batch.rules.moreFromNumbers],
      gone_from_numbers: goneFromNumbers(batch),
    }),
    next_attempt_timestamp: toMaybeTime(progress.nextAttemptAt),
    duplicates_removed: batch.duplicatesRemoved,
    content_digest: batch.contentDigest,
    max_attempts: batch.maxAttempts,
    grant: grant ? toShownGrantBody(grant) : null,
  };
}

function toMaybeTime(instant: Date | undefined): number | null {
  return instant ? toWireTime(instant) : null;
}

// Rows of lists and the older pages' answers carry few of the fields; only these three are on every page.
const batchReading = z.object({
  batch_call_id: z.string().min(1),
  name: z.string(),
  status: anyCase(batchStatuses),
  total_task_count: maybeCount,
  total: maybeCount,
  is_paused: maybeFlag,
  paused_at: maybeInstant,
  state_version: maybeCount,
  held_reason: maybeText,
  agent_id: maybeText,
  from_number: maybeText,
  timezone: maybeText,
  scheduled_timestamp: maybeInstant,
  not_before_local: maybeText,
  purpose: maybeText,
  consent_basis: maybeText,
  created_timestamp: maybeInstant,
  created_at: maybeInstant,
  counts: countsBody.nullish().catch(undefined),
  outcomes: outcomesBody.nullish().catch(undefined),
  opted_out: maybeCount,
  do_not_call: maybeCount,
  excluded: maybeCount,
  exclude: excludeBody.nullish().catch(undefined),
  voicemail: voicemailBody.nullish().catch(undefined),
  answers_wanted: answersWantedBody.nullish().catch(undefined),
  answers: answerCountsBody.nullish().catch(undefined),
  steering: steeringReading,
  campaign_id: maybeText,
  more_from_numbers: z.array(z.string()).nullish().catch(undefined),
  gone_from_numbers: z.array(z.string()).nullish().catch(undefined),
  caller_ids: z.array(callerIdBody).nullish().catch(undefined),
  costs: z.array(costBody).nullish().catch(undefined),
  calls_per_minute: maybeNumber,
  may_still_ring: maybeCount,
  next_attempt_timestamp: maybeInstant,
  waits_for: waitsBody.nullish().catch(undefined),
  line_wait: lineWaitBody.nullish().catch(undefined),
  held_by_calls: z.array(heldByCallsBody).nullish().catch(undefined),
  duplicates_removed: maybeCount,
  content_digest: maybeText,
  max_attempts: maybeCount,
  grant: grantReading,
});

/** Reads a batch in any of the documented forms; undefined when the answer is not a whole batch. */
export function fromBatchBody(body: unknown): Batch | undefined {
  const reading = batchReading.safeParse(unwrap(body));
  if (!reading.success) return undefined;
  const row = reading.data;
  const total = row.total_task_count ?? row.total ?? row.counts?.total;
  if (total === undefined) return undefined;
  return {
    batchId: row.batch_call_id,
    name: row.name,
    status: row.status,
    total,
    isPaused: row.is_paused ?? false,
    ...present({
      pausedAt: row.paused_at,
      stateVersion: row.state_version,
      heldReason: row.held_reason,
      agentId: row.agent_id,
      fromNumber: row.from_number,
      timezone: row.timezone,
      scheduledAt: row.scheduled_timestamp,
      notBeforeLocal: row.not_before_local,
      consent: toConsent(row),
      createdAt: row.created_timestamp ?? row.created_at,
      counts: row.counts,
      outcomes: row.outcomes,
      optedOut: row.opted_out,
      doNotCall: row.do_not_call,
      excluded: row.excluded,
      exclude: fromExcludeBody(row.exclude),
      voicemail: fromVoicemailBody(row.voicemail),
      heldRules: fromHeldRulesBody(unwrap(body)),
      answersWanted: fromAnswersWantedBody(row.answers_wanted),
      costs: row.costs?.map(({ amount, calls, unit }) => ({ amount, calls, ...present({ unit }) })),
      answers: row.answers ? { recipients: row.outcomes?.answered ?? 0, byName: row.answers } : undefined,
      steered: fromShownSteering(row.steering),
      campaignId: row.campaign_id,
      moreFromNumbers: row.more_from_numbers,
      goneFromNumbers: row.gone_from_numbers,
      callerIds: row.caller_ids?.map(({ from_number, recipients }) => ({
        fromNumber: from_number,
        people: recipients,
      })),
      callsPerMinute: row.calls_per_minute,
      mayStillRing: row.may_still_ring,
      nextAttemptAt: row.next_attempt_timestamp,
      waitsFor: row.waits_for,
      lineWait: row.line_wait && { reason: row.line_wait.reason, until: new Date(row.line_wait.until_timestamp) },
      heldByCalls: row.held_by_calls?.map(fromHeldByCallsBody),
      duplicatesRemoved: row.duplicates_removed,
      contentDigest: row.content_digest,
      maxAttempts: row.max_attempts,
      grant: row.grant && toGrantView(row.grant),
      agreedUntil: row.grant ? toAgreedUntil(row.grant) : undefined,
    }),
  };
}

function toGrantView({
  grant_id: grantId,
  state,
  channel,
  resumable_until: resumableUntil,
}: NonNullable<z.output<typeof grantReading>>) {
  return { grantId, state, channel, ...present({ resumableUntil }) };
}

export function toCallerIdsBody(shares: readonly CallerIdShare[]): NonNullable<BatchBody["caller_ids"]> {
  return shares.map(({ fromNumber, people }) => ({ from_number: fromNumber, recipients: people }));
}

export function toHeldByCallsBody({ batchId, recipients, first, last }: HeldByCalls): HeldByCallsBody {
  return {
    batch_call_id: batchId,
    recipients,
    first_timestamp: toWireTime(first),
    last_timestamp: toWireTime(last),
  };
}

function fromHeldByCallsBody(body: HeldByCallsBody): HeldByCalls {
  return {
    batchId: body.batch_call_id,
    recipients: body.recipients,
    first: new Date(body.first_timestamp),
    last: new Date(body.last_timestamp),
  };
}

function toAgreedUntil({ state, channel, last_timestamp: lastAt }: NonNullable<z.output<typeof grantReading>>) {
  return state !== "ended" && isApprovalChannel(channel) ? lastAt : undefined;
}

/** Data of the answer to execute. */
export function toExecutionBody(batchId: string, startedAt: Date) {
  return { batch_call_id: batchId, status: "sent", execution_started_at: startedAt.toISOString() } as const;
}

/** True for an answer that speaks of one batch, even when it tells little of it. */
export function hasBatchId(body: unknown): boolean {
  const data = unwrap(body);
  return isObject(data) && typeof data.batch_call_id === "string";
}
