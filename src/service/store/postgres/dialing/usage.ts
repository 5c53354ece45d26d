import { callerIdsOf } from "../../../../domain/batch/caller-ids.ts";
import {
  allowanceOf,
  campaignKey,
  needsSteering,
  type SteeringFacts,
  steeringKey,
  unlimited,
} from "../../../../domain/batch/steering.ts";
import { paceWindowMs, type SlotUsage } from "../../allocate-slots.ts";
import type { StoredBatch } from "../../records.ts";
import { groupBy, instant, known, optional, type Row, text, whole } from "../../rows.ts";
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
    `SELECT attempts.organization_id, batch_id, campaign_id, count(*) AS n
     FROM batch_call.attempts JOIN batch_call.batches ON batches.id = batch_id
     WHERE attempts.organization_id = ANY($1::text[]) AND state <> 'ended'
     GROUP BY attempts.organization_id, batch_id, campaign_id`,
    [[...new Set(batches.map(({ organizationId }) => organizationId))]],
  );
  const starts = await session.query(
    `SELECT from_number, claimed_at FROM batch_call.attempts
     WHERE from_number = ANY($1::text[]) AND claimed_at > $2 AND claimed_at <= $3 ORDER BY claimed_at DESC`,
    [
      [...new Set(batches.flatMap(({ fromNumber, rules }) => callerIdsOf(fromNumber, rules.moreFromNumbers)))],
      now.getTime() - paceWindowMs,
      now.getTime(),
    ],
  );
  const paced = batches.filter(({ steering }) => steering?.pace?.perSecond !== undefined);
  const ownStarts =
    paced.length === 0
      ? []
      : await session.query(
          `SELECT attempts.organization_id, batch_id, campaign_id, claimed_at
           FROM batch_call.attempts JOIN batch_call.batches ON batches.id = batch_id
           WHERE attempts.organization_id = ANY($1::text[]) AND claimed_at > $2 AND claimed_at <= $3 ORDER BY claimed_at DESC`,
          [
            [...new Set(paced.map(({ organizationId }) => organizationId))],
            now.getTime() - paceWindowMs,
            now.getTime(),
          ],
        );
  // Counted once for all batches that are steered as one.
  const facts = new Map<string, SteeringFacts>();
  for (const batch of batches.filter(needsSteering)) {
    const key = steeringKey(batch);
    if (!facts.has(key)) facts.set(key, await runWork(session, steeringFacts(batch)));
  }
  const ofOrganization = new Map<string, number>();
  const ofBatch = new Map<string, number>();
  for (const row of open) {
    const [organizationId, id, n] = [text(row, "organization_id"), text(row, "batch_id"), whole(row, "n")];
    ofOrganization.set(organizationId, (ofOrganization.get(organizationId) ?? 0) + n);
    ofBatch.set(id, (ofBatch.get(id) ?? 0) + n);
  }
  const startsByCallerId = groupBy(starts, "from_number");
  return {
    openOfOrganization: (id) => ofOrganization.get(id) ?? 0,
    openOfBatch: (id) => ofBatch.get(id) ?? 0,
    startsOf: (fromNumber) => (startsByCallerId.get(fromNumber) ?? []).map((row) => instant(row, "claimed_at")),
    openOfCampaign: (batch) => open.reduce((sum, row) => (isOfCampaign(row, batch) ? sum + whole(row, "n") : sum), 0),
    startsOfCampaign: (batch) =>
      ownStarts.filter((row) => isOfCampaign(row, batch)).map((row) => instant(row, "claimed_at")),
    allowanceOf(batch) {
      const counted = facts.get(steeringKey(batch));
      return counted ? allowanceOf(batch, counted, now) : unlimited;
    },
  };
}

function isOfCampaign(row: Row, batch: StoredBatch): boolean {
  const of = { id: text(row, "batch_id"), ...known({ campaignId: optional(row, "campaign_id", text) }) };
  return text(row, "organization_id") === batch.organizationId && campaignKey(of) === campaignKey(batch);
}
