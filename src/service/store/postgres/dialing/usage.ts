import { type Allowance, allowanceOf, needsSteering, unlimited } from "../../../../domain/batch/steering.ts";
import { paceWindowMs, type SlotUsage } from "../../allocate-slots.ts";
import type { StoredBatch } from "../../records.ts";
import { groupBy, instant, text, whole } from "../../rows.ts";
import { postgres } from "../../shared/dialect.ts";
import { createSteeringFacts } from "../../shared/steering.ts";
import { runWork } from "../run-work.ts";
import type { SqlSession } from "../sql.ts";

const steeringFacts = createSteeringFacts(postgres);

/**
 * What is in use of the organizations, batches and caller ids of some batches.
 *
 * A claim dated after `now` comes from before the database's clock was set back; it must not stop the caller id until then.
 */
export async function readUsage(session: SqlSession, batches: readonly StoredBatch[], now: Date): Promise<SlotUsage> {
  const open = await session.query(
    `SELECT organization_id, batch_id, count(*) AS n FROM batch_call.attempts
     WHERE organization_id = ANY($1::text[]) AND state <> 'ended' GROUP BY organization_id, batch_id`,
    [[...new Set(batches.map(({ organizationId }) => organizationId))]],
  );
  const starts = await session.query(
    `SELECT from_number, claimed_at FROM batch_call.attempts
     WHERE from_number = ANY($1::text[]) AND claimed_at > $2 AND claimed_at <= $3 ORDER BY claimed_at DESC`,
    [[...new Set(batches.map(({ fromNumber }) => fromNumber))], now.getTime() - paceWindowMs, now.getTime()],
  );
  const paced = batches.filter(({ steering }) => steering?.pace?.perSecond !== undefined).map(({ id }) => id);
  const batchStarts =
    paced.length === 0
      ? []
      : await session.query(
          `SELECT batch_id, claimed_at FROM batch_call.attempts
           WHERE batch_id = ANY($1::text[]) AND claimed_at > $2 AND claimed_at <= $3 ORDER BY claimed_at DESC`,
          [paced, now.getTime() - paceWindowMs, now.getTime()],
        );
  const allowances = new Map<string, Allowance>();
  for (const batch of batches.filter(needsSteering))
    allowances.set(batch.id, allowanceOf(batch, await runWork(session, steeringFacts(batch)), now));
  const openOf = (column: string, key: string): number =>
    open.reduce((sum, row) => (text(row, column) === key ? sum + whole(row, "n") : sum), 0);
  const startsByCallerId = groupBy(starts, "from_number");
  const startsByBatch = groupBy(batchStarts, "batch_id");
  return {
    openOfOrganization: (id) => openOf("organization_id", id),
    openOfBatch: (id) => openOf("batch_id", id),
    startsOf: (fromNumber) => (startsByCallerId.get(fromNumber) ?? []).map((row) => instant(row, "claimed_at")),
    startsOfBatch: (id) => (startsByBatch.get(id) ?? []).map((row) => instant(row, "claimed_at")),
    allowanceOf: ({ id }) => allowances.get(id) ?? unlimited,
  };
}
