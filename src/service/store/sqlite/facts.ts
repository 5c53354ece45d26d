import { type Counts, type OutcomeCounts, outcomes, taskStatuses } from "../../../domain/batch.ts";
import type { DatabaseSync } from "../../../sqlite.ts";
import type { BatchFacts, BatchStore } from "../store.ts";
import { instant, jsonList, oneOf, optional, type Row, text, whole } from "./columns.ts";

type Tally = {
  counts: { -readonly [K in keyof Counts]: number };
  outcomes: { -readonly [K in keyof OutcomeCounts]: number };
  sent: number;
  callsPerMinute: number;
  nextDueAt?: Date;
};

/** Counts many batches in two statements. */
export function createFacts(database: DatabaseSync): BatchStore["facts"] {
  const groups = database.prepare(`
    SELECT batch_id, status, outcome, COUNT(*) AS recipients, SUM(attempt_count > 0) AS dialed, MIN(due_at) AS next_due_at
    FROM tasks WHERE batch_id IN (SELECT value FROM json_each(:ids)) GROUP BY batch_id, status, outcome
  `);
  const starts = database.prepare(`
    SELECT batch_id, COUNT(*) AS started
    FROM attempts WHERE batch_id IN (SELECT value FROM json_each(:ids)) AND started_at > :since GROUP BY batch_id
  `);

  return async (batchIds, now) => {
    const tallies = new Map(batchIds.map((id) => [id, emptyTally()]));
    const ids = jsonList(batchIds);
    for (const row of groups.all({ ids })) addGroup(tallyOf(tallies, row), row);
    for (const row of starts.all({ ids, since: now.getTime() - 60_000 })) {
      tallyOf(tallies, row).callsPerMinute = whole(row, "started");
    }
    return tallies satisfies ReadonlyMap<string, BatchFacts>;
  };
}

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
