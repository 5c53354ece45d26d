import type { CallResult } from "../../../../contract/records.ts";
import { isLeaving, removedReason } from "../../../../domain/batch/taken-out.ts";
import type { RetryDecision } from "../../../../domain/retry-rules.ts";
import type { BatchRules, Claim, NextStep, ReleaseReason } from "../../dial-store.ts";
import { decide, hasOtherRules, isForGood, resultColumns, taskColumns } from "../../ending-columns.ts";
import { unlessLeaving } from "../../leaving.ts";
import { toLineReason } from "../../line-wait.ts";
import { ms, optional, type Row, text, toBatchRules, whole } from "../../rows.ts";
import { postgres } from "../../shared/dialect.ts";
import { createEventWriter } from "../../shared/events.ts";
import { createNumberChecks } from "../../shared/fallback-numbers.ts";
import { agreedUntilColumn } from "../../shared/grants.ts";
import { createTaskWriter } from "../../shared/tasks.ts";
import { callEnded } from "../../to-events.ts";
import { runWork } from "../run-work.ts";
import type { Sql, SqlSession } from "../sql.ts";
import { latestOf } from "./groups.ts";
import type { DatabaseClock } from "./moment.ts";

const tasks = createTaskWriter(postgres);
const events = createEventWriter(postgres);
const { hasFallback } = createNumberChecks(postgres);

/** An attempt and the outcome that it is to have. */
export type EndJob = {
  readonly claim: Claim;
  readonly result: CallResult | "unknown";
  readonly next: NextStep;
  readonly now: Date;
};

/**
 * Commits the outcomes of a group of attempts that has each recipient once: facts, which are taken from whoever reports them, while that
 * nobody knows one is only said by who holds the attempt. Returns for each whether it had an effect; see `DialStore.complete`. A batch in
 * which nobody is left is ended afterwards, by `createFinishing`.
 */
export function complete(sql: Sql, jobs: readonly EndJob[], clock: DatabaseClock): Promise<readonly boolean[]> {
  return sql.transaction(async (session) => {
    const batches = await holdForEnd(session, new Set(jobs.map(({ claim }) => claim.attempt.batchId)));
    const now = await clock(session, latestOf(jobs));
    const ended = await endAttempts(session, jobs, "state <> 'ended'", now);
    const decided = jobs.flatMap((job) => {
      const row = ended.get(job.claim.attempt.token);
      return row ? [{ ...job, decided: decideNext(job, batches.get(job.claim.attempt.batchId), row) }] : [];
    });
    await settleTasks(session, decided);
    const late = jobs.filter(({ claim, result }) => result !== "unknown" && !ended.has(claim.attempt.token));
    const known = await endAttempts(session, late, "state = 'ended' AND attempts.outcome IS NULL", now);
    for (const job of late)
      if (known.has(job.claim.attempt.token))
        await settleAfterwards(session, job, batches.get(job.claim.attempt.batchId), now);
    const toEvent = ({ claim, result, decided }: Decided) => callEnded(claim, result, decided, now);
    if (decided.length > 0)
      await runWork(
        session,
        events.tellAll(() => decided.map(toEvent), now),
      );
    return jobs.map(({ claim: { attempt } }) => ended.has(attempt.token) || known.has(attempt.token));
  });
}

type Decided = EndJob & { readonly decided: RetryDecision };

/** Those that are in that state, by token, with what is to be known of each for what follows. */
async function endAttempts(
  session: SqlSession,
  jobs: readonly EndJob[],
  state: string,
  now: Date,
): Promise<ReadonlyMap<string, Row>> {
  if (jobs.length === 0) return new Map();
  const columns = jobs.map(({ result }) => resultColumns(result, now));
  const rows = await session.query(
    `UPDATE batch_call.attempts SET state = 'ended', outcome = asked.outcome, started_at = coalesce(asked.started_at, attempts.started_at),
       ended_at = asked.ended_at, ring_ms = asked.ring_ms, talk_ms = asked.talk_ms, transcript = asked.transcript,
       summary = asked.summary, answers_json = asked.answers, details_json = asked.details, recorded_at = $1
     FROM unnest($2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::text[], $10::text[],
         $11::text[], $12::text[])
       AS asked (token, fence, outcome, started_at, ended_at, ring_ms, talk_ms, transcript, summary, answers, details)
     WHERE attempts.token = asked.token AND (attempts.fence = asked.fence OR asked.outcome IS NOT NULL) AND ${state}
     RETURNING attempts.token, ${hasFallback}, (SELECT reason FROM batch_call.tasks WHERE tasks.id = attempts.task_id) AS task_reason`,
    [
      now.getTime(),
      jobs.map(({ claim }) => claim.attempt.token),
      jobs.map(({ claim }) => claim.fence),
      columns.map(({ outcome }) => outcome),
      columns.map(({ startedAt }) => startedAt),
      columns.map(({ endedAt }) => endedAt),
      columns.map(({ ringMs }) => ringMs),
      columns.map(({ talkMs }) => talkMs),
      columns.map(({ transcript }) => transcript),
      columns.map(({ summary }) => summary),
      columns.map(({ answers }) => answers),
      columns.map(({ details }) => details),
    ],
  );
  return new Map(rows.map((row) => [text(row, "token"), row]));
}

/** By the rules of the batch as they are. Nobody is called again who was taken out of the list, or whose batch was cancelled, meanwhile. */
function decideNext({ claim, result, next }: EndJob, batch: HeldBatch | undefined, ended: Row): RetryDecision {
  const byRules = decide(next, batch?.rules ?? claim.batch, whole(ended, "has_fallback") === 1);
  const unlessOver = batch?.isCancelled ? unlessRetried(byRules) : byRules;
  return unlessLeaving(unlessOver, result, optional(ended, "task_reason", text));
}

async function settleTasks(session: SqlSession, ended: readonly Decided[]): Promise<void> {
  if (ended.length === 0) return;
  const columns = ended.map(({ decided }) => taskColumns(decided));
  await session.query(
    `UPDATE batch_call.tasks SET status = asked.status, outcome = asked.outcome, reason = asked.reason, due_at = asked.due_at,
       fallback_after = CASE WHEN asked.falls_back = 1 THEN attempt_count ELSE fallback_after END
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::int[])
       AS asked (id, status, outcome, reason, due_at, falls_back)
     WHERE tasks.id = asked.id`,
    [
      ended.map(({ claim }) => claim.attempt.taskId),
      columns.map(({ status }) => status),
      ended.map(({ result }) => (result === "unknown" ? null : result.outcome)),
      columns.map(({ reason }) => reason),
      columns.map(({ dueAt }) => dueAt),
      columns.map(({ fallsBack }) => fallsBack),
    ],
  );
}

/** Of an attempt that had ended as unknown. */
async function settleAfterwards(
  session: SqlSession,
  { claim, result, next }: EndJob,
  batch: HeldBatch | undefined,
  now: Date,
): Promise<void> {
  if (result === "unknown") return;
  const { taskId, callId } = claim.attempt;
  const byRules = decide(next, batch?.rules ?? claim.batch, false, true);
  const decided = unlessLeaving(byRules, result, await readReason(session, taskId));
  const { status, reason } = taskColumns(decided);
  const [settled] = await session.query(
    `UPDATE batch_call.tasks SET status = $3, outcome = $4, reason = $5
     WHERE id = $1 AND call_id = $2 AND status = 'unknown' RETURNING 1`,
    [taskId, callId, status, result.outcome, reason],
  );
  if (settled) await runWork(session, events.tell(callEnded(claim, result, decided, now), now));
}

/** Takes an attempt back, inside the caller's transaction; see `DialStore.release`. A batch in which nobody is left is ended afterwards. */
export async function release(
  session: SqlSession,
  { attempt: { token, taskId, batchId }, fence, batch: claimed }: Claim,
  why: ReleaseReason,
  notBefore?: Date,
  waitsForLine?: string,
): Promise<void> {
  const batch = (await holdForEnd(session, new Set([batchId]))).get(batchId);
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
  const reason = isForGood(why) ? why : wasLeaving ? removedReason : batch?.isCancelled ? "batch_cancelled" : undefined;
  if (reason === undefined) {
    if (batch && hasOtherRules(claimed, batch.rules))
      await runWork(session, tasks.endUsedUp(batchId, batch.rules.rules, taskId));
  } else {
    await session.query("UPDATE batch_call.tasks SET status = 'cancelled', reason = $2, due_at = NULL WHERE id = $1", [
      taskId,
      reason,
    ]);
  }
}

type HeldBatch = { readonly isCancelled: boolean; readonly rules: BatchRules };

/**
 * Holds off a cancellation, which could miss a task that goes back to pending at this moment, and changes of the list and the rules.
 * Attempts end side by side. Taken before tasks and attempts, and in one order: no two wait for each other in a circle.
 */
async function holdForEnd(session: SqlSession, ids: ReadonlySet<string>): Promise<ReadonlyMap<string, HeldBatch>> {
  const rows = await session.query(
    `SELECT id, status, rules_json, timezone, ${agreedUntilColumn(postgres)} FROM batch_call.batches
     WHERE id = ANY($1::text[]) ORDER BY id FOR SHARE`,
    [[...ids]],
  );
  return new Map(
    rows.map((row) => [text(row, "id"), { isCancelled: row["status"] === "cancelled", rules: toBatchRules(row) }]),
  );
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
