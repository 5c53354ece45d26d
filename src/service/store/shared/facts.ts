import { outcomes, taskStatuses } from "../../../domain/batch/batch.ts";
import type { BatchFacts, BatchStore } from "../batch-store.ts";
import { instant, oneOf, optional, type Row, text, whole } from "../columns.ts";
import type { Dialect } from "./dialect.ts";
import { query, type SqlRunner, type SqlWork } from "./sql-work.ts";

const minuteMs = 60_000;
/** Within which a carrier takes an attempt on that passed its last check. */
const dispatchMs = 60_000;

/** Counts many batches in two statements. */
export function createFacts({ run }: SqlRunner, { schema, isOneOf }: Dialect): BatchStore["facts"] {
  const groups = `
    SELECT batch_id, status, outcome, count(*) AS recipients, count(*) FILTER (WHERE attempt_count > 0) AS dialed,
      min(coalesce(due_at, 0)) AS next_due_at
    FROM ${schema}.tasks WHERE ${isOneOf("batch_id", "$1")} GROUP BY batch_id, status, outcome`;
  // The index knows when an attempt began, and only that bounds how much of it is read.
  const starts = `
    SELECT batch_id, count(*) AS started FROM ${schema}.attempts
    WHERE ${isOneOf("batch_id", "$1")} AND begun_at > $2 AND started_at > $3 GROUP BY batch_id`;

  function* count(batchIds: readonly string[], now: Date): SqlWork<ReadonlyMap<string, BatchFacts>> {
    const tallies = new Map(batchIds.map((id) => [id, emptyTally()]));
    for (const row of yield* query(groups, [batchIds])) addGroup(tallyOf(tallies, row), row);
    const since = now.getTime() - minuteMs;
    for (const row of yield* query(starts, [batchIds, since - dispatchMs, since]))
      tallyOf(tallies, row).callsPerMinute = whole(row, "started");
    return tallies;
  }

  return (batchIds, now) => run(count(batchIds, now));
}

/** The facts of a batch while they are being counted. */
type Tally = {
  counts: { -readonly [K in keyof BatchFacts["counts"]]: number };
  outcomes: { -readonly [K in keyof BatchFacts["outcomes"]]: number };
  sent: number;
  callsPerMinute: number;
  nextDueAt?: Date;
};

function emptyTally(): Tally {
  return {
    counts: { total: 0, pending: 0, calling: 0, completed: 0, failed: 0, unknown: 0, cancelled: 0 },
    outcomes: { answered: 0, no_answer: 0, busy: 0, voicemail: 0, failed: 0 },
    sent: 0,
    callsPerMinute: 0,
  };
}

function tallyOf(tallies: Map<string, Tally>, row: Row): Tally {
  const tally = tallies.get(text(row, "batch_id"));
  if (!tally) throw new Error("The store counted a batch that was not asked for.");
  return tally;
}

/** Adds tasks of one batch that have status and outcome in common. */
function addGroup(tally: Tally, row: Row): void {
  const recipients = whole(row, "recipients");
  const status = oneOf(row, "status", taskStatuses);
  const outcome = optional(row, "outcome", (from, column) => oneOf(from, column, outcomes));
  tally.counts[status] += recipients;
  tally.counts.total += recipients;
  tally.sent += whole(row, "dialed");
  if (outcome) tally.outcomes[outcome] += recipients;
  if (status === "pending") keepEarlier(tally, optional(row, "next_due_at", instant));
}

function keepEarlier(tally: Tally, dueAt: Date | undefined): void {
  if (dueAt && (!tally.nextDueAt || dueAt < tally.nextDueAt)) tally.nextDueAt = dueAt;
}
