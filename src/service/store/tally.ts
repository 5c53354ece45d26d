import { type Counts, type OutcomeCounts, outcomes, taskStatuses } from "../../domain/batch/batch.ts";
import { instant, oneOf, optional, type Row, text, whole } from "./columns.ts";

/** The facts of a batch while they are being counted. */
export type Tally = {
  counts: { -readonly [K in keyof Counts]: number };
  outcomes: { -readonly [K in keyof OutcomeCounts]: number };
  sent: number;
  callsPerMinute: number;
  nextDueAt?: Date;
};

export function emptyTally(): Tally {
  return {
    counts: { total: 0, pending: 0, calling: 0, completed: 0, failed: 0, unknown: 0, cancelled: 0 },
    outcomes: { answered: 0, no_answer: 0, busy: 0, voicemail: 0, failed: 0 },
    sent: 0,
    callsPerMinute: 0,
  };
}

export function tallyOf(tallies: Map<string, Tally>, row: Row): Tally {
  const tally = tallies.get(text(row, "batch_id"));
  if (!tally) throw new Error("The store counted a batch that was not asked for.");
  return tally;
}

/** Adds tasks of one batch that have status and outcome in common. */
export function addGroup(tally: Tally, row: Row): void {
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
