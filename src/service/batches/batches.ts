import { randomBytes } from "node:crypto";
import type { RulesPatch } from "../../contract/batch/calling-rules.ts";
import {
  type BatchStart,
  callerIdsOnList,
  mustDifferFromCallers,
  type NewBatch,
  type NewBatchTask,
  sameAsCaller,
} from "../../contract/batch/create-batch.ts";
import { toFailureBody } from "../../contract/envelope.ts";
import { present } from "../../contract/fields.ts";
import type { Environment } from "../../domain/batch/batch.ts";
import { callerIdsOf } from "../../domain/batch/caller-ids.ts";
import type { CallingRules } from "../../domain/batch/plan.ts";
import { steeringIssues } from "../../domain/batch/steering.ts";
import { toTodaysNumber } from "../../domain/phone/phone-number.ts";
import type { Issue } from "../../domain/problem.ts";
import { attemptsOfNumber } from "../../domain/retry-rules.ts";
import { voicemailIssues } from "../../domain/voicemail.ts";
import type { Clock } from "../../lib/clock.ts";
import type { AccountSource } from "../accounts/index.ts";
import type { DialGuard, Dialing, ServiceSettings } from "../dialing/index.ts";
import type { BatchStore, CreateResult, DialStore, Idempotency, NewTask, StoredBatch } from "../store/index.ts";
import { openGrant } from "./grants.ts";
import { refuseClockless } from "./recipient-clocks.ts";
import { invalid, Refusal } from "./refusal.ts";

export type BatchParts = Pick<ServiceSettings, "minHoursBetweenBatches" | "testNumbers"> & {
  readonly store: BatchStore & Pick<DialStore, "runningBatches">;
  readonly dialing: Dialing;
  readonly account: AccountSource;
  readonly clock: Clock;
  readonly environment: Environment;
  /** See `DialGuard`. */
  readonly operatorWaitOf?: DialGuard["waitOf"];
  /** See `Carrier`. */
  readonly cannotAsk?: boolean;
  /** True where the carrier speaks no message to a voicemail. */
  readonly cannotLeaveMessages?: boolean;
};

export type Created = { readonly batch: StoredBatch; readonly replayed: boolean };

/**
 * What an earlier request with the same key made; undefined for a new key. Looked up before the body is checked: the
 * time that a body names may have passed since it was first accepted.
 */
export async function findReplay(
  parts: BatchParts,
  organizationId: string,
  idempotency: Idempotency,
): Promise<Created | undefined> {
  const replay = await parts.store.findReplay(organizationId, idempotency, parts.clock.now());
  return replay && toCreated(replay);
}

/** Creates the batch and, when it is to start now, lets it run. */
export async function createBatch(
  parts: BatchParts,
  organizationId: string,
  wanted: NewBatch,
  idempotency?: Idempotency,
): Promise<Created> {
  await checkBatch(parts, organizationId, wanted);
  const now = parts.clock.now();
  const tasks = uniqueTasks(wanted.tasks);
  refuseClashes(callerIdsOf(wanted.fromNumber, wanted.rules.moreFromNumbers), tasks);
  refuseClockless(wanted, tasks, now);
  refuseBadSteering(wanted.rules, now);
  const content = toContent(wanted, wanted.tasks.length - tasks.length, now);
  const batch = { ...content, id: newBatchId(), organizationId, isPaused: false, createdAt: now, updatedAt: now };
  const grant = content.status === "draft" ? undefined : openGrant(parts, undefined, content.scheduledAt);
  const created = toCreated(await parts.store.createBatch(batch, tasks, idempotency, grant));
  parts.dialing.wake();
  return created;
}

function toCreated(result: CreateResult): Created {
  switch (result.kind) {
    case "created":
      return { batch: result.batch, replayed: false };
    case "replayed":
      return { batch: result.batch, replayed: true };
    case "key_reused":
      throw keyRefused("The Idempotency-Key was used before with another body. Nothing was created; use a new key.");
    case "deleted":
      throw keyRefused(
        "The batch call that this Idempotency-Key created was deleted. Nothing was created; use a new key.",
      );
  }
}

function keyRefused(detail: string): Refusal {
  return new Refusal(422, toFailureBody("Idempotency error", detail));
}

/** What a body says of a batch, as it is stored. */
type BatchContent = Pick<
  StoredBatch,
  | "name"
  | "fromNumber"
  | "agentId"
  | "timezone"
  | "rules"
  | "notBeforeLocal"
  | "consent"
  | "answersWanted"
  | "campaignId"
  | "duplicatesRemoved"
  | "status"
  | "scheduledAt"
  | "startedAt"
>;

export function toContent(wanted: NewBatch, duplicatesRemoved: number, now: Date): BatchContent {
  const { name, fromNumber, agentId, timezone, rules, notBeforeLocal, consent, answersWanted, campaignId } = wanted;
  const optional = present({ notBeforeLocal, consent, answersWanted, campaignId });
  return { name, fromNumber, agentId, timezone, rules, ...optional, duplicatesRemoved, ...toStatus(wanted.start, now) };
}

function toStatus(start: BatchStart, now: Date): Pick<BatchContent, "status" | "scheduledAt" | "startedAt"> {
  switch (start.kind) {
    case "draft":
      return start.at ? { status: "draft", scheduledAt: start.at } : { status: "draft" };
    case "scheduled":
      return { status: "scheduled", scheduledAt: start.at };
    case "now":
      return { status: "sent", startedAt: now };
  }
}

/** Keeps the first task of each number: a person who stands in a list twice is called once. */
export function uniqueTasks(tasks: readonly NewBatchTask[]): readonly NewTask[] {
  const byNumber = new Map<string, NewTask>();
  for (const [index, task] of tasks.entries()) {
    if (!byNumber.has(task.toNumber)) byNumber.set(task.toNumber, { ...task, row: index + 1 });
  }
  return [...byNumber.values()];
}

/**
 * Refuses lists in which one phone could be called for two people, or as its own fallback: a number stands in a list once, as
 * somebody's own or as a fallback number.
 */
export function refuseClashes(callerIds: readonly string[], tasks: readonly NewTask[]): void {
  if (tasks.every(({ fallbackNumber }) => fallbackNumber === undefined)) return;
  const callers = new Set(callerIds.map(toTodaysNumber));
  const rowOf = new Map(tasks.map(({ toNumber, row }) => [toTodaysNumber(toNumber), row]));
  const issues = tasks.flatMap(({ row, toNumber, fallbackNumber }): Issue[] => {
    if (fallbackNumber === undefined) return [];
    const issue = (code: string, message: string) => [{ row, field: "fallback_number", code, message }];
    if (fallbackNumber === toTodaysNumber(toNumber)) return issue("same_as_to_number", "Must differ from to_number.");
    if (callers.has(fallbackNumber)) return issue(sameAsCaller, mustDifferFromCallers(callers.size > 1));
    const another = rowOf.get(fallbackNumber);
    if (another !== undefined) return issue("duplicate", `Is the number of row ${another}, and is called once.`);
    rowOf.set(fallbackNumber, row);
    return [];
  });
  if (issues.length > 0) throw invalid(...issues);
}

/** Refuses people who have the number of a caller id. */
export function refuseCallers(callerIds: readonly string[], tasks: readonly Pick<NewBatchTask, "toNumber">[]): void {
  const issues = callerIdsOnList(callerIds, tasks);
  if (issues.length > 0) throw invalid(...issues);
}

/** Refuses a canary and conditions of the end that say nothing, or two things at once, as they are given at `now`. */
export function refuseBadSteering(rules: Pick<RulesPatch, "canary" | "stopWhen">, now: Date): void {
  const issues = steeringIssues(present({ canary: rules.canary, stopWhen: rules.stopWhen }), now);
  if (issues.length > 0) throw invalid(...issues);
}

/** Refuses what the account does not have, an agent and a caller id, answers that nobody can be told of, and a body that is meant for another organization. */
export async function checkBatch(
  parts: Pick<BatchParts, "account" | "cannotAsk" | "cannotLeaveMessages">,
  organizationId: string,
  wanted: NewBatch,
): Promise<void> {
  if (wanted.organizationId !== undefined && wanted.organizationId !== organizationId)
    throw invalid({
      field: "organization_id",
      code: "foreign_organization",
      message: "Is not the organization of these keys. Leave it out, or use the keys of that organization.",
    });
  if (parts.cannotAsk && wanted.answersWanted)
    throw invalid({
      field: "answers_wanted",
      code: "unsupported",
      message:
        "The API that places these calls cannot be told what they are to find out. Set it at the agent, as its custom analysis; what that gives is shown all the same. Leave answers_wanted out.",
    });
  refuseVoicemail(parts, wanted.rules, attemptsOfNumber(wanted.rules, wanted.tasks));
  await checkAccount(parts.account, {
    fromNumber: wanted.fromNumber,
    ...present({ moreFromNumbers: wanted.rules.moreFromNumbers }),
    ...(wanted.agentId !== "" && { agentId: wanted.agentId }),
  });
}

/** Refuses a voicemail rule that contradicts the retry rules, or that the carrier cannot hold. `attempts`: the most that anybody gets. */
export function refuseVoicemail(
  { cannotLeaveMessages }: Pick<BatchParts, "cannotLeaveMessages">,
  rules: CallingRules,
  attempts: number,
): void {
  const issues = voicemailIssues(rules.voicemail, rules, attempts);
  if (issues.length > 0) throw invalid(...issues);
  if (cannotLeaveMessages && rules.voicemail?.mode === "leave_message")
    throw invalid({
      field: "voicemail.mode",
      code: "unsupported",
      message:
        'The API that places these calls cannot be told a message for each of them. Set the message at the agent, in its voicemail settings, and mode "accept" here.',
    });
}

/** Refuses an agent or a caller id that the account does not have. */
export async function checkAccount(
  account: AccountSource,
  {
    agentId,
    fromNumber,
    moreFromNumbers = [],
  }: { agentId?: string; fromNumber?: string; moreFromNumbers?: readonly string[] },
): Promise<void> {
  // A pause is an edit too, and is not to wait for an account.
  if (agentId === undefined && fromNumber === undefined && moreFromNumbers.length === 0) return;
  const issues: Issue[] = [];
  const { agents, phoneNumbers } = await account();
  if (agentId !== undefined && !agents.some((agent) => agent.agentId === agentId)) {
    issues.push({
      field: "agent_id",
      code: "unknown_agent",
      message: `Agent with ID '${agentId}' does not exist; GET /api/agents lists the agents.`,
    });
  }
  const isUnknown = (number: string): boolean => !phoneNumbers.some(({ phoneNumber }) => phoneNumber === number);
  const unknown = (field: string): Issue => ({
    field,
    code: "unknown_caller_id",
    message: "Is not a number of this organization; GET /api/phone-numbers lists them.",
  });
  if (fromNumber !== undefined && isUnknown(fromNumber)) issues.push(unknown("from_number"));
  for (const [index, number] of moreFromNumbers.entries())
    if (isUnknown(number)) issues.push(unknown(`more_from_numbers[${index}]`));
  if (issues.length > 0) throw invalid(...issues);
}

function newBatchId(): string {
  return `batch_call_${randomBytes(16).toString("hex")}`;
}
