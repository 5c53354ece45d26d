import { paceWindowMs, type SlotUsage } from "../../allocate-slots.ts";
import type { StoredBatch } from "../../records.ts";
import { groupBy, instant, text, whole } from "../../rows.ts";
import type { SqlSession } from "../sql.ts";

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
  const openOf = (column: string, key: string): number =>
    open.reduce((sum, row) => (text(row, column) === key ? sum + whole(row, "n") : sum), 0);
  const startsByCallerId = groupBy(starts, "from_number");
  return {
    openOfOrganization: (id) => openOf("organization_id", id),
    openOfBatch: (id) => openOf("batch_id", id),
    startsOf: (fromNumber) => (startsByCallerId.get(fromNumber) ?? []).map((row) => instant(row, "claimed_at")),
  };
}
