import type { CallDetails, DoNotCallEntry } from "../../contract/records.ts";
import type { Answer, AnswerWanted } from "../../domain/batch/answers.ts";
import { batchStatuses, outcomes, taskStatuses } from "../../domain/batch/batch.ts";
import type { GoneCallerIds } from "../../domain/batch/caller-ids.ts";
import type { Consent } from "../../domain/batch/consent.ts";
import { type Grant, grantChannels, grantStates } from "../../domain/batch/grant.ts";
import type { CallingRules } from "../../domain/batch/plan.ts";
import type { Steering } from "../../domain/batch/steering.ts";
import type { BatchChange } from "./batch-store.ts";
import type { BatchRules } from "./dial-store.ts";
import type { AttemptState, StoredAttempt, StoredBatch, StoredTask } from "./records.ts";

const attemptStates = ["claimed", "starting", "placed", "ended"] as const satisfies readonly AttemptState[];

export function toBatch(row: Row): StoredBatch {
  return known({
    id: text(row, "id"),
    organizationId: text(row, "organization_id"),
    name: text(row, "name"),
    fromNumber: text(row, "from_number"),
    agentId: text(row, "agent_id"),
    timezone: text(row, "timezone"),
    status: oneOf(row, "status", batchStatuses),
    isPaused: whole(row, "is_paused") === 1,
    pausedAt: optional(row, "paused_at", instant),
    stateVersion: whole(row, "state_version"),
    heldReason: optional(row, "held_reason", text),
    answersWanted: optional(row, "answers_wanted_json", readWanted),
    steering: optional(row, "steering_json", readSteering),
    campaignId: optional(row, "campaign_id", text),
    goneCallerIds: optional(row, "gone_caller_ids_json", readGone),
    scheduledAt: optional(row, "scheduled_at", instant),
    notBeforeLocal: optional(row, "not_before_local", text),
    consent: readConsent(row),
    startedAt: optional(row, "started_at", instant),
    lastDialAt: optional(row, "last_dial_at", instant),
    rules: readRules(text(row, "rules_json")),
    duplicatesRemoved: whole(row, "duplicates_removed"),
    createdAt: instant(row, "created_at"),
    updatedAt: instant(row, "updated_at"),
    listDigest: text(row, "list_digest"),
    maxAttempts: whole(row, "max_attempts"),
    contentDigest: text(row, "content_digest"),
    grantId: optional(row, "grant_id", text),
    agreedUntil: optional(row, "agreed_until", instant),
  });
}

function readConsent(row: Row): Consent | undefined {
  const consent = known({ purpose: optional(row, "purpose", text), basis: optional(row, "consent_basis", text) });
  return Object.keys(consent).length > 0 ? consent : undefined;
}

type Clearable =
  | "answersWanted"
  | "steering"
  | "goneCallerIds"
  | "consent"
  | "pausedAt"
  | "heldReason"
  | "scheduledAt"
  | "notBeforeLocal";
/** A batch in which an edit may have cleared optional fields. */
export type EditedBatch = Omit<StoredBatch, Clearable> & Pick<BatchChange, Clearable>;

/** Values of every column but `last_dial_at`, which only dialing sets. */
export function fromBatch(batch: EditedBatch) {
  return {
    id: batch.id,
    organization_id: batch.organizationId,
    name: batch.name,
    // By the program: what lower() does depends on the database and its locale.
    name_folded: batch.name.toLowerCase(),
    from_number: batch.fromNumber,
    agent_id: batch.agentId,
    timezone: batch.timezone,
    status: batch.status,
    is_paused: batch.isPaused ? 1 : 0,
    paused_at: ms(batch.pausedAt),
    state_version: batch.stateVersion,
    held_reason: batch.heldReason ?? null,
    scheduled_at: ms(batch.scheduledAt),
    not_before_local: batch.notBeforeLocal ?? null,
    purpose: batch.consent?.purpose ?? null,
    consent_basis: batch.consent?.basis ?? null,
    started_at: ms(batch.startedAt),
    rules_json: JSON.stringify(batch.rules),
    answers_wanted_json: batch.answersWanted ? JSON.stringify(batch.answersWanted) : null,
    steering_json: batch.steering ? JSON.stringify(batch.steering) : null,
    campaign_id: batch.campaignId ?? null,
    gone_caller_ids_json: batch.goneCallerIds ? JSON.stringify(batch.goneCallerIds) : null,
    duplicates_removed: batch.duplicatesRemoved,
    created_at: ms(batch.createdAt),
    updated_at: ms(batch.updatedAt),
    list_digest: batch.listDigest,
    max_attempts: batch.maxAttempts,
    content_digest: batch.contentDigest,
    grant_id: batch.grantId ?? null,
  };
}

/** The part of a batch by which it is decided what follows an attempt. */
export function toBatchRules(row: Row): BatchRules {
  const agreedUntil = optional(row, "agreed_until", instant);
  return { rules: readRules(text(row, "rules_json")), timezone: text(row, "timezone"), ...known({ agreedUntil }) };
}

export function toGrant(row: Row): Grant {
  return known({
    grantId: text(row, "id"),
    contentDigest: text(row, "content_digest"),
    channel: oneOf(row, "channel", grantChannels),
    principal: text(row, "principal"),
    client: optional(row, "client", text),
    approvalId: optional(row, "approval_id", text),
    maxRecipients: whole(row, "max_recipients"),
    maxAttempts: whole(row, "max_attempts"),
    lastAt: instant(row, "last_at"),
    state: oneOf(row, "state", grantStates),
    resumableUntil: optional(row, "resumable_until", instant),
    why: optional(row, "why", text),
    createdAt: instant(row, "created_at"),
  });
}

export function toTask(row: Row): StoredTask {
  return known({
    id: text(row, "id"),
    batchId: text(row, "batch_id"),
    row: whole(row, "row_number"),
    toNumber: text(row, "to_number"),
    variables: readVariables(text(row, "variables_json")),
    maxRetries: optional(row, "max_retries", whole),
    fallbackNumber: optional(row, "fallback_number", text),
    fallbackAfter: optional(row, "fallback_after", whole),
    timezone: optional(row, "timezone", text),
    notBefore: optional(row, "not_before", instant),
    status: oneOf(row, "status", taskStatuses),
    outcome: optional(row, "outcome", toOutcome),
    reason: optional(row, "reason", text),
    attemptCount: whole(row, "attempt_count"),
    dueAt: optional(row, "due_at", instant),
    callId: optional(row, "call_id", text),
    createdAt: instant(row, "created_at"),
  });
}

export function toAttempt(row: Row): StoredAttempt {
  return known({
    token: text(row, "token"),
    taskId: text(row, "task_id"),
    batchId: text(row, "batch_id"),
    organizationId: text(row, "organization_id"),
    attemptNumber: whole(row, "attempt_number"),
    callId: text(row, "call_id"),
    fromNumber: text(row, "from_number"),
    toNumber: text(row, "to_number"),
    agentId: text(row, "agent_id"),
    state: oneOf(row, "state", attemptStates),
    claimedAt: instant(row, "claimed_at"),
    startedAt: optional(row, "started_at", instant),
    endedAt: optional(row, "ended_at", instant),
    outcome: optional(row, "outcome", toOutcome),
    ringMs: optional(row, "ring_ms", whole),
    grantId: optional(row, "grant_id", text),
    talkMs: optional(row, "talk_ms", whole),
    transcript: optional(row, "transcript", text),
    summary: optional(row, "summary", text),
    answers: optional(row, "answers_json", readAnswers),
    details: optional(row, "details_json", readDetails),
  });
}

export function toDoNotCallEntry(row: Row): DoNotCallEntry {
  return known({
    phoneNumber: text(row, "phone_number"),
    reason: optional(row, "reason", text),
    requestedBy: optional(row, "requested_by", text),
    requestedAt: optional(row, "requested_at", text),
    addedBy: optional(row, "added_by", text),
    addedAt: instant(row, "added_at"),
  });
}

function toOutcome(row: Row, column: string) {
  return oneOf(row, column, outcomes);
}

// Safe: the column is only ever written from this type, which JSON carries without loss.
function readRules(json: string): CallingRules {
  return JSON.parse(json);
}

// Safe: as for the rules.
function readSteering(row: Row, column: string): Steering {
  return JSON.parse(text(row, column));
}

// Safe: as for the rules.
function readGone(row: Row, column: string): GoneCallerIds {
  return JSON.parse(text(row, column));
}

// Safe: as for the rules.
function readWanted(row: Row, column: string): readonly AnswerWanted[] {
  return JSON.parse(text(row, column));
}

/** Answers from a column that is only ever written from this type. */
export function readAnswers(row: Row, column: string): readonly Answer[] {
  return JSON.parse(text(row, column));
}

/** Details from a column that is only ever written from this type. */
export function readDetails(row: Row, column: string): CallDetails {
  return JSON.parse(text(row, column));
}

// Safe: as for the rules.
function readVariables(json: string): Readonly<Record<string, unknown>> {
  return JSON.parse(json);
}

/** A row as the driver hands it out. */
export type Row = Readonly<Record<string, unknown>>;

export function ms(instant: Date | undefined): number | null {
  return instant?.getTime() ?? null;
}

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw unexpected(column, "text", value);
  return value;
}

export function whole(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw unexpected(column, "a number", value);
  return value;
}

export function instant(row: Row, column: string): Date {
  return new Date(whole(row, column));
}

export function oneOf<T extends string>(row: Row, column: string, allowed: readonly T[]): T {
  const value = allowed.find((candidate) => candidate === row[column]);
  if (value === undefined) throw unexpected(column, allowed.join(", "), row[column]);
  return value;
}

/** The column read by `read`, or undefined where it is NULL. */
export function optional<T>(row: Row, column: string, read: (row: Row, column: string) => T): T | undefined {
  return row[column] === null || row[column] === undefined ? undefined : read(row, column);
}

/** The rows by what they have in a text column, in the order in which they came. */
export function groupBy(rows: readonly Row[], column: string): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = text(row, column);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

/** The object without its undefined fields. */
export function known<T extends object>(
  fields: T,
): { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};
export function known(fields: Readonly<Record<string, unknown>>): object {
  // Every row of every read passes here: a loop takes a third of the time of Object.fromEntries.
  const kept: Record<string, unknown> = {};
  for (const name in fields) if (fields[name] !== undefined) kept[name] = fields[name];
  return kept;
}

function unexpected(column: string, expected: string, found: unknown): Error {
  return new Error(
    `Column ${column} of the store should hold ${expected} and holds a ${found === null ? "NULL" : typeof found}.`,
  );
}
