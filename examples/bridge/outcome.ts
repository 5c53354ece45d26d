/** How a call ended, as the batch-call service wants to hear it. */
export type CallEnd = {
  readonly outcome: "answered" | "no_answer" | "busy" | "voicemail" | "failed";
  /** ISO 8601. */
  readonly started_at: string;
  readonly ended_at: string;
  readonly ring_ms?: number;
  readonly talk_ms?: number;
  readonly message_left?: true;
  readonly reason?: string;
};

/** The fields of Twilio's call resource that tell how it went. */
export type ProviderCall = {
  readonly sid: string;
  readonly status: string;
  readonly answeredBy: string | null;
  readonly dateCreated: Date | null;
  readonly startTime: Date | null;
  readonly endTime: Date | null;
  /** In seconds; null while nobody has answered. */
  readonly duration: string | null;
};

/** How the call ended; undefined while it goes on. `messageGiven`: Twilio was told to speak the message to a machine. */
export function toEnd(call: ProviderCall, now: Date, messageGiven = false): CallEnd | undefined {
  const outcome = toOutcome(call);
  if (!outcome) return undefined;
  const endedAt = call.endTime ?? now;
  const startedAt = call.startTime ?? call.dateCreated ?? endedAt;
  const talkMs = outcome === "answered" ? Number(call.duration ?? 0) * 1000 : 0;
  const ringMs = Math.max(endedAt.getTime() - startedAt.getTime() - talkMs, 0);
  return {
    outcome,
    started_at: startedAt.toISOString(),
    ended_at: endedAt.toISOString(),
    ring_ms: ringMs,
    talk_ms: talkMs,
    ...(outcome === "voicemail" && messageGiven && { message_left: true }),
    ...(outcome === "failed" && { reason: `Twilio: ${call.status}` }),
  };
}

/** A call that never was: the provider turned it down. */
export function toRefusedEnd(reason: string, now: Date): CallEnd {
  return { outcome: "failed", started_at: now.toISOString(), ended_at: now.toISOString(), reason };
}

function toOutcome({ status, answeredBy }: ProviderCall): CallEnd["outcome"] | undefined {
  switch (status) {
    case "completed":
      return isMachine(answeredBy) ? "voicemail" : "answered";
    case "busy":
      return "busy";
    case "no-answer":
      return "no_answer";
    case "failed":
    case "canceled":
      return "failed";
    default:
      return undefined;
  }
}

/** Twilio says `human`, `machine_start`, `machine_end_beep` and the like, `fax` or `unknown`. */
export function isMachine(answeredBy: string | null | undefined): boolean {
  return answeredBy === "fax" || (answeredBy?.startsWith("machine") ?? false);
}
