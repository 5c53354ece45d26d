import { z } from "zod";
import { type Dial, outcomes, type Task, taskStatuses, type WaitKind, waitKinds } from "../../domain/batch/batch.ts";
import { answersBody, fromAnswersBody, toAnswersBody } from "../call-answers.ts";
import {
  anyCase,
  maybeCount,
  maybeInstant,
  maybeNumber,
  maybeText,
  type Parsed,
  parseWith,
  present,
  toWireTime,
} from "../fields.ts";
import {
  type CountedRows,
  type CursorList,
  cursorFields,
  fromCursor,
  type PageQuery,
  type PageRequest,
  toPaginationBody,
  toPagingQuery,
} from "../paging.ts";
import type { AttemptRecord, TaskFilter, TaskRecord } from "../records.ts";

const defaultPageSize = 50;

/** Query of GET /batch-call/{id}/tasks; `status` and `outcome` are extensions. */
export const listTasksQuery = z.object({
  ...cursorFields,
  status: anyCase(taskStatuses).optional(),
  outcome: anyCase(outcomes).optional(),
});

export type TaskListRequest = { readonly page: PageQuery; readonly filter: TaskFilter };

const tasks: CursorList = { name: "tasks", keys: ["number"] };

export function toTasksQuery(page: PageRequest, filter: TaskFilter): Record<string, string> {
  return { ...toPagingQuery(page), ...present({ status: filter.status, outcome: filter.outcome }) };
}

export function fromTasksQuery(query: unknown): Parsed<TaskListRequest> {
  const parsed = parseWith(listTasksQuery, query);
  if (!parsed.ok) return parsed;
  const { page = 0, limit = defaultPageSize, cursor, status, outcome } = parsed.value;
  const place = fromCursor(cursor, tasks);
  if (!place.ok) return place;
  return { ok: true, value: { page: { page, limit, ...place.value }, filter: present({ status, outcome }) } };
}

/** Data of the answer, in the order of the list. */
export function toTaskListBody({ rows, ...found }: CountedRows<TaskBody>, page: PageQuery) {
  return { tasks: rows, pagination: toPaginationBody(page, found, tasks), returned_count: rows.length };
}

const attemptBody = z.object({
  attempt: z.int(),
  call_id: z.string(),
  to_number: z.string(),
  from_number: z.string(),
  outcome: z.enum(outcomes).nullable(),
  started_at: z.int().nullable(),
  ended_at: z.int().nullable(),
  message_left: z.literal(true).optional().describe("On a voicemail."),
  wrong_number: z.literal(true).optional().describe("Whoever answered is not the person who was to be called."),
  cost: z.number().optional(),
  cost_unit: z.string().optional(),
});

/** One task as our service writes it; the fields after `created_at` are extensions. */
export const taskBody = z.object({
  task_id: z.string(),
  to_number: z.string(),
  status: z.enum(taskStatuses),
  call_id: z.string().nullable().describe("Of the last attempt."),
  error_message: z.string().nullable(),
  created_at: z.iso.datetime(),
  row: z.int(),
  outcome: z.enum(outcomes).optional().describe("Of the last attempt."),
  attempt_count: z.int(),
  attempts: z.array(attemptBody),
  reason: z.string().optional(),
  next_attempt_at: z.iso.datetime().optional(),
  fallback_number: z.string().optional(),
  timezone: z.string().optional(),
  not_before: z.int().optional().describe("Unix timestamp in milliseconds."),
  max_retries: z.int().optional().describe("Of this recipient, where the list gives one."),
  answers: answersBody.optional().describe("Of the last attempt in which there were any."),
  waits_for: z.enum(waitKinds).optional().describe("What the next attempt of a pending task waits for."),
});
export type TaskBody = z.infer<typeof taskBody>;

/** `nextAttemptAt` is absent where nothing brings the next attempt by itself at a known time. */
export function toTaskBody(
  task: TaskRecord & { readonly nextAttemptAt?: Date; readonly waitsFor?: WaitKind },
  attempts: readonly AttemptRecord[],
): TaskBody {
  return {
    task_id: task.id,
    to_number: task.toNumber,
    status: task.status,
    call_id: task.callId ?? null,
    error_message: task.status === "failed" ? (task.reason ?? task.outcome ?? null) : null,
    created_at: task.createdAt.toISOString(),
    row: task.row,
    attempt_count: task.attemptCount,
    attempts: attempts.map(toAttemptBody),
    ...present({
      outcome: task.outcome,
      reason: task.reason,
      next_attempt_at: task.nextAttemptAt?.toISOString(),
      fallback_number: task.fallbackNumber,
      timezone: task.timezone,
      not_before: task.notBefore && toWireTime(task.notBefore),
      max_retries: task.maxRetries,
      waits_for: task.waitsFor,
      answers: toAnswersBody(attempts.findLast(({ answers }) => answers !== undefined)?.answers),
    }),
  };
}

function toAttemptBody(attempt: AttemptRecord): TaskBody["attempts"][number] {
  return {
    attempt: attempt.attemptNumber,
    call_id: attempt.callId,
    to_number: attempt.toNumber,
    from_number: attempt.fromNumber,
    outcome: attempt.outcome ?? null,
    started_at: attempt.startedAt ? toWireTime(attempt.startedAt) : null,
    ended_at: attempt.endedAt ? toWireTime(attempt.endedAt) : null,
    ...present({
      message_left: attempt.details?.messageLeft,
      wrong_number: attempt.details?.wrongNumber,
      cost: attempt.details?.cost,
      cost_unit: attempt.details?.costUnit,
    }),
  };
}

const taskReading = z.object({
  task_id: z.string().min(1),
  to_number: z.string(),
  status: anyCase(taskStatuses),
  row: maybeCount,
  outcome: anyCase(outcomes).nullish().catch(undefined),
  attempt_count: maybeCount,
  attempts: z.array(z.unknown()).nullish().catch(undefined),
  reason: maybeText,
  error_message: maybeText,
  next_attempt_at: maybeInstant,
  call_id: maybeText,
  fallback_number: maybeText,
  timezone: maybeText,
  not_before: maybeInstant,
  max_retries: maybeCount,
  waits_for: anyCase(waitKinds).nullish().catch(undefined),
  answers: z.unknown().optional(),
});

let compiled: typeof taskReading | undefined;

/** Its checks as code, made at the first use: a create reads back all of its people, in half the time. */
function compiledReading(): typeof taskReading {
  compiled ??= z.compile(taskReading);
  return compiled;
}

const attemptsReading = z.array(
  z.object({
    to_number: z.string(),
    from_number: maybeText,
    outcome: anyCase(outcomes).nullish().catch(undefined),
    started_at: maybeInstant,
    ended_at: maybeInstant,
    call_id: maybeText,
    message_left: z.literal(true).nullish().catch(undefined),
    wrong_number: z.literal(true).nullish().catch(undefined),
    cost: maybeNumber,
    cost_unit: maybeText,
  }),
);

/** Reads a row of a task page, documented or extended; undefined when it is not one. */
export function fromTaskBody(body: unknown): Task | undefined {
  const reading = compiledReading().safeParse(body);
  if (!reading.success) return undefined;
  const row = reading.data;
  const dials = fromAttemptBodies(row.attempts);
  const answers = fromAnswersBody(row.answers);
  return {
    taskId: row.task_id,
    toNumber: row.to_number,
    status: row.status,
    ...present({
      row: row.row,
      outcome: row.outcome,
      attempts: row.attempt_count ?? row.attempts?.length,
      reason: row.reason ?? row.error_message,
      nextAttemptAt: row.next_attempt_at,
      callId: row.call_id,
      fallbackNumber: row.fallback_number,
      timezone: row.timezone,
      notBefore: row.not_before,
      maxRetries: row.max_retries,
      waitsFor: row.waits_for,
      fallbackAttempts: countTo(row.fallback_number, dials),
      dials,
      answers: answers.length > 0 ? answers : undefined,
    }),
  };
}

/** How many of the attempts went to that number; undefined where the API does not show them. */
function countTo(number: string | null | undefined, dials: readonly Dial[] | undefined) {
  return number == null ? undefined : dials?.filter(({ toNumber }) => toNumber === number).length;
}

/** Undefined where one of them cannot be read: the others would be counted wrongly. */
function fromAttemptBodies(bodies: readonly unknown[] | null | undefined): readonly Dial[] | undefined {
  if (bodies == null) return undefined;
  const { data } = attemptsReading.safeParse(bodies);
  return data?.map(
    ({
      to_number,
      from_number,
      outcome,
      started_at,
      ended_at,
      call_id,
      message_left,
      wrong_number,
      cost,
      cost_unit,
    }) => ({
      toNumber: to_number,
      ...present({ fromNumber: from_number, outcome, startedAt: started_at, endedAt: ended_at, callId: call_id }),
      ...present({ messageLeft: message_left, wrongNumber: wrong_number, cost, costUnit: cost_unit }),
    }),
  );
}
