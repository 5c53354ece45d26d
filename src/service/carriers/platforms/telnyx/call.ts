import { z } from "zod";
import { toReason } from "../../../../contract/bridge.ts";
import { isObject } from "../../../../contract/envelope.ts";
import { maybeInstant, present } from "../../../../contract/fields.ts";
import type { Answer } from "../../../../domain/batch/answers.ts";
import type { Outcome } from "../../../../domain/batch/batch.ts";
import type { PlatformCall } from "../platform.ts";

const eventReading = z.object({
  name: z.string(),
  call_leg_id: z.string().min(1),
  event_timestamp: maybeInstant,
  metadata: z.unknown().optional(),
});

/** Something that happened with a call, or was asked of it, as Telnyx keeps it. */
export type CallEvent = z.output<typeof eventReading>;

/** Rows of another form are left out. */
export function readEvents(rows: readonly unknown[]): readonly CallEvent[] {
  return rows.flatMap((row) => eventReading.safeParse(row).data ?? []);
}

/**
 * A text of an event. Only that its metadata holds the raw event is documented, not where, so the name is looked for at every depth.
 */
export function textIn(node: unknown, name: string, depth = 6): string | undefined {
  if (depth === 0 || !(isObject(node) || Array.isArray(node))) return undefined;
  const own = isObject(node) ? node[name] : undefined;
  if (typeof own === "string" && own !== "") return own;
  for (const inner of Object.values(node)) {
    const found = textIn(inner, name, depth - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

const causes: ReadonlyMap<string, Outcome> = new Map([
  ["no_answer", "no_answer"],
  ["timeout", "no_answer"],
  ["user_busy", "busy"],
  ["call_rejected", "busy"],
  // Of a call whose answer is not shown: who may have been spoken to is not called again.
  ["normal_clearing", "answered"],
  ["time_limit", "answered"],
]);
const mailboxes: ReadonlySet<string> = new Set(["machine", "fax_detected"]);

/** What was said, and what was found out about it. */
export type Talk = {
  readonly transcript?: string;
  readonly summary?: string;
  readonly answers?: readonly Answer[];
  readonly isAnalyzed: boolean;
};

/** How a call ended by its events; undefined where they do not show its end. Never throws. */
export function readEnd(
  events: readonly CallEvent[],
): Extract<PlatformCall, { state: "ended" | "no_room" }> | undefined {
  const hangup = eventNamed(events, "call.hangup");
  if (!hangup) return undefined;
  if (/channel limit exceeded/i.test(JSON.stringify(hangup.metadata ?? null)))
    return { state: "no_room", why: "the account has no free channel" };
  const answered = eventNamed(events, "call.answered");
  const cause = textIn(hangup.metadata, "hangup_cause");
  const verdict = verdictIn(events);
  const isMailbox = verdict !== undefined && mailboxes.has(verdict);
  const outcome = isMailbox ? "voicemail" : answered ? "answered" : (causes.get(cause ?? "") ?? "failed");
  const [from, to] = [answered?.event_timestamp, hangup.event_timestamp];
  return {
    state: "ended",
    outcome,
    // Who answered may have been a mailbox.
    isAnalyzed: outcome !== "answered" || verdict !== undefined,
    ...present({
      startedAt: eventNamed(events, "call.initiated")?.event_timestamp ?? from,
      endedAt: to,
      talkMs: from && to ? Math.max(to.getTime() - from.getTime(), 0) : undefined,
      reason: outcome === "failed" ? toReason(cause ?? "it ended without a reason") : undefined,
    }),
  };
}

function eventNamed(events: readonly CallEvent[], name: string): CallEvent | undefined {
  return events.find((event) => event.name === name);
}

function verdictIn(events: readonly CallEvent[]): string | undefined {
  const detected = events.find(({ name }) => /^call\.machine\.(premium\.)?detection\.ended$/.test(name));
  return textIn(detected?.metadata, "result");
}
