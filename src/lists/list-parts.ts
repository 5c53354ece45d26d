import { Problem } from "../domain/problem.ts";
import type { Clock } from "../lib/clock.ts";
import type { BlockStore } from "./block-store.ts";
import type { HeadStore, KeptList } from "./head-store.ts";

/** What everything about lists is done with. */
export type ListParts = { readonly heads: HeadStore; readonly blocks: BlockStore; readonly clock: Clock };

export const keptForMs = 30 * 24 * 60 * 60 * 1000;

/** Throws `not_found` for a list that is unknown, expired or, where an owner asks, another owner's. */
export function requireList({ heads, clock }: ListParts, listId: string, owner?: string): KeptList {
  const list = heads.find(listId, clock.now());
  if (list !== undefined && (owner === undefined || list.owner === owner)) return list;
  throw new Problem(
    "not_found",
    `There is no list ${JSON.stringify(listId.slice(0, 60))}. Lists are kept for 30 days. Take the list_id from an answer, or give the list itself once more.`,
  );
}

/** Makes a list visible that was built whole. Where the same one is there already, that one is it. */
export function publish(
  { heads, blocks, clock }: ListParts,
  list: Omit<KeptList, "createdAt" | "expiresAt">,
): KeptList {
  const createdAt = clock.now();
  const expiresAt = new Date(createdAt.getTime() + keptForMs);
  const kept = heads.publish({ ...list, createdAt, expiresAt }, () => blocks.touch(list.storage, createdAt));
  if (kept?.storage !== list.storage) blocks.abandon(list.storage);
  if (kept !== undefined) return kept;
  throw takenAway();
}

/** Somebody cleared away what seemed to be left behind. */
export function takenAway(): Problem {
  return new Problem(
    "unavailable",
    "Reading the list took so long that its first rows were cleared away. Nothing was kept. Read it once more.",
  );
}
