import type { DialStore, SharedDialing } from "../../dial-store.ts";
import { toBatch } from "../../rows.ts";
import { batchColumns, postgres } from "../../shared/dialect.ts";
import { createEventWriter } from "../../shared/events.ts";
import { createOptOut } from "../../shared/opt-out.ts";
import { toBatchData } from "../../to-events.ts";
import { runWork } from "../run-work.ts";
import type { Sql } from "../sql.ts";
import { handedOver, markDialing, markPlaced, mayStillDial } from "./attempt-transitions.ts";
import { createSharedRoom } from "./carrier-room.ts";
import { claimDue } from "./claim.ts";
import { readClaims } from "./claim-rows.ts";
import { completeFinished, completeIfDone } from "./completion.ts";
import { nextDueAt } from "./due.ts";
import { complete, release } from "./ending.ts";
import { createLeases, takeOver } from "./leases.ts";
import { type DatabaseClock, isKnownSchema, serverClock } from "./moment.ts";

const optOut = createOptOut(postgres);
const events = createEventWriter(postgres);

/**
 * The dialer's half of the store on PostgreSQL, for the process that `owner` names. The schema must be the newest. `clock`
 * decides, whatever a caller's own one says.
 */
export function createPostgresDialStore(
  sql: Sql,
  owner: string,
  clock: DatabaseClock,
): Omit<DialStore, keyof SharedDialing> {
  return {
    ...createStarts(sql, clock),
    ...(clock === serverClock && { now: () => clock(sql, new Date(0)) }),
    completeFinished: (now) => completeFinished(sql, now),
    claim: (request) => sql.transaction((session) => claimDue(session, owner, request, clock)),
    markDialing: async (claim, now, startsPerSecond) => markDialing(sql, claim, await clock(sql, now), startsPerSecond),
    mayStillDial: async (claim, now) => mayStillDial(sql, claim, await clock(sql, now)),
    handedOver: (batchId) => handedOver(sql, batchId),
    markPlaced: (claim, startedAt) => markPlaced(sql, claim, startedAt),
    release: (claim, why, now, notBefore, waitsForLine) =>
      sql.transaction((session) => release(session, claim, why, now, notBefore, waitsForLine)),
    complete: (claim, result, next, now) =>
      sql.transaction(async (session) => complete(session, claim, result, next, await clock(session, now))),
    optOut: (request, now) =>
      sql.transaction(async (session) => runWork(session, optOut(request, await clock(session, now)))),
    openAttempts: (held, now) =>
      sql.transaction(async (session) => readClaims(session, await takeOver(session, owner, held, now, clock))),
    async getClaim(token) {
      const [claim] = await readClaims(sql, [token]);
      return claim;
    },
    nextDueAt: (query) => nextDueAt(sql, query),
    leases: createLeases(sql, owner, clock),
    room: createSharedRoom(sql, clock),
    watch: (onChange) => sql.listen("batch_call_changed", onChange),
  };
}

function createStarts(sql: Sql, clock: DatabaseClock): Pick<DialStore, "startScheduled"> {
  return {
    startScheduled(batchId, given) {
      return sql.transaction(async (session) => {
        const now = await clock(session, given);
        const [started] = await session.query(
          `UPDATE batch_call.batches SET status = 'sent', started_at = $2, updated_at = $2
           WHERE id = $1 AND status = 'scheduled' AND is_paused = 0 AND scheduled_at <= $2 AND ${isKnownSchema}
           RETURNING ${batchColumns}`,
          [batchId, now.getTime()],
        );
        if (!started) return false;
        await runWork(session, events.tell({ type: "batch.started", data: toBatchData(toBatch(started)) }, now));
        await completeIfDone(session, batchId, now);
        return true;
      });
    },
  };
}
