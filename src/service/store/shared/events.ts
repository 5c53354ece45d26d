import { randomUUID } from "node:crypto";
import type { WebhookEvent } from "../../../contract/webhook-events.ts";
import { outcomes, taskStatuses } from "../../../domain/batch/batch.ts";
import { tellWithinMs } from "../event-outbox.ts";
import type { StoredBatch } from "../records.ts";
import { optional, text, whole } from "../rows.ts";
import { toBatchData } from "../to-events.ts";
import type { Dialect } from "./dialect.ts";
import { query, type SqlWork } from "./sql-work.ts";

/** Writes events down, each in the transaction that makes its fact: none is lost, and none tells of what did not happen. */
export function createEventWriter({ schema, rowsOf }: Pick<Dialect, "schema" | "rowsOf">) {
  const insert = `
    INSERT INTO ${schema}.event_messages (id, endpoint_id, batch_id, type, data_json, recorded_at)
    SELECT $1, id, $2, $3, $4, CAST($5 AS BIGINT) FROM ${schema}.event_endpoints
    WHERE served_at > CAST($5 AS BIGINT) - ${tellWithinMs}`;
  const served = `SELECT 1 FROM ${schema}.event_endpoints WHERE served_at > CAST($1 AS BIGINT) - ${tellWithinMs} LIMIT 1`;
  const insertAll = `
    INSERT INTO ${schema}.event_messages (id, endpoint_id, batch_id, type, data_json, recorded_at)
    SELECT list.value ->> 0, event_endpoints.id, list.value ->> 1, list.value ->> 2, list.value ->> 3, CAST($2 AS BIGINT)
    FROM ${rowsOf("$1")}, ${schema}.event_endpoints WHERE served_at > CAST($2 AS BIGINT) - ${tellWithinMs}`;
  const standings = `
    SELECT status, outcome, count(*) AS recipients FROM ${schema}.tasks WHERE batch_id = $1 GROUP BY status, outcome`;

  function* tell({ type, data }: WebhookEvent, now: Date): SqlWork<void> {
    yield* query(insert, [newId(), data.batch_id, type, JSON.stringify(data), now.getTime()]);
  }

  return {
    tell,
    /** Several, of facts that have no order among them; nothing is built where nobody is told of events. */
    *tellAll(build: () => readonly WebhookEvent[], now: Date): SqlWork<void> {
      if ((yield* query(served, [now.getTime()])).length === 0) return;
      const rows = build().map(({ type, data }) => [newId(), data.batch_id, type, JSON.stringify(data)]);
      yield* query(insertAll, [JSON.stringify(rows), now.getTime()]);
    },
    /** With how its recipients stand; under the lock of the batch. */
    *tellFinished(batch: Pick<StoredBatch, "organizationId" | "id" | "name" | "status">, now: Date): SqlWork<void> {
      const rows = yield* query(standings, [batch.id]);
      const count = (column: string, value: string): number =>
        rows.filter((row) => optional(row, column, text) === value).reduce((n, row) => n + whole(row, "recipients"), 0);
      const recipients = countEach(taskStatuses, (status) => count("status", status));
      const ofOutcomes = countEach(outcomes, (outcome) => count("outcome", outcome));
      yield* tell({ type: "batch.finished", data: { ...toBatchData(batch), recipients, outcomes: ofOutcomes } }, now);
    },
  };
}

function newId(): string {
  return `evt_${randomUUID().replaceAll("-", "")}`;
}

// Safe: every one of the names is in it.
function countEach<T extends string>(names: readonly T[], count: (name: T) => number): Record<T, number> {
  return Object.fromEntries(names.map((name) => [name, count(name)])) as Record<T, number>;
}
