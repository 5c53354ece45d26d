import type { SlotUsage } from "../../allocate-slots.ts";
import type { ClaimRequest } from "../../dial-store.ts";
import type { StoredBatch } from "../../records.ts";

/** The fewest batches of an organization whose lines are read: those that are as good as another are told apart by who waits in them. */
const fewestLines = 50;

/** Whose lines a claim reads. */
export type Nearest = {
  readonly nearest: readonly StoredBatch[];
  /** Instead of the one that was asked for: none of them gets so many that one whose line was not read has the turn. */
  readonly roomOf?: (batchId: string) => number;
  /** Whether there are batches whose lines were not read and that may take a place, once calls of these organizations got one each. */
  othersWait(placed: readonly string[]): boolean;
};

export function withAll(batches: readonly StoredBatch[], { roomOf }: ClaimRequest): Nearest {
  return { nearest: batches, ...(roomOf && { roomOf }), othersWait: () => false };
}

/**
 * The batches that places go to first, by their calls in progress and their last dial: twice as many of each organization as it has
 * places, since some of them may have nobody due. Those of an organization without a place are left out.
 */
export function nearestInTurn(batches: readonly StoredBatch[], usage: SlotUsage, request: ClaimRequest): Nearest {
  const { maxConcurrent, limit, roomOf = () => Number.POSITIVE_INFINITY } = request;
  const nearest: StoredBatch[] = [];
  /** Of organizations in which others wait: their places, and how many calls one of their batches may have. */
  const cut = new Map<string, { readonly places: number; readonly mostOfBatch: number }>();
  for (const [organizationId, own] of byOrganization(batches)) {
    const places = maxConcurrent - usage.openOfOrganization(organizationId);
    if (places <= 0) continue;
    const inTurn = own
      .map((batch) => ({ batch, open: usage.openOfBatch(batch.id), dialedMs: batch.lastDialAt?.getTime() ?? 0 }))
      .sort((a, b) => a.open - b.open || a.dialedMs - b.dialedMs);
    const most = Math.max(2 * Math.min(places, limit), fewestLines);
    nearest.push(...inTurn.slice(0, most).map(({ batch }) => batch));
    const next = inTurn[most];
    if (next) cut.set(organizationId, { places, mostOfBatch: next.open + 1 });
  }
  if (cut.size === 0) return withAll(nearest, request);
  const mostOf = new Map(nearest.map(({ id, organizationId }) => [id, cut.get(organizationId)?.mostOfBatch]));
  return {
    nearest,
    roomOf: (id) => Math.min(roomOf(id), (mostOf.get(id) ?? Number.POSITIVE_INFINITY) - usage.openOfBatch(id)),
    othersWait: (placed) =>
      [...cut].some(([id, { places }]) => placed.filter((organizationId) => organizationId === id).length < places),
  };
}

function byOrganization(batches: readonly StoredBatch[]): ReadonlyMap<string, readonly StoredBatch[]> {
  const groups = new Map<string, StoredBatch[]>();
  for (const batch of batches) {
    const group = groups.get(batch.organizationId);
    if (group) group.push(batch);
    else groups.set(batch.organizationId, [batch]);
  }
  return groups;
}
