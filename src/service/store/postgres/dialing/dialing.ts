import type { DialRefusal, DialStore, SharedDialing } from "../../dial-store.ts";
import type { createDueSteps } from "../../due-steps.ts";
import { toBatch } from "../../rows.ts";
import { batchColumns, postgres } from "../../shared/dialect.ts";
import { createEventWriter } from "../../shared/events.ts";
import { createOptOut } from "../../shared/opt-out.ts";
import { toBatchData } from "../../to-events.ts";
import { runWork } from "../run-work.ts";
import type { Sql } from "../sql.ts";
import {
  type DialJob,
  handedOver,
  markDialing,
  markPlaced,
  mayStillDial,
  type PlacedJob,
  peopleOf,
} from "./attempt-transitions.ts";
import { createBatchMemory } from "./batch-memory.ts";
import { createSharedRoom } from "./carrier-room.ts";
import { claimDue } from "./claim.ts";
import { readClaims } from "./claim-rows.ts";
import { completeFinished, completeIfDone, createFinishing } from "./completion.ts";
import { nextDueAt } from "./due.ts";
import { complete, type EndJob, release } from "./ending.ts";
import { createGroups } from "./groups.ts";
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
): Omit<DialStore, keyof SharedDialing | keyof ReturnType<typeof createDueSteps>> {
  const memory = createBatchMemory();
  return {
    runningBatches: () => memory.readAll(sql),
    ...createStarts(sql, clock),
    ...createSteps(sql, clock),
    ...(clock === serverClock && { now: createNow(sql) }),
    completeFinished: (now) => completeFinished(sql, now),
    claim: (request) => sql.transaction((session) => claimDue(session, owner, request, clock, memory)),
    mayStillDial: async (claim, now) => mayStillDial(sql, claim, await clock(sql, now)),
    handedOver: (batchId) => handedOver(sql, batchId),
    optOut: (request, now) =>
      sql.transaction(async (session) => runWork(session, optOut(request, await clock(session, now)))),
    openAttempts: (held, now) =>
      sql.transaction(async (session) => readClaims(session, await takeOver(session, owner, held, now, clock))),
    async getClaim(token) {
      const [claim] = await readClaims(sql, [token]);
      return claim;
    },
    nextDueAt: (query) => nextDueAt(sql, query, memory),
    leases: createLeases(sql, owner, clock),
    room: createSharedRoom(sql, clock),
    watch: (onChange) => sql.listen("batch_call_changed", onChange),
  };
}

/** What is asked once or more for each attempt: of those that come together each step is one group. */
function createSteps(
  sql: Sql,
  clock: DatabaseClock,
): Pick<DialStore, "markDialing" | "markPlaced" | "complete" | "release"> {
  const dialing = createGroups<DialJob, DialRefusal | undefined>({
    namesOf: peopleOf,
    doTogether: (jobs) => markDialing(sql, jobs, clock),
  });
  const placed = createGroups<PlacedJob, undefined>({
    namesOf: ({ claim }) => [claim.attempt.token],
    doTogether: (jobs) => markPlaced(sql, jobs),
  });
  const ended = createGroups<EndJob, boolean>({
    namesOf: ({ claim }) => [claim.attempt.taskId],
    doTogether: (jobs) => complete(sql, jobs, clock),
  });
  const finish = createFinishing(sql, clock);

  return {
    markDialing: (claim, now, startsPerSecond) => dialing({ claim, now, startsPerSecond }),
    markPlaced: (claim, startedAt) => placed({ claim, startedAt }),
    async complete(claim, result, next, now) {
      const hasEnded = await ended({ claim, result, next, now });
      if (hasEnded) await finish({ batchId: claim.attempt.batchId, now });
      return hasEnded;
    },
    async release(claim, why, now, notBefore, waitsForLine) {
      await sql.transaction((session) => release(session, claim, why, notBefore, waitsForLine));
      await finish({ batchId: claim.attempt.batchId, now });
    },
  };
}

/** Read once for all who ask at the same time, after they asked. */
function createNow(sql: Sql): () => Promise<Date> {
  const ask = createGroups<undefined, Date>({
    namesOf: () => [],
    async doTogether(jobs) {
      const now = await serverClock(sql, new Date(0));
      return jobs.map(() => now);
    },
  });
  return () => ask(undefined);
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
