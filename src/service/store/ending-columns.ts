import type { CallResult } from "../../contract/records.ts";
import type { RetryDecision } from "../../domain/retry-rules.ts";
import type { BatchRules, NextStep, ReleaseReason } from "./dial-store.ts";

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
      answers: null,
      details: null,
    };
  }
  const { outcome, startedAt, endedAt, ringMs, talkMs, transcript = null, summary = null } = result;
  const answers = result.answers ? JSON.stringify(result.answers) : null;
  const details = result.details ? JSON.stringify(result.details) : null;
  const times = { startedAt: startedAt.getTime(), endedAt: endedAt.getTime(), ringMs, talkMs };
  return { outcome, ...times, transcript, summary, answers, details };
}

/** What follows for a recipient of a batch with these rules. */
export function decide(next: NextStep, batch: BatchRules, hasFallback: boolean, isLate = false): RetryDecision {
  return typeof next === "function" ? next(batch, hasFallback, isLate) : next;
}

/** Whether an attempt is taken back for a reason that never passes, so that its recipient is called no more, on no number. */
export function isForGood(why: ReleaseReason): boolean {
  return why === "do_not_call" || why === "excluded" || why === "not_callable" || why === "number_of_another";
}

/** Whether the rules were changed since: then an attempt that is taken back may be none that is left. */
export function hasOtherRules(claimed: BatchRules, batch: BatchRules): boolean {
  return JSON.stringify(claimed.rules) !== JSON.stringify(batch.rules);
}

/** Values of the columns of its task. `fallsBack` is 1 when the fallback number is called from here on. */
export function taskColumns(next: RetryDecision) {
  const { reason } = next;
  switch (next.kind) {
    case "final":
      return { status: next.status, reason, dueAt: null, fallsBack: 0 };
    case "retry":
      return { status: "pending", reason, dueAt: next.dueAt.getTime(), fallsBack: 0 };
    case "fallback":
      return { status: "pending", reason, dueAt: next.dueAt.getTime(), fallsBack: 1 };
  }
}
