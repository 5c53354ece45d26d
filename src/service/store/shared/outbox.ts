import { randomUUID } from "node:crypto";
import {
  type EventMessage,
  type EventOutbox,
  type EventStream,
  messagesAClaim,
  type StreamResult,
  streamLeaseMs,
  tellWithinMs,
} from "../event-outbox.ts";
import { instant, known, optional, type Row, text, whole } from "../rows.ts";
import type { Dialect } from "./dialect.ts";
import { createParkedSender } from "./parked-events.ts";
import { query, type SqlRunner, type SqlWork } from "./sql-work.ts";

const dayMs = 24 * 60 * 60 * 1000;
const keepDeliveredMs = 7 * dayMs;
const keepParkedMs = 30 * dayMs;
const tidiedAtOnce = 1_000;

/** See `EventOutbox.counts`. */
export function createEventCounts(
  { run }: Pick<SqlRunner, "run">,
  { schema }: Pick<Dialect, "schema">,
): EventOutbox["counts"] {
  const messages = `${schema}.event_messages`;
  const counts = `
    SELECT (SELECT count(*) FROM ${messages} WHERE settled_at IS NULL) AS waiting,
      (SELECT recorded_at FROM ${messages} WHERE sequence = (
        SELECT min(sequence) FROM ${messages} WHERE settled_at IS NULL)) AS oldest,
      (SELECT count(*) FROM ${messages} WHERE is_parked = 1) AS parked`;
  return async () => {
    const [row = {}] = await run(query(counts, []));
    const oldestWaitingAt = optional(row, "oldest", instant);
    return { waiting: whole(row, "waiting"), parked: whole(row, "parked"), ...known({ oldestWaitingAt }) };
  };
}

/** See `EventOutbox`. `isShared`: other processes tell of the same events. */
export function createEventOutbox(runner: SqlRunner, dialect: Dialect, isShared: boolean): EventOutbox {
  const { run, transaction } = runner;
  const { schema, listOf, isOneOf, skipLocked } = dialect;
  const messages = `${schema}.event_messages`;
  const streams = `${schema}.event_streams`;
  const endpoints = `${schema}.event_endpoints`;
  const serve = `
    INSERT INTO ${endpoints} (id, name, served_at) VALUES ($1, $2, $3)
    ON CONFLICT (id) DO UPDATE SET name = $2, served_at = $3`;
  const dropOthers = `DELETE FROM ${endpoints} WHERE NOT ${isOneOf("id", "$1")}`;
  const freeAll = `UPDATE ${streams} SET lease_until = 0`;

  // From one batch to the next along the index, however many messages each of them has.
  const lines = `
    WITH RECURSIVE waiting (batch_id) AS (
      SELECT min(batch_id) FROM ${messages} WHERE endpoint_id = $1 AND settled_at IS NULL AND batch_id > $2
      UNION ALL
      SELECT (SELECT min(batch_id) FROM ${messages}
        WHERE endpoint_id = $1 AND settled_at IS NULL AND batch_id > waiting.batch_id)
      FROM waiting WHERE batch_id IS NOT NULL)
    SELECT batch_id FROM waiting WHERE batch_id IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM ${streams} WHERE event_streams.endpoint_id = $1 AND event_streams.batch_id = waiting.batch_id
        AND (lease_until > $3 OR due_at > $3))
    ORDER BY batch_id LIMIT $4`;
  const take = `
    INSERT INTO ${streams} (endpoint_id, batch_id, claim, lease_until, due_at, failures) VALUES ($1, $2, $3, $4, 0, 0)
    ON CONFLICT (endpoint_id, batch_id) DO UPDATE SET claim = $3, lease_until = $4
      WHERE event_streams.lease_until <= $5 AND event_streams.due_at <= $5
    RETURNING failures`;
  const read = `
    SELECT * FROM ${messages} WHERE endpoint_id = $1 AND batch_id = $2 AND settled_at IS NULL
    ORDER BY sequence LIMIT ${messagesAClaim}`;
  const settled = `
    UPDATE ${messages} SET settled_at = $2, is_parked = CAST($3 AS INTEGER)
    WHERE settled_at IS NULL AND sequence IN (SELECT CAST(value AS BIGINT) FROM ${listOf("$1")})`;
  const isMine = `endpoint_id = $1 AND batch_id = $2 AND claim = $3`;
  const free = `DELETE FROM ${streams} WHERE ${isMine}`;
  const putOff = `UPDATE ${streams} SET lease_until = 0, due_at = $4, failures = $5 WHERE ${isMine} RETURNING 1`;

  const now = "CAST($1 AS BIGINT)";
  const abandon = `
    UPDATE ${messages} SET settled_at = ${now}, is_parked = 1 WHERE settled_at IS NULL AND sequence IN (
      SELECT sequence FROM ${messages} WHERE settled_at IS NULL
        AND COALESCE(resent_at, recorded_at) < ${now} - ${tellWithinMs} AND NOT EXISTS (
        SELECT 1 FROM ${endpoints} WHERE event_endpoints.id = endpoint_id AND served_at > ${now} - ${tellWithinMs})
      LIMIT ${tidiedAtOnce} ${skipLocked})
    RETURNING 1`;
  const forget = `
    DELETE FROM ${messages} WHERE sequence IN (
      SELECT sequence FROM ${messages} WHERE settled_at < ${now} - ${keepDeliveredMs}
        AND (is_parked = 0 OR settled_at < ${now} - ${keepParkedMs})
      LIMIT ${tidiedAtOnce} ${skipLocked})
    RETURNING is_parked`;

  function* claimOne(endpointId: string, batchId: string, now: number): SqlWork<EventStream | undefined> {
    const claim = randomUUID();
    const [taken] = yield* query(take, [endpointId, batchId, claim, now + streamLeaseMs, now]);
    if (!taken) return undefined;
    const rows = yield* query(read, [endpointId, batchId]);
    if (rows.length > 0)
      return { endpointId, batchId, claim, failures: whole(taken, "failures"), messages: rows.map(toMessage) };
    // Somebody else has just told the last of it.
    yield* query(free, [endpointId, batchId, claim]);
    return undefined;
  }

  function* settle(stream: EventStream, { delivered, failed }: StreamResult, now: Date): SqlWork<void> {
    const { endpointId, batchId, claim } = stream;
    const mine = [endpointId, batchId, claim];
    if (delivered.length > 0) yield* query(settled, [sequences(delivered), now.getTime(), 0]);
    if (!failed) return void (yield* query(free, mine));
    const isHead = delivered.length === 0;
    const failures = failed.givenUp ? 0 : isHead ? stream.failures + 1 : 1;
    const [isStillMine] = yield* query(putOff, [...mine, failed.retryAt.getTime(), failures]);
    if (failed.givenUp && isStillMine) yield* query(settled, [sequences([failed.message]), now.getTime(), 1]);
  }

  return {
    serve(served, now) {
      return transaction(
        (function* () {
          for (const { id, name } of served) yield* query(serve, [id, name, now.getTime()]);
          if (isShared) return;
          yield* query(dropOthers, [served.map(({ id }) => id)]);
          yield* query(freeAll, []);
        })(),
      );
    },
    claim({ endpointId, after, limit, now }) {
      return transaction(
        (function* () {
          const found: EventStream[] = [];
          for (const row of yield* query(lines, [endpointId, after, now.getTime(), limit])) {
            const stream = yield* claimOne(endpointId, text(row, "batch_id"), now.getTime());
            if (stream) found.push(stream);
          }
          return found;
        })(),
      );
    },
    settle: (stream, result, now) => transaction(settle(stream, result, now)),
    counts: createEventCounts({ run }, { schema }),
    sendParked: createParkedSender(runner, dialect),
    tidy(now) {
      return transaction(
        (function* () {
          const abandoned = (yield* query(abandon, [now.getTime()])).length;
          const gone = yield* query(forget, [now.getTime()]);
          const parkedForgotten = gone.filter((row) => whole(row, "is_parked") === 1).length;
          return { abandoned, forgotten: gone.length, parkedForgotten };
        })(),
      );
    },
  };
}

function sequences(messages: readonly EventMessage[]): readonly string[] {
  return messages.map(({ sequence }) => String(sequence));
}

function toMessage(row: Row): EventMessage {
  const recordedAt = instant(row, "recorded_at");
  return {
    sequence: whole(row, "sequence"),
    id: text(row, "id"),
    type: text(row, "type"),
    data: text(row, "data_json"),
    recordedAt,
    triedSince: optional(row, "resent_at", instant) ?? recordedAt,
  };
}
