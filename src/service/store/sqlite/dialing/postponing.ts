import {
  heldBackUntil,
  hoursBetweenBatches,
  isDatedAhead,
  leastDistanceMs,
  reachedSinceMs,
} from "../../../../domain/other-calls.ts";
import type { DatabaseSync } from "../../../../lib/sqlite.ts";
import type { ClaimRequest } from "../../dial-store.ts";
import { type DueTask, heldByClock } from "../../due-task.ts";
import { withoutLineReason } from "../../line-wait.ts";
import { sqlite } from "../../shared/dialect.ts";
import { otherCallsColumns, toOtherCalls } from "../../shared/other-calls.ts";

/**
 * Builds the step of a claim that gives a task a later due time when other calls to its number, or its recipient's clock, or the operator, hold it
 * back; returns whether they do.
 */
export function createPostponing(database: DatabaseSync): (task: DueTask, request: ClaimRequest) => boolean {
  const others = database.prepare(
    `SELECT ${otherCallsColumns(sqlite)}
     FROM (SELECT ? AS organization_id, ? AS to_number, ? AS batch_id, ? AS since) AS wanted`,
  );
  const redate = database.prepare(
    "UPDATE attempts SET recorded_at = ? WHERE organization_id = ? AND to_number = ? AND recorded_at > ?",
  );
  const postpone = database.prepare(`UPDATE tasks SET due_at = ?, reason = ${withoutLineReason} WHERE id = ?`);

  return (task, request) => {
    const { taskId, toNumber } = task;
    const { id, organizationId } = task.batch;
    const { now } = request;
    const minHoursBetweenBatches = hoursBetweenBatches(toNumber, request);
    const sinceMs = reachedSinceMs(minHoursBetweenBatches, now);
    const read = () => toOtherCalls(others.get(organizationId, toNumber, id, sinceMs) ?? {});
    let known = read();
    if (isDatedAhead(known, now)) {
      redate.run(now.getTime(), organizationId, toNumber, now.getTime() + leastDistanceMs);
      known = read();
    }
    const until = heldBackUntil(known, minHoursBetweenBatches, now) ?? heldByClock(task, request);
    if (until) postpone.run(until.getTime(), taskId);
    return until !== undefined;
  };
}
