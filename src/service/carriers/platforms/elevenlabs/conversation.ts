import { z } from "zod";
import { toReason } from "../../../../contract/bridge.ts";
import { fromAnswersBody } from "../../../../contract/call-answers.ts";
import { maybeCount, maybeInstant, maybeNumber, maybeText, present } from "../../../../contract/fields.ts";
import type { Outcome } from "../../../../domain/batch/batch.ts";
import type { PlatformCall } from "../platform.ts";

const outcomes = ["answered", "voicemail", "busy", "no_answer", "failed"] as const;

const turn = z.object({ role: z.string(), message: maybeText });
const conversation = z.object({
  status: maybeText,
  transcript: z.array(turn.nullable().catch(null)).nullish().catch(undefined),
  metadata: z
    .object({
      start_time_unix_secs: maybeCount,
      accepted_time_unix_secs: maybeCount,
      call_duration_secs: maybeNumber,
      termination_reason: maybeText,
      phone_call: z
        .object({ call_result: z.enum(outcomes).nullish().catch(undefined) })
        .nullish()
        .catch(undefined),
      error: z.object({ code: maybeNumber, reason: maybeText }).nullish().catch(undefined),
    })
    .nullish()
    .catch(undefined),
  analysis: z
    .object({ transcript_summary: maybeText, data_collection_results: z.unknown().optional() })
    .nullish()
    .catch(undefined),
});
type Conversation = z.output<typeof conversation>;

/**
 * Reads ElevenLabs' conversation. Never throws: a field of the wrong type reads as absent. Its `call_result` is the outcome; where it is
 * missing, somebody who spoke had answered, and a conversation that ended otherwise failed, with its words for it.
 */
export function readConversation(body: unknown): PlatformCall {
  const { data } = conversation.safeParse(body);
  if (!data) return { state: "alive" };
  const isDone = data.status === "done" || data.status === "failed";
  const told = data.metadata?.phone_call?.call_result ?? undefined;
  const turns = turnsOf(data);
  const outcome: Outcome | undefined = told ?? (turns.some(({ role }) => role === "user") ? "answered" : undefined);
  // The line is down and its end not told yet.
  if (!isDone && (data.status !== "processing" || outcome === undefined)) return { state: "alive" };
  const { startedAt, endedAt, talkMs } = timesOf(data);
  const ended = outcome ?? "failed";
  return {
    state: "ended",
    outcome: ended,
    isAnalyzed: isDone || ended !== "answered",
    ...present({
      startedAt,
      endedAt,
      talkMs,
      transcript:
        turns.map(({ role, message }) => `${role === "agent" ? "Agent" : "User"}: ${message}`).join("\n") || undefined,
      summary: data.analysis?.transcript_summary || undefined,
      answers: fromAnswersBody(data.analysis?.data_collection_results),
      reason: ended === "failed" ? reasonOf(data) : undefined,
    }),
  };
}

function turnsOf({ transcript }: Conversation): readonly { readonly role: string; readonly message: string }[] {
  return (transcript ?? []).flatMap((said) => (said?.message ? [{ role: said.role, message: said.message }] : []));
}

function timesOf({ metadata }: Conversation) {
  const start = metadata?.start_time_unix_secs;
  const seconds = metadata?.call_duration_secs ?? undefined;
  const isTold = seconds !== undefined && seconds >= 0;
  return {
    startedAt: start ? maybeInstant.parse(metadata?.accepted_time_unix_secs || start) : undefined,
    endedAt: start && isTold ? maybeInstant.parse(start + Math.round(seconds)) : undefined,
    talkMs: isTold ? Math.round(seconds * 1000) : undefined,
  };
}

function reasonOf({ metadata }: Conversation): string | undefined {
  return toReason(metadata?.error?.reason || metadata?.termination_reason || "it ended without a reason");
}
