import type { CallResult } from "../../../../contract/records.ts";
import { isLeaving, removedReason } from "../../../../domain/batch/taken-out.ts";
import type { RetryDecision } from "../../../../domain/retry-rules.ts";
import type { Claim, NextStep, ReleaseReason } from "../../dial-store.ts";
import { decide, hasOtherRules, isForGood, resultColumns, taskColumns } from "../../ending-columns.ts";
import { unlessLeaving } from "../../leaving.ts";
import { toLineReason } from "../../line-wait.ts";
import { ms, optional, text, toBatchRules, whole } from "../../rows.ts";
import { postgres } from "../../shared/dialect.ts";
import { createEventWriter } from "../../shared/events.ts";
import { createNumberChecks } from "../../shared/fallback-numbers.ts";
import { createTaskWriter } from "../../shared/tasks.ts";
import { callEnded } from "../../to-events.ts";
import { runWork } from "../run-work.ts";
import type { SqlSession } from "../sql.ts";
import { completeIfDone } from "./completion.ts";
import { lockBatch } from "./lock-batch.ts";

const tasks = createTaskWriter(postgres);
const events = createEventWriter(postgres);
const { hasFallback } = createNumberChecks(postgres);

/**
 * Commits the outcome of an attempt: a fact, which is taken from whoever reports it, while that nobody knows it is only
 * said by who holds the attempt. Inside the caller's transaction; see `DialStore.complete`. */
export async function complete(
  session: SqlSession,
  claim: Claim,
  result: CallResult | "unknown",
  next: NextStep,
  now: Date,
): Promise<boolean> {
  const { fence, batch: known } = claim;
  const { token, taskId, batchId } = claim.attempt;
  const batch = await lockForEnd(session, batchId);
  const { outcome, startedAt, endedAt, ringMs, talkMs, transcript, summary, answers, details } = resultColumns(
    result,
    now,
  );
  const columns = [outcome, startedAt, endedAt, ringMs, talkMs, transcript, summary, now.getTime(), answers, details];
  const [ended] = await session.query(`${endAttempt} AND state <> 'ended' RETURNING ${hasFallback}`, [
    token,
    fence,
    ...columns,
  ]);
  if (!ended) {
    if (result === "unknown") return false;
    const [known] = await session.query(`${endAttempt} AND state = 'ended' AND outcome IS NULL RETURNING 1`, [
      token,
      fence,
      ...columns,
    ]);
    if (known)
      await settleAfterwards(session, claim, result, decide(next, batch.rules ?? claim.batch, false, true), now);
    return known !== undefined;
  }
  const byRules = decide(next, batch.rules ?? known, whole(ended, "has_fallback") === 1);
  const unlessOver = batch.isCancelled ? unlessRetried(byRules) : byRules;
  const decided = unlessLeaving(unlessOver, result, await readReason(session, taskId));
  const { status, reason, dueAt, fallsBack } = taskColumns(decided);
  await session.query(
    `UPDATE batch_call.tasks SET status = $2, outcome = $3, reason = $4, due_at = $5,
       fallback_after = CASE WHEN $6::int = 1 THEN attempt_count ELSE fallback_after END
     WHERE id = $1`,
    [taskId, status, outcome, reason, dueAt, fallsBack],
  );
  await runWork(session, events.tell(callEnded(claim, result, decided, now), now));
  if (batch.isLast) await completeIfDone(session, batchId, now);
  return true;
}

const endAttempt = `
  UPDATE batch_call.attempts SET state = 'ended', outcome = $3, started_at = coalesce($4, started_at), ended_at = $5,
    ring_ms = $6, talk_ms = $7, transcript = $8, summary = $9, answers_json = $11, details_json = $12, recorded_at = $10
  WHERE token = $1 AND (fence = $2 OR $3::text IS NOT NULL)`;

/** Of an attempt that had ended as unknown. */
async function settleAfterwards(
  session: SqlSession,
  claim: Claim,
  result: CallResult,
  byRules: RetryDecision,
  now: Date,
): Promise<void> {
  const { taskId, callId } = claim.attempt;
  const decided = unlessLeaving(byRules, result, await readReason(session, taskId));
  const { status, reason } = taskColumns(decided);
  const [settled] = await session.query(
    `UPDATE batch_call.tasks SET status = $3, outcome = $4, reason = $5
     WHERE id = $1 AND call_id = $2 AND status = 'unknown' RETURNING 1`,
    [taskId, callId, status, result.outcome, reason],
  );
  if (settled) await runWork(session, events.tell(callEnded(claim, result, decided, now), now));
}

/** Takes an attempt back, inside the caller's transaction; see `DialStore.release`. */
export async function release(
  session: SqlSession,
  { attempt: { token, taskId, batchId }, fence, batch: claimed }: Claim,
  why: ReleaseReason,
  now: Date,
  notBefore?: Date,
  waitsForLine?: string,
): Promise<void> {
  const batch = await lockForEnd(session, batchId);
  const [removed] = await session.query(
    "DELETE FROM batch_call.attempts WHERE token = $1 AND fence = $2 AND state <> 'ended' RETURNING 1",
    [token, fence],
  );
  if (!removed) return;
  const wasLeaving = isLeaving(await readReason(session, taskId));
  await session.query(
    `UPDATE batch_call.tasks SET status = 'pending', attempt_count = attempt_count - 1, due_at = coalesce($2, due_at), reason = coalesce($3, reason),
       call_id = (SELECT call_id FROM batch_call.attempts WHERE task_id = $1 ORDER BY attempt_number DESC LIMIT 1)
     WHERE id = $1`,
    [taskId, ms(notBefore), waitsForLine === undefined ? null : toLineReason(waitsForLine)],
  );
  const reason = isForGood(why) ? why : wasLeaving ? removedReason : batch.isCancelled ? "batch_cancelled" : undefined;
  if (reason === undefined) {
    if (batch.rules && hasOtherRules(claimed, batch.rules))
      await runWork(session, tasks.endUsedUp(batchId, batch.rules.rules, taskId));
  } else {
    await session.query("UPDATE batch_call.tasks SET status = 'cancelled', reason = $2, due_at = NULL WHERE id = $1", [
      taskId,
      reason,
    ]);
  }
  if (batch.isLast) await completeIfDone(session, batchId, now);
}

/**
 * Holds off a cancellation, which could miss a task that goes back to pending at this moment. While recipients wait, the
 * batch cannot be at its end, and attempts end side by side; then they end one after the other.
 */
async function lockForEnd(session: SqlSession, batchId: string) {
  const [waiting] = await session.query(
    "SELECT 1 FROM batch_call.tasks WHERE batch_id = $1 AND status = 'pending' LIMIT 1",
    [batchId],
  );
  const isLast = !waiting;
  const batch = await lockBatch(session, batchId, isLast ? "exclusive" : "share");
  return { isLast, isCancelled: batch?.["status"] === "cancelled", rules: batch && toBatchRules(batch) };
}

/** Of a task whose batch is held against changes of its list. */
async function readReason(session: SqlSession, taskId: string): Promise<string | undefined> {
  const [row] = await session.query("SELECT reason FROM batch_call.tasks WHERE id = $1", [taskId]);
  return row && optional(row, "reason", text);
}

/** Nobody is called again for a batch that was cancelled while the attempt was under way. */
function unlessRetried(next: RetryDecision): RetryDecision {
  return next.kind === "final" ? next : { kind: "final", status: "failed", reason: "batch_cancelled" };
}
