import type { SlotUsage } from "../../allocate-slots.ts";
import type { ClaimRequest } from "../../dial-store.ts";
import { compareTurns, type TurnOrder } from "../../due-task.ts";
import type { StoredBatch } from "../../records.ts";

/** The fewest batches of an organization whose lines are read: pace or a call to the same number may hold back who waits in them. */
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

/** A batch in which somebody waits for nothing but a place, and who comes first in its line. */
export type DueBatch = { readonly batch: StoredBatch; readonly turn: TurnOrder };

/**
 * The batches that places go to first, by their calls in progress, their last dial and who comes first in them: twice as many of each
 * organization as it has places. They get the places that they would get with all lines read, and no others, unless two were dialed within
 * one ms. Those of an organization without a place are left out.
 */
export function nearestInTurn(due: readonly DueBatch[], usage: SlotUsage, request: ClaimRequest): Nearest {
  const { maxConcurrent, limit, roomOf = () => Number.POSITIVE_INFINITY } = request;
  const chosen = new Set<string>();
  /** Of organizations in which others wait: their places. */
  const cut = new Map<string, number>();
  const mostOf = new Map<string, number>();
  for (const [organizationId, own] of byOrganization(due)) {
    const places = maxConcurrent - usage.openOfOrganization(organizationId);
    if (places <= 0) continue;
    const inTurn = own.map((one) => toInTurn(one, usage)).sort((a, b) => compare(a, b) || compareTurns(a.turn, b.turn));
    const most = Math.max(2 * Math.min(places, limit), fewestLines);
    const next = inTurn[most];
    if (next) cut.set(organizationId, places);
    for (const one of inTurn.slice(0, most)) {
      chosen.add(one.batch.id);
      if (next) mostOf.set(one.batch.id, mostBefore(one, next));
    }
  }
  const nearest = due.map(({ batch }) => batch).filter(({ id }) => chosen.has(id));
  if (cut.size === 0) return withAll(nearest, request);
  return {
    nearest,
    roomOf: (id) => Math.min(roomOf(id), mostOf.get(id) ?? Number.POSITIVE_INFINITY),
    othersWait: (placed) =>
      [...cut].some(([id, places]) => placed.filter((organizationId) => organizationId === id).length < places),
  };
}

type InTurn = DueBatch & { readonly open: number; readonly dialedMs: number };

function toInTurn(due: DueBatch, usage: SlotUsage): InTurn {
  return { ...due, open: usage.openOfBatch(due.batch.id), dialedMs: due.batch.lastDialAt?.getTime() ?? 0 };
}

function compare(a: InTurn, b: InTurn): number {
  return a.open - b.open || a.dialedMs - b.dialedMs;
}

/**
 * How many calls a batch gets before it is the turn of `next`. Of two that are equal, who comes after the first in line is not known. Who
 * is first is, for one with a canary too: the equals are those never dialed, and where nobody new may be called nobody is called again.
 */
function mostBefore(one: InTurn, next: InTurn): number {
  return Math.max(next.open - one.open + (one.dialedMs < next.dialedMs ? 1 : 0), 1);
}

function byOrganization(due: readonly DueBatch[]): ReadonlyMap<string, readonly DueBatch[]> {
  const groups = new Map<string, DueBatch[]>();
  for (const one of due) {
    const group = groups.get(one.batch.organizationId);
    if (group) group.push(one);
    else groups.set(one.batch.organizationId, [one]);
  }
  return groups;
}
