import { setImmediate } from "node:timers/promises";
import { variablesOf } from "../domain/list/judge-row.ts";
import type { ListDifference } from "../domain/list/list.ts";
import { fromBlock, fromFates } from "./block.ts";
import type { KeptList } from "./head-store.ts";
import type { ListParts } from "./list-parts.ts";
import { cellsNow, type StoredFate, type StoredRow } from "./stored-row.ts";

const mostRows = 20;

/** Compares the rows of a list with those of the one that it was made from. */
export async function differenceOf(parts: ListParts, before: KeptList, after: KeptList): Promise<ListDifference> {
  const { blocks } = parts;
  const changedRows: number[] = [];
  const counts = { changedCount: 0, newlyAccepted: 0, noLongerAccepted: 0, added: 0, addedAccepted: 0 };
  const earlier = walk(parts, before);
  for await (const now of walk(parts, after)) {
    const { done, value: old } = await earlier.next();
    if (done) {
      counts.added++;
      if (now.isAccepted) counts.addedAccepted++;
      continue;
    }
    if (now.isAccepted && !old.isAccepted) counts.newlyAccepted++;
    if (!now.isAccepted && old.isAccepted) counts.noLongerAccepted++;
    if (old.words === now.words) continue;
    counts.changedCount++;
    if (changedRows.length < mostRows) changedRows.push(old.row);
  }
  return { before: blocks.counts(before.storage), after: blocks.counts(after.storage), changedRows, ...counts };
}

async function* walk({ blocks }: ListParts, { storage, head }: KeptList) {
  for (const { block } of blocks.index(storage)) {
    const fates = fromFates(blocks.fates(storage, block));
    for (const [place, row] of fromBlock(blocks.block(storage, block)).entries()) {
      const fate = fates[place];
      yield { row: row.row, isAccepted: fate?.kind === "accepted", words: toWords(row, fate, head) };
    }
    await setImmediate();
  }
}

/** What people would notice of a row: its fate, its numbers, what the agent is told. */
function toWords(row: StoredRow, fate: StoredFate | undefined, { shape, plan }: KeptList["head"]): string {
  const { kind, ...rest } = fate ?? { kind: "refused" };
  const isCalled = kind === "accepted" || kind === "caller_id" || kind === "suppressed" || kind === "excluded";
  return JSON.stringify([
    kind,
    rest,
    isCalled && variablesOf(cellsNow(row, shape.columns.length), plan),
    isCalled && plan.maxRetries !== undefined && cellsNow(row, shape.columns.length)[plan.maxRetries],
  ]);
}
