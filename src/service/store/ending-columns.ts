import type { CallResult } from "../../contract/records.ts";
import type { RetryDecision } from "../../domain/retry-rules.ts";
import type { BatchRules, NextStep } from "./dial-store.ts";

/** Values of the columns of an attempt that ended. */
export function resultColumns(result: CallResult | "unknown", now: Date) {
  if (result === "unknown") {
    return {
      outcome: null,
      startedAt: null,
      endedAt: now.getTime(),
      ringMs: null,
      talkMs: null,
      transcript: null,
      summary: null,
    };
  }
  const { outcome, startedAt, endedAt, ringMs, talkMs, transcript = null, summary = null } = result;
  return { outcome, startedAt: startedAt.getTime(), endedAt: endedAt.getTime(), ringMs, talkMs, transcript, summary };
}

/** What follows for a recipient of a batch with these rules. */
export function decide(next: NextStep, batch: BatchRules): RetryDecision {
  return typeof next === "function" ? next(batch) : next;
}

/** Whether the rules were changed since: then an attempt that is taken back may be none that is left. */
export function hasOtherRules(claimed: BatchRules, batch: BatchRules): boolean {
  return JSON.stringify(claimed.rules) !== JSON.stringify(batch.rules);
}

/** Values of the columns of its task. */
export function taskColumns(next: RetryDecision) {
  switch (next.kind) {
    case "final":
      return { status: next.status, reason: next.reason, dueAt: null };
    case "retry":
      return { status: "pending", reason: next.reason, dueAt: next.dueAt.getTime() };
  }
}
