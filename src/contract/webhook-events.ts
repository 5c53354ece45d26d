import { z } from "zod";
import { batchStatuses, outcomes, taskStatuses } from "../domain/batch/batch.ts";
import { answersBody } from "./call-answers.ts";

const instantText = z.iso.datetime();
const count = z.int().nonnegative();

const ofBatch = {
  organization_id: z.string(),
  batch_id: z.string().describe("As `GET /batch-call/{id}` takes it."),
  batch_name: z.string(),
};

const batchData = z.strictObject({ ...ofBatch, status: z.enum(batchStatuses) });

const heldData = z.strictObject({ ...batchData.shape, reason: z.string().describe("In words, and what to do.") });

const finishedData = z.strictObject({
  ...batchData.shape,
  recipients: z.record(z.enum(taskStatuses), count).describe("How many recipients are in each status."),
  outcomes: z.record(z.enum(outcomes), count).describe("How many have each outcome, of their last call."),
});

const callData = z.strictObject({
  ...ofBatch,
  call_id: z.string().describe("As `GET /api/calls/{id}` takes it, which has the transcript."),
  task_id: z.string(),
  row: z.int().describe("1-based place in the list as it was sent."),
  attempt: z.int().describe("1 for the first call to this recipient."),
  agent_id: z.string(),
  from_number: z.string(),
  to_number: z.string().describe("The number that was called, in full."),
  variables: z.record(z.string(), z.unknown()).describe("What the list has for this recipient."),
  outcome: z.enum([...outcomes, "unknown"]).describe("`unknown`: nobody knows whether and how it was called."),
  started_at: instantText.optional(),
  ended_at: instantText,
  ring_ms: count.optional(),
  talk_ms: count.optional(),
  summary: z.string().optional(),
  answers: answersBody.optional(),
  opted_out: z.literal(true).optional(),
  wrong_number: z.literal(true).optional(),
  call_back_at: z.string().optional().describe("As the person said it."),
  recipient_status: z.enum(taskStatuses).describe("`pending`: is called again."),
  reason: z.string().optional().describe("Why it goes on, or does not, in words."),
  next_attempt_at: instantText.optional().describe("Not before; hours can put it off."),
});

const optOutData = z.strictObject({
  organization_id: z.string(),
  batch_id: z.string(),
  call_id: z.string(),
  task_id: z.string(),
  numbers: z.array(z.string()).describe("The person's, in full; all are on the do-not-call list from here on."),
  asked_at: instantText,
  dropped_from: z
    .array(z.string())
    .describe("Batches in which one of these numbers waited and is not called any more."),
  unclear: z
    .string()
    .optional()
    .describe(
      "Their words, where a person has to judge whether they are a wish not to be called. Taken as one until then.",
    ),
});

/** The body of one event, as it is sent to the operator's URLs. */
export const webhookBody = z.discriminatedUnion("type", [
  bodyOf("batch.started", batchData),
  bodyOf("batch.paused", batchData),
  bodyOf("batch.held", heldData),
  bodyOf("batch.resumed", batchData),
  bodyOf("batch.finished", finishedData),
  bodyOf("batch.cancelled", batchData),
  bodyOf("call.ended", callData),
  bodyOf("recipient.opted_out", optOutData),
]);
type WebhookBody = z.input<typeof webhookBody>;

/** A fact that is told to the operator's systems. */
export type WebhookEvent = WebhookBody extends infer Body
  ? Body extends WebhookBody
    ? Pick<Body, "type" | "data">
    : never
  : never;

function bodyOf<T extends string, S extends z.ZodType>(type: T, data: S) {
  return z.strictObject({
    type: z.literal(type),
    timestamp: instantText.describe("When it was recorded."),
    environment: z.enum(["simulated", "live"]).describe("`simulated`: nobody was called."),
    data,
  });
}
