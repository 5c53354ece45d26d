import { setImmediate } from "node:timers/promises";
import type { E164 } from "../domain/phone/phone-number.ts";
import { type FateBlock, fromFates, toFateBlock } from "./block.ts";
import type { KeptList } from "./head-store.ts";
import type { ListParts } from "./list-parts.ts";
import type { RowRules } from "./lists.ts";
import type { StoredFate } from "./stored-row.ts";

const blocksAtOnce = 16;

/** Judges callable rows by what is known now; see `Lists.settle`. Only blocks in which a fate is another one are written. */
export async function settleList({ blocks }: ListParts, { storage, head }: KeptList, rules: RowRules): Promise<void> {
  const callerIds = new Set(rules.callerIds);
  let waiting: (FateBlock & { readonly block: number })[] = [];
  const write = (): void => {
    blocks.replaceFates(storage, waiting);
    waiting = [];
  };
  for (const { block } of blocks.index(storage)) {
    const text = blocks.fates(storage, block);
    const fates = fromFates(text);
    const numbers = fates.flatMap(numbersOf);
    const listed = await rules.findDoNotCall(numbers);
    const excluded = head.exclude ? await rules.findExcluded(numbers, head.exclude) : noReasons;
    const settled = toFateBlock(fates.map((fate) => settleFate(fate, { listed, excluded, callerIds })));
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

const noReasons: ReadonlyMap<string, string> = new Map();

type Known = {
  readonly callerIds: ReadonlySet<string>;
  readonly listed: ReadonlySet<string>;
  /** Why a number is left out. */
  readonly excluded: ReadonlyMap<string, string>;
};

/**
 * Somebody whose first number must not be called is not called under another one either: they asked for that. Somebody is excluded by
 * any of their numbers: whoever was called under one of them was called.
 */
function settleFate(fate: StoredFate, { listed, excluded, callerIds }: Known): StoredFate {
  if (!isCallable(fate)) return fate;
  const { toNumber, type, country, fallbackNumbers } = fate;
  const withheld = (fallbackNumbers ?? []).filter((number) => callerIds.has(number) || listed.has(number));
  const callable = {
    toNumber,
    type,
    ...(country !== undefined && { country }),
    ...(fallbackNumbers && { fallbackNumbers }),
    ...(withheld.length > 0 && { withheld }),
  };
  if (callerIds.has(toNumber)) return { kind: "caller_id", ...callable };
  if (listed.has(toNumber)) return { kind: "suppressed", ...callable };
  const own = excluded.get(toNumber);
  const why = own ?? (fallbackNumbers ?? []).map((number) => excluded.get(number)).find((one) => one !== undefined);
  if (why === undefined) return { kind: "accepted", ...callable };
  return { kind: "excluded", why: own === undefined ? `By its fallback number: ${why}` : why, ...callable };
}
