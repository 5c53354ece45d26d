import { z } from "zod";
import type { Outcome } from "../domain/batch/batch.ts";
import { isObject, unwrap } from "./envelope.ts";
import { maybeFlag, maybeInstant, maybeNumber, maybeText, present } from "./fields.ts";

/** A call as the hosted API tells it, by documented fields alone. */
export type HostedCall = {
  readonly isOver: boolean;
  /** Whether the analysis, which comes after the end, is there. */
  readonly isAnalyzed: boolean;
  /** Absent when its fields do not tell. */
  readonly outcome?: Outcome;
  readonly startedAt?: Date;
  readonly endedAt?: Date;
  readonly talkMs?: number;
  readonly transcript?: string;
  readonly summary?: string;
  /** Why it ended, in the API's word. */
  readonly reason?: string;
};

const reading = z.object({
  call_id: z.string().min(1),
  call_status: z.string().toLowerCase(),
  start_timestamp: maybeInstant,
  end_timestamp: maybeInstant,
  call_duration: maybeNumber,
  disconnection_reason: maybeText,
  transcript: maybeText,
  call_analysis: z.object({ call_summary: maybeText, in_voicemail: maybeFlag }).nullish().catch(undefined),
});

/**
 * Reads GET /api/calls/{id}; undefined when it is no call. The pages show one disconnection reason, `USER_HANGUP`: the others are
 * those of the vendor whose call object this nearly is, and a word that nobody knows decides nothing.
 */
export function readHostedCall(body: unknown): HostedCall | undefined {
  const data = unwrap(body);
  const read = reading.safeParse(isObject(data) && isObject(data.call) ? data.call : data);
  if (!read.success) return undefined;
  const call = read.data;
  const isOver = call.call_status === "ended" || call.call_status === "error";
  return {
    isOver,
    isAnalyzed: call.call_analysis != null,
    ...present({
      outcome: isOver ? outcomeOf(call) : undefined,
      startedAt: call.start_timestamp,
      endedAt: call.end_timestamp,
      talkMs: call.call_duration,
      transcript: call.transcript,
      summary: call.call_analysis?.call_summary,
      reason: call.disconnection_reason,
    }),
  };
}

const outcomeWords: readonly (readonly [RegExp, Outcome])[] = [
  [/voicemail/, "voicemail"],
  [/no_?answer/, "no_answer"],
  [/busy|declined/, "busy"],
  [/hangup|call_transfer|inactivity|max_duration/, "answered"],
  [/dial_failed|invalid_destination|permission_denied|provider_unavailable|sip_routing/, "failed"],
];

function outcomeOf(call: z.output<typeof reading>): Outcome | undefined {
  if (call.call_analysis?.in_voicemail === true) return "voicemail";
  const word = call.disconnection_reason?.toLowerCase() ?? "";
  const known = outcomeWords.find(([words]) => words.test(word))?.[1];
  if (known) return known;
  if ((call.call_duration ?? 0) > 0) return "answered";
  return call.call_status === "error" ? "failed" : undefined;
}
