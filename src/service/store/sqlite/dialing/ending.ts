import type { CallResult } from "../../../../contract/records.ts";
import { isLeaving, removedReason } from "../../../../domain/batch/taken-out.ts";
import type { RetryDecision } from "../../../../domain/retry-rules.ts";
import type { DatabaseSync } from "../../../../lib/sqlite.ts";
import type { Claim, NextStep, ReleaseReason } from "../../dial-store.ts";
import { decide, hasOtherRules, isForGood, resultColumns, taskColumns } from "../../ending-columns.ts";
import { unlessLeaving } from "../../leaving.ts";
import { toLineReason } from "../../line-wait.ts";
import { ms, optional, text, toBatchRules, whole } from "../../rows.ts";
import { sqlite } from "../../shared/dialect.ts";
import { createEventWriter } from "../../shared/events.ts";
import { createNumberChecks } from "../../shared/fallback-numbers.ts";
import { agreedUntilColumn } from "../../shared/grants.ts";
import { createTaskWriter } from "../../shared/tasks.ts";
import { callEnded } from "../../to-events.ts";
import { createRunNow } from "../run-work.ts";
import { createCompletion } from "./completion.ts";

/** How an open attempt goes: with an outcome, or taken back because the carrier does not have it. */
export function createEnding(database: DatabaseSync) {
  const { completeIfDone } = createCompletion(database);
  const { endUsedUp } = createTaskWriter(sqlite);
  const { tellAll } = createEventWriter(sqlite);
  const runNow = createRunNow(database);
  const endWhere = (isSo: string) =>
    database.prepare(
      `UPDATE attempts SET state = 'ended', outcome = ?, started_at = coalesce(?, started_at), ended_at = ?,
         ring_ms = ?, talk_ms = ?, transcript = ?, summary = ?, answers_json = ?, details_json = ?, recorded_at = ?
       WHERE token = ? AND ${isSo} RETURNING task_id, batch_id`,
    );
  const end = endWhere("state <> 'ended'");
  const endLate = endWhere("state = 'ended' AND outcome IS NULL");
  const facts = database.prepare(
    `SELECT ${createNumberChecks(sqlite).hasFallback}, (SELECT reason FROM tasks WHERE id = task_id) AS reason,
       rules_json, timezone, ${agreedUntilColumn(sqlite)}
     FROM attempts JOIN batches ON batches.id = batch_id WHERE token = ?`,
  );
  const settleTask = database.prepare(
    `UPDATE tasks SET status = ?, outcome = ?, reason = ?, due_at = ?,
       fallback_after = CASE WHEN ? = 1 THEN attempt_count ELSE fallback_after END
     WHERE id = ?`,
  );
  const settleLate = database.prepare(
    "UPDATE tasks SET status = ?, outcome = ?, reason = ? WHERE id = ? AND call_id = ? AND status = 'unknown' RETURNING 1",
  );
  const remove = database.prepare(
    "DELETE FROM attempts WHERE token = :token AND state <> 'ended' RETURNING task_id, batch_id",
  );
  const giveBack = database.prepare(
    `UPDATE tasks SET status = 'pending', attempt_count = attempt_count - 1, due_at = coalesce(:notBefore, due_at), reason = coalesce(:reason, reason),
       call_id = (SELECT call_id FROM attempts WHERE task_id = :taskId ORDER BY attempt_number DESC LIMIT 1)
     WHERE id = :taskId`,
  );
  const cancelTask = database.prepare(
    "UPDATE tasks SET status = 'cancelled', reason = :reason, due_at = NULL WHERE id = :taskId",
  );
  const cancelledBatch = database.prepare("SELECT 1 FROM batches WHERE id = :batchId AND status = 'cancelled'");
  const reasonOf = database.prepare("SELECT reason FROM tasks WHERE id = ?");
  const rules = database.prepare(`SELECT rules_json, timezone, ${agreedUntilColumn(sqlite)} FROM batches WHERE id = ?`);

  // Nobody is called again for a batch that was cancelled while the attempt was under way.
  function unlessCancelled(next: RetryDecision, batchId: string): RetryDecision {
    if (next.kind === "final" || !cancelledBatch.get({ batchId })) return next;
    return { kind: "final", status: "failed", reason: "batch_cancelled" };
  }

  function readReason(taskId: string): string | undefined {
    return optional(reasonOf.get(taskId) ?? {}, "reason", text);
  }

  /** Of an attempt that had ended as unknown. */
  function settleAfterwards(claim: Claim, result: CallResult, next: NextStep, now: Date): void {
    const { taskId, batchId, callId } = claim.attempt;
    const byRules = decide(next, toBatchRules(rules.get(batchId) ?? {}), false, true);
    const decided = unlessLeaving(byRules, result, readReason(taskId));
    const { status, reason } = taskColumns(decided);
    if (settleLate.get(status, result.outcome, reason, taskId, callId))
      runNow(tellAll(() => [callEnded(claim, result, decided, now)], now));
  }

  return {
    complete(claim: Claim, result: CallResult | "unknown", next: NextStep, now: Date): boolean {
      const { token } = claim.attempt;
      const { outcome, startedAt, endedAt, ringMs, talkMs, ...told } = resultColumns(result, now);
      const { transcript, summary, answers, details } = told;
      const times = [startedAt, endedAt, ringMs, talkMs];
      const values = [outcome, ...times, transcript, summary, answers, details, now.getTime(), token];
      const ended = end.get(...values);
      if (!ended) {
        if (result === "unknown" || !endLate.get(...values)) return false;
        settleAfterwards(claim, result, next, now);
        return true;
      }
      const [taskId, batchId] = [text(ended, "task_id"), text(ended, "batch_id")];
      const found = facts.get(token) ?? {};
      const byRules = decide(next, toBatchRules(found), whole(found, "has_fallback") === 1);
      const decided = unlessLeaving(unlessCancelled(byRules, batchId), result, optional(found, "reason", text));
      const { status, reason, dueAt, fallsBack } = taskColumns(decided);
      settleTask.run(status, outcome, reason, dueAt, fallsBack, taskId);
      runNow(tellAll(() => [callEnded(claim, result, decided, now)], now));
      completeIfDone(batchId, now);
      return true;
    },
    release(
      { attempt: { token }, batch }: Claim,
      why: ReleaseReason,
      now: Date,
      notBefore?: Date,
      waitsForLine?: string,
    ): void {
      const removed = remove.get({ token });
      if (!removed) return;
      const [taskId, batchId] = [text(removed, "task_id"), text(removed, "batch_id")];
      const reason = waitsForLine === undefined ? null : toLineReason(waitsForLine);
      const wasLeaving = isLeaving(readReason(taskId));
      giveBack.run({ taskId, notBefore: ms(notBefore), reason });
      if (isForGood(why)) cancelTask.run({ taskId, reason: why });
      else if (wasLeaving) cancelTask.run({ taskId, reason: removedReason });
      else if (cancelledBatch.get({ batchId })) cancelTask.run({ taskId, reason: "batch_cancelled" });
      else {
        const current = toBatchRules(rules.get(batchId) ?? {});
        if (hasOtherRules(batch, current)) runNow(endUsedUp(batchId, current.rules, taskId));
      }
      completeIfDone(batchId, now);
    },
  };
}
