import { z } from "zod";
import type { BatchPlan, CallingRules, Recipient } from "../../domain/batch/plan.ts";
import type { Issue } from "../../domain/problem.ts";
import {
  anyCase,
  e164Shape,
  epoch,
  fromWireTime,
  type Parsed,
  parseWith,
  present,
  toWireTime,
  zoneName,
} from "../fields.ts";
import { callingRulesFields, fromCallingRulesBody, toCallingRulesBody } from "./calling-rules.ts";

/** When a batch begins, as a body says it. A draft may carry its intended time. */
export type BatchStart =
  | { readonly kind: "draft"; readonly at?: Date }
  | { readonly kind: "scheduled"; readonly at: Date }
  | { readonly kind: "now" };

export const startFields = {
  send_now: z.boolean().nullish(),
  trigger_timestamp: epoch.nullish(),
  status: anyCase(["draft", "scheduled", "sent"]).nullish(),
};

const startBody = z.object(startFields);
type StartBody = z.output<typeof startBody>;

/**
 * The decision table of the create page: a draft wins over everything, send_now over a time, and a body with neither
 * is refused (C9: nobody is called because something was left out). Fields of a wrong type are left to the schema.
 */
function parseStart(body: unknown, now: Date): Parsed<BatchStart> {
  const fields = startBody.safeParse(body);
  if (!fields.success) return { ok: false, issues: [] };
  const { status, send_now: sendNow } = fields.data;
  if (status !== "draft" && sendNow) return { ok: true, value: { kind: "now" } };
  const at = readTrigger(fields.data);
  if (at && at <= now) return { ok: false, issues: [triggerInPast] };
  if (status === "draft") return { ok: true, value: at ? { kind: "draft", at } : { kind: "draft" } };
  return at ? { ok: true, value: { kind: "scheduled", at } } : { ok: false, issues: [noStart] };
}

export function readTrigger({ trigger_timestamp: trigger }: Pick<StartBody, "trigger_timestamp">): Date | undefined {
  return trigger == null ? undefined : fromWireTime(trigger);
}

export const triggerInPast: Issue = {
  field: "trigger_timestamp",
  code: "in_the_past",
  message: "Must be in the future, as a Unix timestamp in milliseconds.",
};

const noStart: Issue = {
  field: "trigger_timestamp",
  code: "required",
  message: 'Give trigger_timestamp to schedule, send_now: true to start at once, or status "draft" to start nothing.',
};

const maxTasks = 1000;
const maxNameLength = 255;
/** "5KB per task", read as UTF-8 bytes of the JSON text. */
const maxVariablesBytes = 5120;

const dynamicVariables = z
  .record(z.string(), z.unknown())
  .refine((variables) => Buffer.byteLength(JSON.stringify(variables)) <= maxVariablesBytes, {
    error: `Must be at most ${maxVariablesBytes} bytes of UTF-8 JSON.`,
    params: { code: "too_large" },
  });

const task = z.object({
  to_number: e164Shape,
  dynamic_variables: dynamicVariables.nullish(),
  max_retries: z.int().min(0).max(100).nullish().describe("Attempts after the first one."),
});

export const batchName = z.string().trim().min(1).max(maxNameLength);

/** Body of POST /batch-call and PUT /batch-call/{id}, read as tolerantly as both create pages ask for. */
export const createBatchBody = z.object({
  from_number: e164Shape,
  name: batchName,
  agent_id: z.string().min(1),
  tasks: z.array(task).min(1).max(maxTasks),
  timezone: zoneName.nullish().describe("IANA zone; UTC when absent."),
  ...startFields,
  ...callingRulesFields,
});
type CreateBatchBody = z.input<typeof createBatchBody>;

// Bodies of 1,000 tasks are the hot path: compiled, the check takes a third of the time.
const compiledBody = z.compile(createBatchBody);

/** The body that creates a draft with the intended time (C12); nothing in it can make a phone ring. */
export function toCreateBatchBody(plan: BatchPlan): CreateBatchBody {
  return {
    from_number: plan.fromNumber,
    name: plan.name,
    agent_id: plan.agentId,
    ...toCallingRulesBody(plan.rules, plan.timezone),
    send_now: false,
    status: "draft",
    timezone: plan.timezone,
    ...(plan.start.kind === "at" && { trigger_timestamp: toWireTime(plan.start.at) }),
    tasks: plan.recipients.map(toTaskBody),
  };
}

function toTaskBody(recipient: Recipient): z.input<typeof task> {
  const body = { to_number: recipient.toNumber, dynamic_variables: recipient.variables };
  return recipient.maxRetries === undefined ? body : { ...body, max_retries: recipient.maxRetries };
}

/** A batch as the body asks for it. Numbers have the shape of E.164; duplicates are still in. */
export type NewBatch = {
  readonly name: string;
  readonly fromNumber: string;
  readonly agentId: string;
  readonly timezone: string;
  readonly tasks: readonly NewBatchTask[];
  readonly rules: CallingRules;
  readonly start: BatchStart;
};

export type NewBatchTask = {
  readonly toNumber: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly maxRetries?: number;
};

/** Reads a body of POST or PUT. Returns with every issue in it, not only the first. */
export function fromCreateBatchBody(body: unknown, now: Date): Parsed<NewBatch> {
  const parsed = parseWith(compiledBody, body);
  const start = parseStart(body, now);
  const callerOnList = findCallerOnList(body);
  if (parsed.ok && start.ok && callerOnList.length === 0)
    return { ok: true, value: toNewBatch(parsed.value, start.value) };
  return { ok: false, issues: [...issuesOf(parsed), ...issuesOf(start), ...callerOnList] };
}

function issuesOf(parsed: Parsed<unknown>): readonly Issue[] {
  return parsed.ok ? [] : parsed.issues;
}

// These two rules go over several fields, so zod would only try them once every field is right.
const numbersOnly = z.object({ from_number: z.string(), tasks: z.array(z.unknown()) });
const numberOnly = z.object({ to_number: z.string() });

function findCallerOnList(body: unknown): Issue[] {
  const numbers = numbersOnly.safeParse(body);
  if (!numbers.success) return [];
  const { from_number: caller, tasks } = numbers.data;
  return tasks.flatMap((task, index) => {
    if (numberOnly.safeParse(task).data?.to_number !== caller) return [];
    return [
      { row: index + 1, field: "to_number", code: "same_as_from_number", message: "Must differ from from_number." },
    ];
  });
}

function toNewBatch(body: z.output<typeof createBatchBody>, start: BatchStart): NewBatch {
  return {
    name: body.name,
    fromNumber: body.from_number,
    agentId: body.agent_id,
    timezone: body.timezone ?? "UTC",
    tasks: body.tasks.map(toNewTask),
    rules: fromCallingRulesBody(body),
    start,
  };
}

function toNewTask({ to_number, dynamic_variables, max_retries }: z.output<typeof task>): NewBatchTask {
  return { toNumber: to_number, variables: dynamic_variables ?? {}, ...present({ maxRetries: max_retries }) };
}
