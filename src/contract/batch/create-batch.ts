import { z } from "zod";
import type { AnswerWanted } from "../../domain/batch/answers.ts";
import { callerIdsOf } from "../../domain/batch/caller-ids.ts";
import { type Consent, longestConsentText } from "../../domain/batch/consent.ts";
import type { BatchPlan, CallingRules, Recipient } from "../../domain/batch/plan.ts";
import { toTodaysNumber } from "../../domain/phone/phone-number.ts";
import type { Issue } from "../../domain/problem.ts";
import { answersWantedBody, fromAnswersWantedBody, toAnswersWantedBody } from "../call-answers.ts";
import { isObject } from "../envelope.ts";
import {
  anyCase,
  e164Shape,
  epoch,
  fromWireTime,
  givenData,
  givenText,
  localMinute,
  type Parsed,
  parseWith,
  present,
  toWireTime,
  zoneName,
} from "../fields.ts";
import { callingRulesFields, fromCallingRulesBody, toCallingRulesBody } from "./calling-rules.ts";
import { campaignField } from "./steering.ts";

/** When a batch begins, as a body says it. A draft may carry its intended time. */
export type BatchStart =
  | { readonly kind: "draft"; readonly at?: Date }
  | { readonly kind: "scheduled"; readonly at: Date }
  | { readonly kind: "now" };

export const startFields = {
  send_now: z.boolean().nullish(),
  trigger_timestamp: epoch.nullish(),
  status: anyCase(["draft", "scheduled", "sent"]).nullish(),
  not_before_local: localMinute.nullish().meta({
    description:
      "Nobody is called before it is this time on their own clock: on every clock that may be theirs, the later time where clocks show it twice, and from the change on where they skip it. It goes with the start or the time that it is given with; another one without it takes it away.",
    "x-extension": true,
  }),
};

const startBody = z.object(startFields);
type StartBody = z.output<typeof startBody>;

/**
 * The decision table of the create page: a draft wins over everything, send_now over a time, and a body with neither
 * is refused (C9: nobody is called because something was left out). A draft may name a time that has passed, as in the
 * older page's example: only a start needs one that lies ahead. Fields of a wrong type are left to the schema.
 */
function parseStart(body: unknown, now: Date): Parsed<BatchStart> {
  const fields = startBody.safeParse(body);
  if (!fields.success) return { ok: false, issues: [] };
  const { status, send_now: sendNow } = fields.data;
  const at = readTrigger(fields.data);
  if (status === "draft" || canOnlyBeDraft(body))
    return { ok: true, value: at ? { kind: "draft", at } : { kind: "draft" } };
  if (sendNow) return { ok: true, value: { kind: "now" } };
  if (at && at <= now) return { ok: false, issues: [triggerInPast] };
  return at ? { ok: true, value: { kind: "scheduled", at } } : { ok: false, issues: [noStart] };
}

/** The older page's minimum: without an agent nobody can be called, so a body that says nothing of a start is a draft. */
function canOnlyBeDraft(body: unknown): boolean {
  return isObject(body) && ["agent_id", ...Object.keys(startFields)].every((field) => body[field] == null);
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

/** Recipients that one batch may have. */
export const maxTasks = 1000;
const maxNameLength = 255;
/** "5KB per task", read as UTF-8 bytes of the JSON text. */
const maxVariablesBytes = 5120;

/** No unit of text takes more than the six bytes of an escape: usual variables need not be written out. Infinite where a value is no text. */
function mostBytes(variables: Readonly<Record<string, unknown>>): number {
  let units = 1;
  for (const [name, value] of Object.entries(variables))
    units += typeof value === "string" ? name.length + value.length + 1 : Number.POSITIVE_INFINITY;
  return units * 6;
}

// Nested data that is too deep is refused before it is written as JSON, which such data would break.
const dynamicVariables = givenData.refine(
  (variables) =>
    mostBytes(variables) <= maxVariablesBytes || Buffer.byteLength(JSON.stringify(variables)) <= maxVariablesBytes,
  {
    error: `Must be at most ${maxVariablesBytes} bytes of UTF-8 JSON.`,
    params: { code: "too_large" },
  },
);

/** One recipient, in the body of a batch or of a change of its list. */
export const newTaskBody = z.strictObject({
  to_number: e164Shape,
  dynamic_variables: dynamicVariables.nullish(),
  max_retries: z.int().min(0).max(100).nullish().describe("Attempts after the first one."),
  fallback_number: e164Shape.nullish().meta({
    description: "Called, by the same rules, when the last attempt to `to_number` reached nobody.",
    "x-extension": true,
  }),
  timezone: zoneName.nullish().meta({
    description: "IANA zone of the recipient's clock; every zone that the number may be in counts when absent.",
    "x-extension": true,
  }),
  not_before: epoch.nullish().meta({
    description: "The recipient is not called before: Unix timestamp in milliseconds.",
    "x-extension": true,
  }),
});

export const batchName = z.string().trim().min(1).pipe(givenText(maxNameLength));
export const agentId = givenText().min(1);
/** Of a draft that was given none. */
const namelessBatch = "Untitled batch call";

const consentText = z.string().trim().min(1).pipe(givenText(longestConsentText));

/** Body of POST /batch-call and PUT /batch-call/{id}, read as tolerantly as both create pages ask for. */
export const createBatchBody = z.strictObject({
  from_number: e164Shape,
  name: batchName.nullish().describe("Needed unless the batch is a draft."),
  agent_id: agentId.nullish().describe("Needed unless the batch is a draft, and before it starts."),
  tasks: z.array(newTaskBody).min(1).max(maxTasks),
  timezone: zoneName.nullish().describe("IANA zone; UTC when absent."),
  ...startFields,
  ...callingRulesFields,
  purpose: consentText.nullish().meta({
    description: "Why these people are called. Kept with the batch; part of what somebody agrees to.",
    "x-extension": true,
  }),
  consent_basis: consentText.nullish().meta({
    description: "What entitles the account to call them. Kept as the purpose is.",
    "x-extension": true,
  }),
  answers_wanted: answersWantedBody.nullish().meta({
    description: "What is to be found out in every call; the carrier is told with each dial.",
    "x-extension": true,
  }),
  campaign_id: campaignField,
  organization_id: givenText().nullish().describe("Follows from the keys; that of another organization is refused."),
});
type CreateBatchBody = z.input<typeof createBatchBody>;

// Bodies of 1,000 tasks are the hot path: compiled, the check takes a third of the time.
const compiledBody = z.compile(createBatchBody);

/**
 * The body that creates a draft with the intended time (C12); nothing in it can make a phone ring. What the calls are for is sent
 * to our own service only.
 */
export function toCreateBatchBody(plan: BatchPlan, isOurs = false): CreateBatchBody {
  return {
    from_number: plan.fromNumber,
    name: plan.name,
    agent_id: plan.agentId,
    ...toCallingRulesBody(plan.rules, plan.timezone),
    send_now: false,
    status: "draft",
    timezone: plan.timezone,
    ...(plan.start.kind === "at" && { trigger_timestamp: toWireTime(plan.start.at) }),
    ...(isOurs && present({ purpose: plan.consent?.purpose, consent_basis: plan.consent?.basis })),
    ...(isOurs && present({ campaign_id: plan.campaignId })),
    ...(isOurs && plan.answersWanted && { answers_wanted: toAnswersWantedBody(plan.answersWanted) }),
    tasks: plan.recipients.map(toNewTaskBody),
  };
}

export function toNewTaskBody(recipient: Recipient): z.input<typeof newTaskBody> {
  const { toNumber, variables, maxRetries, fallbackNumber, timezone, notBefore } = recipient;
  const plain = { to_number: toNumber, dynamic_variables: variables };
  const isPlain = (maxRetries ?? fallbackNumber ?? timezone ?? notBefore) === undefined;
  // Most people have none of these.
  if (isPlain) return plain;
  return {
    ...plain,
    ...present({
      max_retries: maxRetries,
      fallback_number: fallbackNumber,
      timezone,
      not_before: notBefore && toWireTime(notBefore),
    }),
  };
}

/** A batch as the body asks for it. Numbers have the shape of E.164; duplicates are still in. */
export type NewBatch = {
  readonly name: string;
  readonly fromNumber: string;
  /** Empty for a draft that was given none. */
  readonly agentId: string;
  readonly timezone: string;
  readonly tasks: readonly NewBatchTask[];
  readonly rules: CallingRules;
  readonly answersWanted?: readonly AnswerWanted[];
  readonly start: BatchStart;
  /** Wall time before which nobody is called on their own clock. */
  readonly notBeforeLocal?: string;
  readonly consent?: Consent;
  readonly campaignId?: string;
  /** The one that the body names. */
  readonly organizationId?: string;
};

export type NewBatchTask = {
  readonly toNumber: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly maxRetries?: number;
  readonly fallbackNumber?: string;
  readonly timezone?: string;
  readonly notBefore?: Date;
};

/** Reads a body of POST or PUT. Returns with every issue in it, not only the first. */
export function fromCreateBatchBody(body: unknown, now: Date): Parsed<NewBatch> {
  return readCreateBatchBody(body, now).batch;
}

/**
 * The same, with what tells two bodies apart: `meaning` answers one text for all that say the same, also where their time
 * has passed since, and nothing for a body that was right at no time.
 */
export function readCreateBatchBody(
  body: unknown,
  now: Date,
): { readonly batch: Parsed<NewBatch>; meaning(): string | undefined } {
  const parsed = parseWith(compiledBody, body);
  const start = parseStart(body, now);
  const content = parsed.ok ? toContent(parsed.value) : undefined;
  const callers = content ? callersOn(content) : findCallerOnList(body);
  const issues = [...findMissing(body, start), ...issuesOf(parsed), ...issuesOf(start), ...callers];
  return {
    batch:
      content && start.ok && issues.length === 0
        ? { ok: true, value: { ...content, start: start.value } }
        : { ok: false, issues },
    meaning: () => (parsed.ok && content ? toMeaning(parsed.value, content) : undefined),
  };
}

function issuesOf(parsed: Parsed<unknown>): readonly Issue[] {
  return parsed.ok ? [] : parsed.issues;
}

/** What the newer page requires and the older one does not: a batch that is not a draft needs both. */
function findMissing(body: unknown, start: Parsed<BatchStart>): readonly Issue[] {
  if (!isObject(body) || (start.ok && start.value.kind === "draft")) return [];
  return ["name", "agent_id"].filter((field) => body[field] == null).map(requiredIssue);
}

export function requiredIssue(field: string): Issue {
  return { field, code: "required", message: "This field is required (string), unless the batch is a draft." };
}

/** Fields in one order, whichever way the body writes them, and null as absent. */
function toMeaning(body: z.output<typeof createBatchBody>, content: Omit<NewBatch, "start">): string {
  const { send_now, status } = body;
  return JSON.stringify(sorted({ ...content, at: readTrigger(body), ...present({ send_now, status }) }));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value) || value instanceof Date) return value;
  const fields = Object.entries(value).map(([name, field]) => [name, sorted(field)] as const);
  // Not an object again: a name that reads as a number would change its place.
  return fields.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

// These two rules go over several fields, so zod would only try them once every field is right.
const numbersOnly = z.object({ from_number: z.string(), tasks: z.array(z.unknown()) });
const numberOnly = z.object({ to_number: z.string() });

function findCallerOnList(body: unknown): Issue[] {
  const numbers = numbersOnly.safeParse(body);
  if (!numbers.success) return [];
  const { from_number: caller, tasks } = numbers.data;
  return tasks.flatMap((task, index) => {
    return numberOnly.safeParse(task).data?.to_number === caller ? [callerOnList(index)] : [];
  });
}

/** The same of a list that was read, also where one of the two is in a form that its country has retired. */
function callersOn({ fromNumber, rules, tasks }: Pick<NewBatch, "fromNumber" | "rules" | "tasks">): Issue[] {
  const { moreFromNumbers = [] } = rules;
  return [
    ...(moreFromNumbers.includes(fromNumber) ? [firstCallerIdAgain] : []),
    ...callerIdsOnList(callerIdsOf(fromNumber, moreFromNumbers), tasks),
  ];
}

/** People who have the number of a caller id, also where one of the two is in a form that its country has retired. */
export function callerIdsOnList(
  callerIds: readonly string[],
  tasks: readonly Pick<NewBatchTask, "toNumber">[],
): Issue[] {
  const callers = new Set(callerIds.map(toTodaysNumber));
  return tasks.flatMap(({ toNumber }, index) =>
    callers.has(toNumber) ? [callerOnList(index, callerIds.length > 1)] : [],
  );
}

export const sameAsCaller = "same_as_from_number";

/** Of a recipient with the number of a caller id of the batch. */
export function mustDifferFromCallers(hasMore: boolean): string {
  return `Must differ from from_number${hasMore ? " and more_from_numbers" : ""}.`;
}

/** Of a batch that would have one caller id twice. */
export const firstCallerIdAgain: Issue = {
  field: "more_from_numbers",
  code: "repeated",
  message: "Must name other numbers than from_number.",
};

function callerOnList(index: number, hasMore = false): Issue {
  return { row: index + 1, field: "to_number", code: sameAsCaller, message: mustDifferFromCallers(hasMore) };
}

function toContent(body: z.output<typeof createBatchBody>): Omit<NewBatch, "start"> {
  return {
    name: body.name ?? namelessBatch,
    fromNumber: body.from_number,
    agentId: body.agent_id ?? "",
    timezone: body.timezone ?? "UTC",
    tasks: body.tasks.map(toNewTask),
    rules: fromCallingRulesBody(body),
    ...present({ organizationId: body.organization_id, notBeforeLocal: body.not_before_local }),
    ...present({ campaignId: body.campaign_id }),
    ...present({ consent: toConsent({ purpose: body.purpose, consent_basis: body.consent_basis }) }),
    ...present({ answersWanted: fromAnswersWantedBody(body.answers_wanted) }),
  };
}

/** Undefined where nothing is said. */
export function toConsent(said: {
  readonly purpose?: string | null | undefined;
  readonly consent_basis?: string | null | undefined;
}): Consent | undefined {
  const consent = present({ purpose: said.purpose, basis: said.consent_basis });
  return Object.keys(consent).length > 0 ? consent : undefined;
}

export function toNewTask(body: z.output<typeof newTaskBody>): NewBatchTask {
  const { to_number, dynamic_variables, max_retries, fallback_number, timezone, not_before } = body;
  return {
    toNumber: toTodaysNumber(to_number),
    variables: dynamic_variables ?? {},
    ...present({
      maxRetries: max_retries,
      fallbackNumber: fallback_number && toTodaysNumber(fallback_number),
      timezone,
      notBefore: not_before == null ? undefined : fromWireTime(not_before),
    }),
  };
}
