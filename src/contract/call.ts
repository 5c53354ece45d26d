import { z } from "zod";
import { type Outcome, outcomes } from "../domain/batch/batch.ts";
import { answersBody, toAnswersBody } from "./call-answers.ts";
import { isObject, unwrap } from "./envelope.ts";
import { anyCase, maybeText, present, toWireTime } from "./fields.ts";
import { type HostedCall, readHostedCall } from "./hosted-call.ts";
import type { CallDetails, CallRecord } from "./records.ts";

const nullableMs = z.int().nullable();

/** The call object as our service writes it: the documented fields that it has something for; `outcome` and `answers` are extensions. */
export const callBody = z.object({
  call_id: z.string(),
  agent_id: z.string(),
  organization_id: z.string(),
  call_status: z.enum(["registered", "ongoing", "ended", "error"]),
  call_type: z.literal("phone_call"),
  direction: z.literal("outbound"),
  from_number: z.string(),
  to_number: z.string(),
  start_timestamp: nullableMs,
  end_timestamp: nullableMs,
  call_duration: nullableMs.describe("Talk time in milliseconds."),
  created_at: z.int(),
  transcript: z.string().nullable(),
  recording_url: z.string().nullable(),
  call_analysis: z
    .object({
      call_successful: z.boolean(),
      call_summary: z.string().nullable(),
      in_voicemail: z.boolean(),
      user_sentiment: z.string().optional(),
    })
    .nullable(),
  disconnection_reason: z.string().optional(),
  call_cost: z.object({ combined_cost: z.number(), unit: z.string().optional().describe("An extension.") }).optional(),
  metadata: z.object({ batch_call_id: z.string() }),
  outcome: z.enum(outcomes).optional(),
  answers: answersBody.optional(),
});
export type CallBody = z.infer<typeof callBody>;

export function toCallBody(call: CallRecord): CallBody {
  return {
    call_id: call.callId,
    agent_id: call.agentId,
    organization_id: call.organizationId,
    call_status: callStatusOf(call),
    call_type: "phone_call",
    direction: "outbound",
    from_number: call.fromNumber,
    to_number: call.toNumber,
    start_timestamp: call.startedAt ? toWireTime(call.startedAt) : null,
    end_timestamp: call.endedAt ? toWireTime(call.endedAt) : null,
    call_duration: call.talkMs ?? null,
    created_at: toWireTime(call.claimedAt),
    transcript: call.transcript ?? null,
    recording_url: call.details?.recordingUrl ?? null,
    call_analysis: call.outcome ? toAnalysisBody(call.outcome, call) : null,
    metadata: { batch_call_id: call.batchId },
    ...present({
      disconnection_reason: call.details?.disconnectionReason,
      call_cost: toCostBody(call.details),
    }),
    ...present({ outcome: call.outcome, answers: toAnswersBody(call.answers) }),
  };
}

function callStatusOf({ startedAt, endedAt, outcome }: CallRecord): CallBody["call_status"] {
  if (outcome === "failed") return "error";
  if (endedAt) return "ended";
  return startedAt ? "ongoing" : "registered";
}

function toCostBody({ cost, costUnit: unit }: CallDetails = {}): CallBody["call_cost"] {
  return cost === undefined ? undefined : { combined_cost: cost, ...present({ unit }) };
}

function toAnalysisBody(outcome: Outcome, { summary, details }: CallRecord): CallBody["call_analysis"] {
  return {
    call_successful: details?.isSuccessful ?? outcome === "answered",
    call_summary: summary ?? null,
    in_voicemail: outcome === "voicemail",
    ...present({ user_sentiment: details?.sentiment }),
  };
}

/** A call as the API tells it; see `readHostedCall`. */
export type CallReading = Omit<HostedCall, "durationMs"> & {
  readonly callId: string;
  /** Lower case. */
  readonly status: string;
  readonly toNumber?: string;
  readonly fromNumber?: string;
  readonly agentId?: string;
  readonly batchId?: string;
  readonly durationSeconds?: number;
};

const callReading = z.object({
  call_id: z.string().min(1),
  call_status: z.string().toLowerCase(),
  to_number: maybeText,
  from_number: maybeText,
  agent_id: maybeText,
  metadata: z.object({ batch_call_id: maybeText }).nullish().catch(undefined),
  outcome: anyCase(outcomes).nullish().catch(undefined),
});

/** Reads GET /api/calls/{id}, whose data is the call itself or holds it under `call`; undefined when it is neither. */
export function fromCallBody(body: unknown): CallReading | undefined {
  const data = unwrap(body);
  const fields = isObject(data) && isObject(data.call) ? data.call : data;
  const reading = callReading.safeParse(fields);
  if (!reading.success) return undefined;
  const call = reading.data;
  const { durationMs, ...told } = readHostedCall(fields);
  return {
    ...told,
    callId: call.call_id,
    status: call.call_status,
    ...present({
      toNumber: call.to_number,
      fromNumber: call.from_number,
      agentId: call.agent_id,
      batchId: call.metadata?.batch_call_id,
      durationSeconds: durationMs === undefined ? undefined : durationMs / 1000,
      // What our service says itself is no inference.
      outcome: call.outcome ?? told.outcome,
    }),
  };
}
