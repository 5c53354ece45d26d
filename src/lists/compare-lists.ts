import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { PageRequest } from "../contract/paging.ts";
import { variablesOf } from "../domain/list/judge-row.ts";
import { JudgedNumbers } from "../domain/list/judged-numbers.ts";
import type { ListChangeKind, ListComparison } from "../domain/list/list.ts";
import { todaysNumberOf } from "../domain/phone/todays-number.ts";
import { fromBlock, fromFates } from "./block.ts";
import type { KeptList } from "./head-store.ts";
import type { ListParts } from "./list-parts.ts";
import { rowsAt } from "./list-rows.ts";
import { type Callable, cellsNow, type StoredRow } from "./stored-row.ts";

const mostKept = 4;

/** A person who is in one of two lists only, or not the same in both: their rows in the list and in the earlier one. */
type Difference = { readonly kind: ListChangeKind; readonly row?: number; readonly earlierRow?: number };
type Differences = { readonly all: readonly Difference[]; readonly unchanged: number };

/** Compares lists by who can be called as far as their rows say. What was compared last stays in memory: rows of a storage stay as they are. */
export class ListComparer {
  readonly #parts: ListParts;
  readonly #known = new Map<string, Promise<Differences>>();

  constructor(parts: ListParts) {
    this.#parts = parts;
  }

  /** See `Lists.compare`. */
  async compare(
    list: KeptList,
    earlier: KeptList,
    kind: ListChangeKind | undefined,
    { page, limit }: PageRequest,
  ): Promise<ListComparison> {
    const { all, unchanged } = await this.#differences(list, earlier);
    const wanted = kind === undefined ? all : all.filter((one) => one.kind === kind);
    const some = wanted.slice(page * limit, (page + 1) * limit);
    const rows = await rowsAt(
      this.#parts,
      list,
      some.flatMap(({ row }) => row ?? []),
    );
    const earlierRows = await rowsAt(
      this.#parts,
      earlier,
      some.flatMap(({ earlierRow }) => earlierRow ?? []),
    );
    const countOf = (counted: ListChangeKind): number => all.filter((one) => one.kind === counted).length;
    return {
      new: countOf("new"),
      changed: countOf("changed"),
      gone: countOf("gone"),
      unchanged,
      rows: some.map((one) => {
        const [row, earlierRow] = [rows.get(one.row ?? 0), earlierRows.get(one.earlierRow ?? 0)];
        return { kind: one.kind, ...(row && { row }), ...(earlierRow && { earlierRow }) };
      }),
      totalCount: wanted.length,
      hasMore: (page + 1) * limit < wanted.length,
    };
  }

  #differences(list: KeptList, earlier: KeptList): Promise<Differences> {
    const key = `${list.storage} ${earlier.storage}`;
    const known = this.#known.get(key) ?? this.#find(list, earlier);
    this.#known.delete(key);
    this.#known.set(key, known);
    known.catch(() => this.#known.delete(key));
    const [oldest] = this.#known.keys();
    if (this.#known.size > mostKept && oldest !== undefined) this.#known.delete(oldest);
    return known;
  }

  async #find(list: KeptList, earlier: KeptList): Promise<Differences> {
    const rows = new JudgedNumbers();
    const [prints, otherPrints] = [new JudgedNumbers(), new JudgedNumbers()];
    for await (const { number, row, print } of peopleOf(this.#parts, earlier)) {
      if (rows.take(number, row) !== undefined) continue;
      prints.take(number, print.readUInt32LE(0));
      otherPrints.take(number, print.readUInt32LE(4));
    }
    const here = new JudgedNumbers();
    const all: Difference[] = [];
    let unchanged = 0;
    for await (const { number, row, print } of peopleOf(this.#parts, list)) {
      if (here.take(number, row) !== undefined) continue;
      const earlierRow = rows.rowOf(number);
      if (earlierRow === undefined) all.push({ kind: "new", row });
      else if (prints.rowOf(number) === print.readUInt32LE(0) && otherPrints.rowOf(number) === print.readUInt32LE(4))
        unchanged++;
      else all.push({ kind: "changed", row, earlierRow });
    }
    for await (const { number, row } of peopleOf(this.#parts, earlier))
      if (here.rowOf(number) === undefined && rows.rowOf(number) === row) all.push({ kind: "gone", earlierRow: row });
    return { all, unchanged };
  }
}

/** Everybody whose row has a number of their own, also those on the do-not-call list and excluded ones; `print` names all else of them. */
async function* peopleOf({ blocks }: ListParts, { storage, head }: KeptList) {
  for (const { block } of blocks.index(storage)) {
    const fates = fromFates(blocks.fates(storage, block));
    for (const [place, stored] of fromBlock(blocks.block(storage, block)).entries()) {
      const fate = fates[place];
      if (fate && "type" in fate)
        yield { number: todaysNumberOf(fate.toNumber), row: stored.row, print: printOf(stored, fate, head) };
    }
    await setImmediate();
  }
}

/** What somebody is called on and told: eight bytes that are others where that is something else. */
function printOf(stored: StoredRow, { fallbackNumbers = [] }: Callable, { shape, plan }: KeptList["head"]): Buffer {
  const cells = cellsNow(stored, shape.columns.length);
  const variables = Object.entries(variablesOf(cells, plan)).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const retries = plan.maxRetries === undefined ? "" : cells[plan.maxRetries];
  return createHash("sha256")
    .update(JSON.stringify([fallbackNumbers.map((number) => todaysNumberOf(number)), variables, retries]))
    .digest();
}
