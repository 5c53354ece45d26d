import { z } from "zod";
import { batchBody } from "./batch/batch.ts";
import { listChangeBody } from "./batch/change-list.ts";
import { taskBody } from "./batch/tasks.ts";
import { callBody } from "./call.ts";

// The schemas of what our service answers, for its OpenAPI document. `x-extension` marks what the API's own pages do
// not have.
const extension = { "x-extension": true } as const;

/** The schema with some of its fields marked as extensions of our service. */
function markExtensions<S extends z.ZodRawShape>(schema: z.ZodObject<S>, fields: readonly (keyof S & string)[]) {
  const marked = Object.entries(schema.shape).map(([name, field]) => [
    name,
    fields.includes(name) ? mark(field) : field,
  ]);
  return z.object(Object.fromEntries(marked));
}

function mark(field: unknown): unknown {
  return field instanceof z.ZodType ? field.meta({ ...field.meta(), ...extension }) : field;
}

export const batchAnswer = markExtensions(batchBody, [
  "held_reason",
  "counts",
  "outcomes",
  "calls_per_minute",
  "next_attempt_timestamp",
  "duplicates_removed",
  "content_digest",
  "max_attempts",
  "grant",
  "answers",
  "answers_wanted",
]).meta({ id: "Batch" });

const taskAnswer = markExtensions(taskBody, [
  "row",
  "outcome",
  "attempt_count",
  "attempts",
  "reason",
  "next_attempt_at",
  "answers",
]).meta({ id: "Task" });
export const callAnswer = markExtensions(callBody, ["outcome", "answers"]).meta({ id: "Call" });

const count = z.int().nonnegative();
const pagination = z
  .object({
    page: count,
    limit: count,
    total: count,
    total_count: count,
    total_pages: count,
    has_next_page: z.boolean(),
    has_previous_page: z.boolean(),
    has_next: z.boolean(),
    has_previous: z.boolean(),
    next_cursor: z
      .string()
      .optional()
      .meta({ description: "Asks for the next page, where the list has cursors.", ...extension }),
  })
  .meta({
    id: "Pagination",
    description: "`page` is 0-based. The API's pages name the same facts in several ways; all are given.",
  });

const listFields = { pagination, returned_count: count };
const ofOrganization = { organization_id: z.string() };

/** The envelope of every answer but the flat one of POST /batch-call. */
export function enveloped(data: z.ZodType): z.ZodObject {
  return z.object({ message: z.string(), status: z.literal("success"), error: z.null(), data });
}

export const failureAnswer = z
  .object({ message: z.string(), status: z.literal("error"), error: z.string() })
  .meta({ id: "Failure", description: "`message` names the class of the failure, `error` the detail." });

/** Of the routes that change the list of a batch. */
export const changedListAnswer = z.object({ batch: batchAnswer, list_change: listChangeBody });

export const batchListAnswer = z.object({
  ...ofOrganization,
  batch_calls: z.array(batchAnswer),
  ...listFields,
  sort_by: z.string(),
  sort_order: z.enum(["ascending", "descending"]),
  applied_filters: z.record(z.string(), z.string()),
});

export const executionAnswer = z.object({
  batch_call_id: z.string(),
  status: z.literal("sent"),
  execution_started_at: z.iso.datetime(),
});
export const taskListAnswer = z.object({ tasks: z.array(taskAnswer), ...listFields });
export const callListAnswer = z.object({ ...ofOrganization, calls: z.array(callAnswer), ...listFields });

const agentRow = z.object({
  agent_id: z.string(),
  agent_name: z.string(),
  language: z.string(),
  created_at: z.int(),
  updated_at: z.int(),
});
export const agentAnswer = agentRow
  .extend({
    begin_message: z.string().optional().describe("What the agent says first (extension)."),
    begin_message_variables: z.array(z.string()),
    llm_config: z.object({ system_message_variables: z.array(z.string()) }),
    detects_voicemail: z
      .boolean()
      .optional()
      .describe("False where the agent never tells a mailbox from a person (extension)."),
    leaves_messages: z
      .boolean()
      .optional()
      .describe("False where no call can be told what to leave on a voicemail (extension)."),
  })
  .meta({ id: "Agent" });
export const agentListAnswer = z.object({ ...ofOrganization, agents: z.array(agentAnswer), ...listFields });

export const phoneNumberAnswer = z
  .object({ phone_number: z.string(), nickname: z.string(), phone_number_type: z.string() })
  .meta({ id: "PhoneNumber" });
export const phoneNumberListAnswer = z.object({
  ...ofOrganization,
  phone_numbers: z.array(phoneNumberAnswer),
  ...listFields,
});

const doNotCallEntry = z
  .object({
    phone_number: z.string(),
    reason: z.string().nullable(),
    requested_by: z.string().nullable().describe("Who asked."),
    requested_at: z.string().nullable().describe("When they asked, as it was given."),
    added_by: z.string().nullable().describe("Which way it came, and who used it."),
    added_timestamp: z.int(),
  })
  .meta({ id: "DoNotCallEntry", description: "What was said first stays when the same number comes again." });
export const doNotCallListAnswer = z.object({ numbers: z.array(doNotCallEntry), ...listFields });
export const addedAnswer = z.object({ added: count.describe("Numbers that were not on the list before.") });
export const removedAnswer = z.object({ removed: count.describe("Numbers that were on the list.") });
export const checkAnswer = z.object({
  listed: z.array(z.string()).describe("The numbers alone."),
  entries: z.array(doNotCallEntry),
});

export const healthAnswer = z.object({
  status: z
    .enum(["ok", "database_unavailable", "newer_schema"])
    .describe("`newer_schema`: a newer copy of the program changed the database, and this one dials nobody any more."),
  service: z.literal("batch-call-mcp"),
  version: z.string(),
  contract_version: z.int(),
  schema_version: z.int(),
  environment: z.enum(["simulated", "live"]),
  process: z.enum(["service", "worker"]),
  dialing: z
    .object({
      in_flight: z.int().describe("Attempts in hand, from the claim to the outcome."),
      last_pass_at: z.iso.datetime().optional().describe("When it last looked for what is due."),
      last_claim_at: z.iso.datetime().optional().describe("When it last found somebody to call."),
      lease_until: z.iso
        .datetime()
        .optional()
        .describe("Until when other processes take it for alive without another sign. Absent on SQLite."),
      carrier: z.enum(["ready", "resting"]).describe("`resting`: it failed, or had no room, and is left alone."),
      carrier_rests_until: z.iso.datetime().optional(),
      starts_per_second: z.int().describe("Of a caller id, at most: fewer than are set after a carrier had no room."),
    })
    .describe("How the part of this process stands that places calls."),
});

export const outcomeAnswer = z.object({
  recorded: z.boolean().describe("False when the end of this call was known before; it stays as it was."),
});
