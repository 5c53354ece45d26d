import { setImmediate } from "node:timers/promises";
import { Judge } from "../domain/list/judge.ts";
import type { JudgedBy } from "../domain/list/judge-row.ts";
import type { RowFate, UnreadCells } from "../domain/list/list.ts";
import type { E164 } from "../domain/phone/phone-number.ts";
import type { Clock } from "../lib/clock.ts";
import { fromBlock, fromFates, toBlock, toFateBlock } from "./block.ts";
import { cutBlocks } from "./block-cutter.ts";
import type { BlockStore } from "./block-store.ts";
import { takenAway } from "./list-parts.ts";
import { cellsNow, type StoredFate, type StoredRow } from "./stored-row.ts";

type Parts = { readonly blocks: BlockStore; readonly clock: Clock };

export type Built = { readonly storage: number; readonly unread: readonly UnreadCells[] };

export type BuildOptions = {
  /** Hears the text of every block of rows, for the digest. */
  readonly hear?: (rows: string) => void;
  /** Hears how many rows are kept by now. */
  readonly progress?: (rows: number) => void;
};

/** Keeps and judges rows under a storage that no list names yet. When the rows break off, so does this and nothing is left. */
export async function buildList(
  { blocks, clock }: Parts,
  rows: AsyncIterable<readonly StoredRow[]>,
  by: JudgedBy,
  { hear, progress }: BuildOptions = {},
): Promise<Built> {
  const storage = blocks.begin(clock.now());
  try {
    const judge = new Judge(by);
    const fallbacks = new Set<number>();
    let [count, block] = [0, 0];
    for await (const some of cutBlocks(rows)) {
      const fates = some.map((row) => judgeStored(row, judge, by.columns.length));
      const kept = { block, ...toBlock(some), ...toFateBlock(fates), rowNumbers: some.map(({ row }) => row) };
      hear?.(kept.rows);
      if (fates.some(hasFallbacks)) fallbacks.add(block);
      if (!blocks.add(storage, kept, clock.now())) throw takenAway();
      count += some.length;
      block++;
      progress?.(count);
      await setImmediate();
    }
    const bareDigits = judge.bareDigits;
    const last = bareDigits ? await judgeAgain(blocks, storage, { ...by, bareDigits }, fallbacks) : judge;
    await thinOut(blocks, storage, fallbacks, last);
    return { storage, unread: last.unread };
  } catch (error) {
    blocks.abandon(storage);
    throw error;
  }
}

/** Once more from the first row on, now that the whole column said how its digits are meant. */
async function judgeAgain(blocks: BlockStore, storage: number, by: JudgedBy, fallbacks: Set<number>): Promise<Judge> {
  const judge = new Judge(by);
  fallbacks.clear();
  for (const { block } of blocks.index(storage)) {
    const fates = fromBlock(blocks.block(storage, block)).map((row) => judgeStored(row, judge, by.columns.length));
    if (fates.some(hasFallbacks)) fallbacks.add(block);
    blocks.replaceFates(storage, [{ block, ...toFateBlock(fates) }]);
    await setImmediate();
  }
  return judge;
}

function judgeStored(stored: StoredRow, judge: Judge, width: number): StoredFate {
  const { row, fault, edits } = stored;
  const cells = cellsNow(stored, width);
  if (edits === undefined) return judge.judge(cells === stored.cells ? stored : { row, cells });
  return judge.judge({
    row,
    cells,
    ...(fault !== undefined && { fault }),
    ...(edits.country !== undefined && { country: edits.country }),
    ...(edits.leftOut && { leftOut: true }),
  });
}

/** A fallback number that somebody is called under, or that is the fallback of a row before, is called for them alone. */
async function thinOut(blocks: BlockStore, storage: number, some: ReadonlySet<number>, judge: Judge): Promise<void> {
  for (const block of some) {
    const rows = blocks.rowNumbers(storage, block);
    const fates = fromFates(blocks.fates(storage, block)).map((fate, place) =>
      withFallbacks(fate, rows[place] ?? 0, judge),
    );
    blocks.replaceFates(storage, [{ block, ...toFateBlock(fates) }]);
    await setImmediate();
  }
}

function withFallbacks(fate: StoredFate, row: number, judge: Judge): StoredFate {
  if (!hasFallbacks(fate)) return fate;
  const { fallbackNumbers, ...rest } = fate;
  const open = judge.takeFallbacks(fallbackNumbers, row);
  return open.length === 0 ? rest : { ...rest, fallbackNumbers: open };
}

type WithFallbacks = Extract<StoredFate, { kind: "accepted" | "suppressed" | "caller_id" }> & {
  readonly fallbackNumbers: readonly E164[];
};

function hasFallbacks(fate: StoredFate | RowFate): fate is WithFallbacks {
  return "fallbackNumbers" in fate && fate.fallbackNumbers !== undefined;
}
