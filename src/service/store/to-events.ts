import { toAnswersBody } from "../../contract/call-answers.ts";
import type { CallResult } from "../../contract/records.ts";
import type { WebhookEvent } from "../../contract/webhook-events.ts";
import type { RetryDecision } from "../../domain/retry-rules.ts";
import type { Claim } from "./dial-store.ts";
import type { StoredBatch } from "./records.ts";
import { known } from "./rows.ts";

/** In characters; the whole is with the call. */
const longestSummary = 4_000;

type Named = Pick<StoredBatch, "organizationId" | "id" | "name">;
type Standing = Pick<StoredBatch, "status" | "isPaused" | "heldReason">;

export function toBatchData({ organizationId, id, name, status }: Named & Pick<StoredBatch, "status">) {
  return { ...toName({ organizationId, id, name }), status };
}

function toName({ organizationId, id, name }: Named) {
  return { organization_id: organizationId, batch_id: id, batch_name: name };
}

/** What it tells that a batch became another one; undefined for an edit that lets it run, or rest, as before. */
export function eventOfChange(before: Standing | undefined, after: Named & Standing): WebhookEvent | undefined {
  const data = toBatchData(after);
  const { status, isPaused, heldReason } = after;
  if (status === "cancelled") return before?.status === status ? undefined : { type: "batch.cancelled", data };
  if (status === "sent" && before?.status !== status) return { type: "batch.started", data };
  const wasPaused = before?.isPaused ?? false;
  if (isPaused && heldReason !== undefined && !(wasPaused && before?.heldReason === heldReason))
    return { type: "batch.held", data: { ...data, reason: heldReason } };
  if (isPaused === wasPaused) return undefined;
  return { type: isPaused ? "batch.paused" : "batch.resumed", data };
}

/** A call that has its outcome, and what follows for its recipient. */
export function callEnded(
  { attempt, task, batch }: Claim,
  result: CallResult | "unknown",
  next: RetryDecision,
  now: Date,
): WebhookEvent {
  const data = {
    ...toName(batch),
    call_id: attempt.callId,
    task_id: task.id,
    row: task.row,
    attempt: attempt.attemptNumber,
    agent_id: attempt.agentId,
    from_number: attempt.fromNumber,
    to_number: attempt.toNumber,
    variables: { ...task.variables },
    ...(result === "unknown" ? { outcome: result, ended_at: now.toISOString() } : toResultData(result)),
    recipient_status: next.kind === "final" ? next.status : ("pending" as const),
    reason: next.reason,
    ...(next.kind !== "final" && { next_attempt_at: next.dueAt.toISOString() }),
  };
  return { type: "call.ended", data };
}

function toResultData({ outcome, startedAt, endedAt, ringMs, talkMs, summary, answers, said }: CallResult) {
  return {
    outcome,
    started_at: startedAt.toISOString(),
    ended_at: endedAt.toISOString(),
    ring_ms: ringMs,
    talk_ms: talkMs,
    ...known({
      summary: summary?.slice(0, longestSummary),
      answers: toAnswersBody(answers),
      opted_out: said?.optOut,
      wrong_number: said?.wrongNumber,
      call_back_at: said?.callBackAt,
    }),
  };
}
