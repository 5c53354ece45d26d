import type { EventOutbox } from "../event-outbox.ts";
import { type Row, text, whole } from "../rows.ts";
import type { Dialect } from "./dialect.ts";
import { query, type SqlRunner, type SqlWork } from "./sql-work.ts";

/** See `EventOutbox.sendParked`. */
export function createParkedSender(
  { run, transaction }: SqlRunner,
  { schema, listOf }: Pick<Dialect, "schema" | "listOf">,
): EventOutbox["sendParked"] {
  const messages = `${schema}.event_messages`;
  const parked = `SELECT sequence, endpoint_id, batch_id FROM ${messages} WHERE is_parked = 1 `;
  const putBack = `
    UPDATE ${messages} SET settled_at = NULL, is_parked = 0, resent_at = $2
    WHERE is_parked = 1 AND sequence IN (SELECT CAST(value AS BIGINT) FROM ${listOf("$1")}) RETURNING 1`;
  // What waits behind a failure of the time when nothing got through would wait for up to six hours more.
  const endWait = `
    UPDATE ${schema}.event_streams SET due_at = 0, failures = 0 WHERE endpoint_id = $1 AND batch_id = $2`;

  function* sendBatch({ endpointId, batchId, sequences }: ParkedBatch, now: Date): SqlWork<number> {
    const back = yield* query(putBack, [sequences, now.getTime()]);
    if (back.length > 0) yield* query(endWait, [endpointId, batchId]);
    return back.length;
  }

  return async (endpointIds, now) => {
    const sent = new Map<string, number>();
    let left = 0;
    for (const batch of toBatches(await run(query(parked, [])))) {
      const { endpointId, sequences } = batch;
      if (endpointIds.includes(endpointId))
        sent.set(endpointId, (sent.get(endpointId) ?? 0) + (await transaction(sendBatch(batch, now))));
      else left += sequences.length;
    }
    return { sent, left };
  };
}

/** What is parked of one batch for one endpoint. */
type ParkedBatch = { readonly endpointId: string; readonly batchId: string; readonly sequences: string[] };

function toBatches(rows: readonly Row[]): Iterable<ParkedBatch> {
  const batches = new Map<string, ParkedBatch>();
  for (const row of rows) {
    const [endpointId, batchId] = [text(row, "endpoint_id"), text(row, "batch_id")];
    const key = `${endpointId} ${batchId}`;
    const batch = batches.get(key) ?? { endpointId, batchId, sequences: [] };
    batch.sequences.push(String(whole(row, "sequence")));
    batches.set(key, batch);
  }
  return batches.values();
}
