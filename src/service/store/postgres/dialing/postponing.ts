import {
  heldBackUntil,
  hoursBetweenBatches,
  isDatedAhead,
  leastDistanceMs,
  type OtherCalls,
  reachedSinceMs,
} from "../../../../domain/other-calls.ts";
import type { ClaimRequest } from "../../dial-store.ts";
import { type DueTask, heldByClock } from "../../due-task.ts";
import { withoutLineReason } from "../../line-wait.ts";
import { postgres } from "../../shared/dialect.ts";
import { otherCallsColumns, toOtherCalls } from "../../shared/other-calls.ts";
import type { SqlSession } from "../sql.ts";

/**
 * Gives those tasks a later due time that other calls to their numbers, or their recipients' clocks, hold back; returns the others, in their order. Part
 * of a claim, of which there is one at a time in the whole database: nobody claims a call to one of the numbers meanwhile.
 */
export async function postponeHeldBack<Due extends DueTask>(
  session: SqlSession,
  dueTasks: readonly Due[],
  request: ClaimRequest,
): Promise<readonly Due[]> {
  if (dueTasks.length === 0) return [];
  const { now, minHoursBetweenBatches = 0 } = request;
  const sinceMs = reachedSinceMs(minHoursBetweenBatches, now);
  let known = await readOthers(session, dueTasks, sinceMs);
  if (known.some((calls) => isDatedAhead(calls, now))) {
    await redate(session, dueTasks, now);
    known = await readOthers(session, dueTasks, sinceMs);
  }
  const taken = new Set<string>();
  const heldBack = new Map<string, Date>();
  for (const [place, task] of dueTasks.entries()) {
    const { taskId, toNumber, batch } = task;
    const number = JSON.stringify([batch.organizationId, toNumber]);
    const calls = known[place] ?? { isOpen: false };
    const others = { ...calls, isOpen: calls.isOpen || taken.has(number) };
    const hours = hoursBetweenBatches(toNumber, request);
    const until = heldBackUntil(others, hours, now) ?? heldByClock(task, request);
    if (until) heldBack.set(taskId, until);
    else taken.add(number);
  }
  await postpone(session, heldBack);
  return dueTasks.filter(({ taskId }) => !heldBack.has(taskId));
}

const wanted = `unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS wanted (organization_id, to_number, batch_id, place)`;

/** In the order of the tasks. */
async function readOthers(
  session: SqlSession,
  dueTasks: readonly DueTask[],
  sinceMs: number,
): Promise<readonly OtherCalls[]> {
  const rows = await session.query(
    `SELECT ${otherCallsColumns(postgres)} FROM (SELECT *, $4::bigint AS since FROM ${wanted}) AS wanted ORDER BY place`,
    [...numbersOf(dueTasks), sinceMs],
  );
  return rows.map(toOtherCalls);
}

async function redate(session: SqlSession, dueTasks: readonly DueTask[], now: Date): Promise<void> {
  await session.query(
    `UPDATE batch_call.attempts SET recorded_at = $4 FROM ${wanted}
     WHERE attempts.organization_id = wanted.organization_id AND attempts.to_number = wanted.to_number AND recorded_at > $5`,
    [...numbersOf(dueTasks), now.getTime(), now.getTime() + leastDistanceMs],
  );
}

function numbersOf(dueTasks: readonly DueTask[]) {
  return [
    dueTasks.map(({ batch }) => batch.organizationId),
    dueTasks.map(({ toNumber }) => toNumber),
    dueTasks.map(({ batch }) => batch.id),
  ];
}

/** A task that somebody cancels or deletes at this moment is left to them. */
async function postpone(session: SqlSession, untilById: ReadonlyMap<string, Date>): Promise<void> {
  if (untilById.size === 0) return;
  await session.query(
    `WITH held AS (
       SELECT tasks.id, until FROM batch_call.tasks
         JOIN unnest($1::text[], $2::bigint[]) AS held (id, until) ON held.id = tasks.id
       WHERE status = 'pending' FOR UPDATE OF tasks SKIP LOCKED)
     UPDATE batch_call.tasks SET due_at = until, reason = ${withoutLineReason} FROM held WHERE tasks.id = held.id`,
    [[...untilById.keys()], [...untilById.values()].map((until) => until.getTime())],
  );
}
