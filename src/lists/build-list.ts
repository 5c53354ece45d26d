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
    const open: OpenBlocks = { own: new Set(), fallbacks: new Set() };
    let [count, block] = [0, 0];
    for await (const some of cutBlocks(rows)) {
      const fates = some.map((row) => judgeStored(row, judge, by.columns.length));
      const kept = { block, ...toBlock(some), ...toFateBlock(fates), rowNumbers: some.map(({ row }) => row) };
      hear?.(kept.rows);
      note(open, block, fates, judge);
      if (!blocks.add(storage, kept, clock.now())) throw takenAway();
      count += some.length;
      block++;
      progress?.(count);
      await setImmediate();
    }
    const bareDigits = judge.bareDigits;
    const last = bareDigits ? await judgeAgain(blocks, storage, { ...by, bareDigits }, open) : judge;
    await settle(blocks, storage, open.own, (fate, row) => ofOneRow(fate, row, last));
    await settle(blocks, storage, open.fallbacks, (fate, row) => withFallbacks(fate, row, last));
    return { storage, unread: last.unread };
  } catch (error) {
    blocks.abandon(storage);
    throw error;
  }
}

/** Once more from the first row on, now that the whole column said how its digits are meant. */
async function judgeAgain(blocks: BlockStore, storage: number, by: JudgedBy, open: OpenBlocks): Promise<Judge> {
  const judge = new Judge(by);
  open.own.clear();
  open.fallbacks.clear();
  for (const { block } of blocks.index(storage)) {
    const fates = fromBlock(blocks.block(storage, block)).map((row) => judgeStored(row, judge, by.columns.length));
    note(open, block, fates, judge);
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
    ...(edits.notAgain !== undefined && { notAgain: edits.notAgain }),
  });
}

/** Blocks whose fates depend on rows that come after them. */
type OpenBlocks = { readonly own: Set<number>; readonly fallbacks: Set<number> };

function note(open: OpenBlocks, block: number, fates: readonly StoredFate[], judge: Judge): void {
  if (judge.takeOpen()) open.own.add(block);
  if (fates.some(hasFallbacks)) open.fallbacks.add(block);
}

async function settle(
  blocks: BlockStore,
  storage: number,
  some: ReadonlySet<number>,
  decide: (fate: StoredFate, row: number) => StoredFate,
): Promise<void> {
  for (const block of some) {
    const rows = blocks.rowNumbers(storage, block);
    const fates = fromFates(blocks.fates(storage, block)).map((fate, place) => decide(fate, rows[place] ?? 0));
    blocks.replaceFates(storage, [{ block, ...toFateBlock(fates) }]);
    await setImmediate();
  }
}

/** Whose number it is in the first phone column is called, and not who has it in another. */
function ofOneRow(fate: StoredFate, row: number, judge: Judge): StoredFate {
  if (fate.kind !== "accepted") return fate;
  const ofRow = judge.takeOwn(fate.toNumber, row);
  return ofRow === undefined ? fate : { kind: "duplicate", toNumber: fate.toNumber, ofRow };
}

/** A fallback number that somebody is called under, or that is the fallback of a row before, is called for them alone. */
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
