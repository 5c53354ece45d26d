import { toReason } from "../../../../contract/bridge.ts";
import { isObject } from "../../../../contract/envelope.ts";
import { present } from "../../../../contract/fields.ts";
import { type HostedCall, readHostedCall } from "../../../../contract/hosted-call.ts";
import type { Outcome } from "../../../../domain/batch/batch.ts";
import type { PlatformCall } from "../platform.ts";

/** In the `metadata` of a call that leaves a message where a voicemail picks up. */
export const messageKey = "batch_call_message";

/** Ends of calls for which no phone rang, because the account had no line for them. */
const noRoom: ReadonlySet<string> = new Set(["concurrency_limit_reached", "no_concurrency_fallback"]);
/** The line was answered, whatever was said. Each with a start only: a call can be stopped before it is answered. */
const answeredIfStarted: ReadonlySet<string> = new Set(["manual_stopped", "scam_detected"]);

/**
 * Reads Retell's call object. Never throws: a field of the wrong type reads as absent, and what ended in a way that is not known was
 * answered where somebody spoke, and failed otherwise, with Retell's word for it.
 */
export function readCall(call: unknown): PlatformCall {
  const fields = isObject(call) ? call : {};
  // The hosted API's call object is nearly this one, down to the words of the ends.
  const read = readHostedCall({ ...fields, call_duration: fields["duration_ms"] });
  if (!read.isOver) return { state: "alive" };
  if (read.reason !== undefined && noRoom.has(read.reason)) return { state: "no_room", why: read.reason };
  const outcome = read.outcome ?? outcomeOf(read);
  return {
    state: "ended",
    outcome,
    // Who answered may have been a mailbox.
    isAnalyzed: read.isAnalyzed || outcome !== "answered",
    ...present({
      startedAt: read.startedAt,
      endedAt: read.endedAt,
      talkMs: read.durationMs,
      transcript: read.transcript,
      summary: read.summary,
      answers: read.answers,
      // No field says that it was left: it is what the call was told to do once a voicemail is detected.
      details: outcome === "voicemail" && isToLeaveMessage(fields) ? ({ messageLeft: true } as const) : undefined,
      reason: outcome === "failed" ? toReason(read.reason ?? "it ended without a reason") : undefined,
    }),
  };
}

function isToLeaveMessage({ metadata }: Readonly<Record<string, unknown>>): boolean {
  return isObject(metadata) && metadata[messageKey] === true;
}

function outcomeOf({ reason = "", startedAt }: HostedCall): Outcome {
  return answeredIfStarted.has(reason) && startedAt !== undefined ? "answered" : "failed";
}
