import { type Outcome, outcomes } from "../../../domain/batch/batch.ts";
import { type CanaryFacts, isCanaryOpen, type SteeringFacts, type StopWhen } from "../../../domain/batch/steering.ts";
import type { StoredBatch } from "../records.ts";
import { oneOf, optional, type Row, text, whole } from "../rows.ts";
import { campaignOf } from "./campaign.ts";
import type { Dialect } from "./dialect.ts";
import { query, type SqlWork } from "./sql-work.ts";

/** How many recipients of a batch gave each value of an answer, in the last call in which there were any: who asked to be called back counts once. */
export function answersOfBatch(dialect: Dialect): string {
  return answersOf(dialect, "= $1");
}

function answersOf({ schema, rowsOf }: Dialect, batches: string): string {
  return `
    SELECT value ->> 'name' AS name, value ->> 'value' AS value, count(*) AS recipients
    FROM ${schema}.attempts CROSS JOIN ${rowsOf("attempts.answers_json")}
    WHERE batch_id ${batches} AND answers_json IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM ${schema}.attempts AS later WHERE later.task_id = attempts.task_id
        AND later.attempt_number > attempts.attempt_number AND later.answers_json IS NOT NULL)
    GROUP BY 1, 2`;
}

/** Builds the count of what a batch and its campaign are steered by, as far as its rules ask for it; part of the caller's transaction. */
export function createSteeringFacts(dialect: Dialect): (batch: StoredBatch) => SqlWork<SteeringFacts> {
  const { schema } = dialect;
  const campaign = `IN ${campaignOf(dialect, "$1")}`;
  const waiting = `SELECT count(*) AS n FROM ${schema}.tasks WHERE batch_id ${campaign} AND status = 'pending'`;
  const reached = `SELECT count(*) AS n FROM ${schema}.tasks WHERE batch_id ${campaign} AND outcome = $2`;
  const calls = `SELECT count(*) AS n FROM ${schema}.attempts WHERE batch_id ${campaign}`;
  const open = `
    SELECT count(*) AS n FROM ${schema}.attempts WHERE batch_id ${campaign} AND organization_id = $2 AND state <> 'ended'`;
  const recipients = `
    SELECT count(*) FILTER (WHERE status <> 'cancelled' OR attempt_count > 0) AS people,
      count(*) FILTER (WHERE attempt_count > 0) AS dialed,
      count(*) FILTER (WHERE status = 'pending' AND attempt_count = 0) AS waiting_new
    FROM ${schema}.tasks WHERE batch_id ${campaign}`;
  const firstCalls = `
    SELECT CASE WHEN state = 'ended' THEN 1 ELSE 0 END AS has_ended, outcome, count(*) AS calls
    FROM ${schema}.attempts WHERE batch_id ${campaign} AND attempt_number = 1 GROUP BY 1, 2`;
  const optedOut = `
    SELECT count(DISTINCT task_id) AS n FROM ${schema}.attempts WHERE batch_id ${campaign} AND opted_out_at IS NOT NULL`;
  const answers = answersOf(dialect, campaign);

  function* count(text: string, ...parameters: readonly string[]): SqlWork<number> {
    const [row] = yield* query(text, parameters);
    return row ? whole(row, "n") : 0;
  }

  function* countReached(batchId: string, { answer, value, outcome }: StopWhen): SqlWork<number> {
    if (answer === undefined) return outcome === undefined ? 0 : yield* count(reached, batchId, outcome);
    const isCounted = (row: Row) =>
      text(row, "name") === answer && (value === undefined || text(row, "value") === value);
    return sum((yield* query(answers, [batchId])).filter(isCounted), "recipients");
  }

  function* countCanary(batchId: string): SqlWork<CanaryFacts> {
    const [counted = {}] = yield* query(recipients, [batchId]);
    const first = yield* query(firstCalls, [batchId]);
    return {
      people: whole(counted, "people"),
      dialed: whole(counted, "dialed"),
      waitingNew: whole(counted, "waiting_new"),
      openFirst: sum(
        first.filter((row) => whole(row, "has_ended") === 0),
        "calls",
      ),
      firstOutcomes: byOutcome(first),
      optedOut: yield* count(optedOut, batchId),
    };
  }

  return function* (batch) {
    const { id, organizationId } = batch;
    const { stopWhen = {} } = batch.rules;
    const hasBudget = stopWhen.calls !== undefined;
    const all = hasBudget ? yield* count(calls, id) : 0;
    return {
      waiting: yield* count(waiting, id),
      calls: all,
      callsEnded: hasBudget ? all - (yield* count(open, id, organizationId)) : 0,
      reached: yield* countReached(id, stopWhen),
      ...(isCanaryOpen(batch) && { canary: yield* countCanary(id) }),
    };
  };
}

function byOutcome(rows: readonly Row[]): CanaryFacts["firstOutcomes"] {
  const outcomeOf = (row: Row) => optional(row, "outcome", (from, column) => oneOf(from, column, outcomes));
  const of = (outcome: Outcome) =>
    sum(
      rows.filter((row) => outcomeOf(row) === outcome),
      "calls",
    );
  return {
    answered: of("answered"),
    no_answer: of("no_answer"),
    busy: of("busy"),
    voicemail: of("voicemail"),
    failed: of("failed"),
  };
}

function sum(rows: readonly Row[], column: string): number {
  return rows.reduce((total, row) => total + whole(row, column), 0);
}
