import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "../../../sqlite.ts";
import { earliest } from "../../earliest.ts";
import type { Claim, ClaimRequest, ClaimResult } from "../store.ts";
import { createPlaces, type Places } from "./dialing-places.ts";
import { compareTurns, createTurns, type Turn } from "./dialing-turns.ts";
import { toAttempt, toBatch, toTask } from "./rows.ts";

/** Builds `claim`, which runs inside the caller's write transaction: nobody else claims or edits meanwhile. */
export function createClaiming(database: DatabaseSync): (request: ClaimRequest) => ClaimResult {
  const placesFor = createPlaces(database);
  const turnsOf = createTurns(database);
  const take = createTake(database);
  const dialing = database.prepare(
    "SELECT * FROM batches WHERE status = 'sent' AND is_paused = 0 ORDER BY created_at, id",
  );

  // One turn more than there are starts left shows whether pace holds somebody back. A batch without a free place adds
  // no turns, so it cannot crowd out the others.
  function turns(request: ClaimRequest, places: Places): readonly Turn[] {
    const batches = dialing.all().map(toBatch).filter(request.isOpen);
    return batches
      .flatMap((batch) => {
        const free = Math.min(request.limit, places.ofOrganization(batch.organizationId));
        const startsLeft = Math.max(places.ofCallerId(batch.fromNumber), 0);
        return free > 0 ? turnsOf(batch, request.now, Math.min(free, startsLeft + 1)) : [];
      })
      .sort(compareTurns);
  }

  return (request) => {
    const places = placesFor(request);
    const claims: Claim[] = [];
    let paceOpensAt: Date | undefined;
    for (const turn of turns(request, places)) {
      const { organizationId, fromNumber } = turn.batch;
      if (claims.length >= request.limit) break;
      if (places.ofOrganization(organizationId) <= 0) continue;
      if (places.ofCallerId(fromNumber) > 0) claims.push(take(turn, request.now));
      else paceOpensAt = earliest(paceOpensAt, places.callerIdOpensAt(fromNumber));
    }
    return paceOpensAt ? { claims, paceOpensAt } : { claims };
  };
}

/** Commits the intention to dial: the task is `calling`, its attempt `claimed`. */
function createTake(database: DatabaseSync): (turn: Turn, now: Date) => Claim {
  const take = database.prepare(
    "UPDATE tasks SET status = 'calling', attempt_count = attempt_count + 1, call_id = :callId WHERE id = :taskId RETURNING *",
  );
  const insert = database.prepare(
    `INSERT INTO attempts (token, task_id, batch_id, organization_id, attempt_number, call_id, from_number, to_number, agent_id, state, claimed_at)
     VALUES (:token, :taskId, :batchId, :organizationId, :attemptNumber, :callId, :fromNumber, :toNumber, :agentId, 'claimed', :now)
     RETURNING *`,
  );

  return ({ batch, taskId }, now) => {
    const callId = `call_${randomUUID()}`;
    const task = toTask(take.get({ taskId, callId }) ?? {});
    const attempt = insert.get({
      token: `${taskId}:${task.attemptCount}`,
      taskId,
      batchId: batch.id,
      organizationId: batch.organizationId,
      attemptNumber: task.attemptCount,
      callId,
      fromNumber: batch.fromNumber,
      toNumber: task.toNumber,
      agentId: batch.agentId,
      now: now.getTime(),
    });
    return { attempt: toAttempt(attempt ?? {}), task, batch };
  };
}
