import { callerIdsOf } from "../../../../domain/batch/caller-ids.ts";
import { mostPassedOver, type SlotQueue, type SlotUsage, toSlotQueue } from "../../allocate-slots.ts";
import type { ClaimRequest } from "../../dial-store.ts";
import type { DueTask } from "../../due-task.ts";
import type { StoredBatch } from "../../records.ts";
import { groupBy, instant, known, optional, type Row, text, whole } from "../../rows.ts";
import { dialedNumberColumn, keptNumberColumn } from "../../shared/fallback-numbers.ts";
import type { SqlSession } from "../sql.ts";

/** Runs along one index and stops at its limit, however many wait. */
const due = (attempts: "= 0" | "> 0"): string => `(
  SELECT id, ${dialedNumberColumn} AS dialed_number, fallback_after, timezone, not_before, due_at, row_number, attempt_count,
    ${keptNumberColumn("batch_call.attempts")} FROM batch_call.tasks
  WHERE tasks.batch_id = wanted.batch_id AND status = 'pending' AND attempt_count ${attempts} AND coalesce(due_at, 0) <= $3
  ORDER BY coalesce(due_at, 0), row_number LIMIT wanted.most)`;

/** The fewest tasks that are read of a line. */
const fewestTurns = 10;
/** Times what each batch gets when the places are shared out evenly. */
const readAhead = 4;

export type ReadQueue = SlotQueue & {
  /** There may be more in this line than was read, and this claim may get that far. */
  readonly isCut: boolean;
};

/** The lines of the batches, as far as this claim is likely to get in them. */
export async function readQueues(
  session: SqlSession,
  batches: readonly StoredBatch[],
  usage: SlotUsage,
  request: ClaimRequest,
): Promise<readonly ReadQueue[]> {
  if (batches.length === 0) return [];
  const likely = Math.max(Math.ceil((readAhead * request.limit) / batches.length), fewestTurns);
  const wanted = batches.map((batch) => {
    const possible = mostTurns(batch, usage, request);
    const ahead = possible > 1 && batch.rules.moreFromNumbers ? Math.ceil(mostPassedOver / batches.length) : 0;
    return { batch, possible: possible + ahead, most: Math.min(possible, likely) + ahead };
  });
  const rows = await session.query(
    `SELECT wanted.batch_id, due.* FROM unnest($1::text[], $2::int[]) AS wanted (batch_id, most)
     CROSS JOIN LATERAL (${due("= 0")} UNION ALL ${due("> 0")}) AS due
     ORDER BY attempt_count > 0, coalesce(due_at, 0), row_number`,
    [wanted.map(({ batch }) => batch.id), wanted.map(({ most }) => most), request.now.getTime()],
  );
  const lines = groupBy(rows, "batch_id");
  return wanted.map(({ batch, possible, most }) => {
    const dueTasks = (lines.get(batch.id) ?? []).map((row) => toDueTask(batch, row));
    return { ...toSlotQueue(batch, dueTasks), isCut: most < possible && dueTasks.length >= most };
  });
}

// One turn more than there are starts left shows whether pace holds somebody back.
function mostTurns(batch: StoredBatch, usage: SlotUsage, request: ClaimRequest): number {
  const { id, organizationId, fromNumber, rules } = batch;
  const { limit, maxConcurrent, maxConcurrentPerBatch = maxConcurrent, startsPerSecond } = request;
  const ofOrganization = maxConcurrent - usage.openOfOrganization(organizationId);
  const ofBatch = maxConcurrentPerBatch - usage.openOfBatch(id);
  const startsLeft = callerIdsOf(fromNumber, rules.moreFromNumbers).reduce(
    (sum, number) => sum + Math.max(startsPerSecond - usage.startsOf(number).length, 0),
    0,
  );
  return Math.max(Math.min(limit, ofOrganization, ofBatch, startsLeft + 1), 0);
}

function toDueTask(batch: StoredBatch, row: Row): DueTask {
  return {
    batch,
    taskId: text(row, "id"),
    toNumber: text(row, "dialed_number"),
    isSecond: optional(row, "fallback_after", whole) !== undefined,
    ...known({
      timezone: optional(row, "timezone", text),
      notBefore: optional(row, "not_before", instant),
      keptNumber: optional(row, "kept_number", text),
    }),
    isRetry: whole(row, "attempt_count") > 0,
    dueMs: optional(row, "due_at", whole) ?? 0,
    row: whole(row, "row_number"),
  };
}
