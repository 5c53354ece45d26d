import { setImmediate } from "node:timers/promises";
import type { E164 } from "../domain/phone/phone-number.ts";
import { type FateBlock, fromFates, toFateBlock } from "./block.ts";
import type { KeptList } from "./head-store.ts";
import type { ListParts } from "./list-parts.ts";
import type { RowRules } from "./lists.ts";
import type { StoredFate } from "./stored-row.ts";

const blocksAtOnce = 16;

/** Judges callable rows by what is known now; see `Lists.settle`. Only blocks in which a fate is another one are written. */
export async function settleList({ blocks }: ListParts, { storage }: KeptList, rules: RowRules): Promise<void> {
  let waiting: (FateBlock & { readonly block: number })[] = [];
  const write = (): void => {
    blocks.replaceFates(storage, waiting);
    waiting = [];
  };
  for (const { block } of blocks.index(storage)) {
    const text = blocks.fates(storage, block);
    const fates = fromFates(text);
    const listed = await rules.findDoNotCall(fates.flatMap(numbersOf));
    const settled = toFateBlock(fates.map((fate) => settleFate(fate, listed, rules.fromNumber)));
    if (settled.fates !== text) waiting.push({ block, ...settled });
    if (waiting.length >= blocksAtOnce) write();
    await setImmediate();
  }
  if (waiting.length > 0) write();
}

function numbersOf(fate: StoredFate): readonly E164[] {
  return isCallable(fate) ? [fate.toNumber, ...(fate.fallbackNumbers ?? [])] : [];
}

function isCallable(fate: StoredFate): fate is Extract<StoredFate, { type: unknown }> {
  return fate.kind !== "duplicate" && fate.kind !== "refused";
}

/** Somebody whose first number must not be called is not called under another one either: they asked for that. */
function settleFate(fate: StoredFate, listed: ReadonlySet<string>, fromNumber: E164 | undefined): StoredFate {
  if (!isCallable(fate)) return fate;
  const { withheld: _before, ...callable } = fate;
  const kind = fate.toNumber === fromNumber ? "caller_id" : listed.has(fate.toNumber) ? "suppressed" : "accepted";
  const withheld = (fate.fallbackNumbers ?? []).filter((number) => number === fromNumber || listed.has(number));
  return { ...callable, kind, ...(withheld.length > 0 && { withheld }) };
}
