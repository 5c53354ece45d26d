import { type Outcome, outcomes } from "../../../domain/batch/batch.ts";
import type { SteeringFacts, StopWhen } from "../../../domain/batch/steering.ts";
import type { StoredBatch } from "../records.ts";
import { oneOf, optional, type Row, text, whole } from "../rows.ts";
import type { Dialect } from "./dialect.ts";
import { query, type SqlWork } from "./sql-work.ts";

/** How many recipients of a batch gave each value of an answer, in the last call in which there were any: who asked to be called back counts once. */
export function answersOfBatch({ schema, rowsOf }: Dialect): string {
  return `
    SELECT value ->> 'name' AS name, value ->> 'value' AS value, count(*) AS recipients
    FROM ${schema}.attempts CROSS JOIN ${rowsOf("attempts.answers_json")}
    WHERE batch_id = $1 AND answers_json IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM ${schema}.attempts AS later WHERE later.task_id = attempts.task_id
        AND later.attempt_number > attempts.attempt_number AND later.answers_json IS NOT NULL)
    GROUP BY 1, 2`;
}

/** Builds the count of what a batch is steered by; part of the caller's transaction. */
export function createSteeringFacts(dialect: Dialect): (batch: StoredBatch) => SqlWork<SteeringFacts> {
  const { schema } = dialect;
  const recipients = `
    SELECT count(*) FILTER (WHERE status <> 'cancelled' OR attempt_count > 0) AS people,
      count(*) FILTER (WHERE attempt_count > 0) AS dialed,
      count(*) FILTER (WHERE status = 'pending' AND attempt_count = 0) AS waiting_new,
      count(*) FILTER (WHERE status = 'pending') AS waiting, count(*) FILTER (WHERE outcome = $2) AS reached
    FROM ${schema}.tasks WHERE batch_id = $1`;
  const attempts = `
    SELECT CASE WHEN attempt_number = 1 THEN 1 ELSE 0 END AS is_first, CASE WHEN state = 'ended' THEN 1 ELSE 0 END AS has_ended,
      outcome, count(*) AS calls
    FROM ${schema}.attempts WHERE batch_id = $1 GROUP BY 1, 2, 3`;
  const optedOut = `
    SELECT count(DISTINCT task_id) AS n FROM ${schema}.attempts WHERE batch_id = $1 AND opted_out_at IS NOT NULL`;
  const answers = answersOfBatch(dialect);

  function* countAnswers(batchId: string, { answer, value }: StopWhen): SqlWork<number> {
    const isCounted = (row: Row) =>
      text(row, "name") === answer && (value === undefined || text(row, "value") === value);
    return sum((yield* query(answers, [batchId])).filter(isCounted), "recipients");
  }

  return function* ({ id, rules: { stopWhen } }) {
    const [counted = {}] = yield* query(recipients, [id, stopWhen?.outcome ?? null]);
    const calls = yield* query(attempts, [id]);
    const [asked = {}] = yield* query(optedOut, [id]);
    const first = calls.filter((row) => whole(row, "is_first") === 1);
    const ended = (row: Row) => whole(row, "has_ended") === 1;
    return {
      people: whole(counted, "people"),
      dialed: whole(counted, "dialed"),
      waitingNew: whole(counted, "waiting_new"),
      waiting: whole(counted, "waiting"),
      calls: sum(calls, "calls"),
      callsEnded: sum(calls.filter(ended), "calls"),
      openFirst: sum(
        first.filter((row) => !ended(row)),
        "calls",
      ),
      firstOutcomes: byOutcome(first),
      optedOut: whole(asked, "n"),
      reached: stopWhen?.answer === undefined ? whole(counted, "reached") : yield* countAnswers(id, stopWhen),
    };
  };
}

function byOutcome(rows: readonly Row[]): SteeringFacts["firstOutcomes"] {
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
