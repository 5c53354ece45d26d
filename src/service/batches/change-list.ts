import type { Grant } from "../../domain/batch/grant.ts";
import type { ListChangeReport } from "../../domain/batch/list-change.ts";
import { counted } from "../../domain/text.ts";
import type { BatchChange, StoredBatch } from "../store/index.ts";
import { agreeAnew } from "./agree-anew.ts";
import { refuse, startable } from "./batch-steps.ts";
import type { BatchParts } from "./batches.ts";
import { type PlannedListChange, planListChange, type WantedList } from "./plan-list-change.ts";

const changeable = [...startable, "sent"] as const;

/**
 * Changes the list of a batch until it ends. Who is taken out is not called any more, and the agreement goes on for the others;
 * who is added, or is to hear something else, is called only once somebody has agreed to that (`agreeAnew`). When it has resolved
 * no dial starts that the change forbids. The same request again changes nothing.
 */
export async function changeList(
  parts: BatchParts,
  organizationId: string,
  id: string,
  wanted: WantedList,
): Promise<{ readonly batch: StoredBatch; readonly report: ListChangeReport }> {
  const { store, dialing, clock } = parts;
  const plan = (batch: StoredBatch, list: Parameters<typeof planListChange>[1]) =>
    planListChange(batch, list, wanted, clock.now());
  const change = (batch: StoredBatch, standing: Grant | undefined, list: PlannedListChange) =>
    toChange(parts, batch, standing, list, wanted.kind !== "remove" && wanted.hold);
  const changed = await store.changeList(organizationId, id, { status: changeable }, { plan, change }, clock.now());
  if (!changed) return refuse(parts, organizationId, id, "update");
  const { batch, list } = changed;
  if (batch.isPaused) await dialing.settled(id);
  dialing.wake();
  const { added, changed: rewritten, removed, leaving: _, ...told } = list;
  const suppressed = await store.findDoNotCall(
    organizationId,
    [...added, ...rewritten].map(({ toNumber }) => toNumber),
  );
  const counts = { added: added.length, changed: rewritten.length, removed: removed.length };
  return { batch, report: { ...told, ...counts, suppressed: suppressed.size } };
}

function toChange(
  parts: BatchParts,
  batch: StoredBatch,
  standing: Grant | undefined,
  { added, changed, removed }: PlannedListChange,
  hold: boolean,
): BatchChange {
  if (added.length + changed.length > 0) return agreeAnew(parts, batch, standing, { hold });
  const why = `${counted(removed.length, "person was", "people were")} taken out; the agreement goes on for the others.`;
  return { grant: { kind: "narrow", from: batch.contentDigest, why } };
}
