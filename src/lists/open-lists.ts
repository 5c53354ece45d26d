import type { Clock } from "../lib/clock.ts";
import { BlockStore } from "./block-store.ts";
import { changeList } from "./change-list.ts";
import { ListComparer } from "./compare-lists.ts";
import { HeadStore, type KeptList, toContactList } from "./head-store.ts";
import { openListDatabase } from "./list-database.ts";
import { differenceOf } from "./list-difference.ts";
import { type ListParts, requireList } from "./list-parts.ts";
import { countExcluded, pageRows, recipientsOf, rowsAt } from "./list-rows.ts";
import type { Lists } from "./lists.ts";
import { readList } from "./read-list.ts";
import { RowIndex } from "./row-index.ts";
import { settleList } from "./settle-list.ts";

/** A storage that no list names is left behind by a process that died when nothing was added to it for so long. */
const leftBehindMs = 60 * 60 * 1000;

/** Lists before a changed one that are looked through for the row of somebody whom it has no more. */
const longestLine = 10;

/** Opens the file in which lists are kept; several copies of the program may have it open at once. */
export function openLists(path: string, clock: Clock): Lists {
  const database = openListDatabase(path);
  const parts: ListParts = { heads: new HeadStore(database), blocks: new BlockStore(database), clock };
  const index = new RowIndex(parts.blocks);
  const comparer = new ListComparer(parts);
  let isClosed = false;
  const view = (list: KeptList) => toContactList(list, parts.blocks.counts(list.storage), countExcluded(parts, list));
  const sweep = (): Promise<void> => sweepLists(parts, () => isClosed);
  return {
    async read(table, choices, owner, progress) {
      await sweep();
      return view(await readList(parts, table, choices, owner, progress));
    },
    get: async (listId, owner) => view(requireList(parts, listId, owner)),
    recent: async (owner, most) => parts.heads.recent(owner, most, clock.now()),
    async change(listId, edits, owner, progress) {
      const before = requireList(parts, listId, owner);
      return view(await changeList(parts, before, edits, progress));
    },
    difference: async (listId, madeFrom) =>
      differenceOf(parts, requireList(parts, madeFrom), requireList(parts, listId)),
    async settle(listId, rules) {
      const list = requireList(parts, listId);
      await settleList(parts, list, rules);
      return view(list);
    },
    rows: async (listId, filter, page) => pageRows(parts, requireList(parts, listId), filter, page),
    compare: async (listId, earlierId, kind, page) =>
      comparer.compare(requireList(parts, listId), requireList(parts, earlierId), kind, page),
    recipients: async (listId, most) => recipientsOf(parts, requireList(parts, listId), "accepted", most),
    suppressed: async (listId) => recipientsOf(parts, requireList(parts, listId), "suppressed"),
    link: async (listId, batchId) => parts.heads.link(requireList(parts, listId).listId, batchId, clock.now()),
    async ofBatch(batchId) {
      const list = parts.heads.ofBatch(batchId, clock.now());
      return list && view(list);
    },
    batchesOf: async (listId) => parts.heads.batchesOf(requireList(parts, listId).listId),
    madeOf: async (listId) => parts.heads.madeOf(requireList(parts, listId).listId, clock.now()),
    retriesOf: async (batchIds) => parts.heads.retriesOf(batchIds),
    async rowsOf(listId, numbers) {
      const rows = new Map<string, number>();
      for (const { storage } of lineOf(parts, requireList(parts, listId))) {
        const missing = numbers.filter((number) => !rows.has(number));
        if (missing.length === 0) break;
        for (const [number, row] of await index.rowsOf(storage, missing)) rows.set(number, row);
      }
      return rows;
    },
    rowsAt: async (listId, rows) => rowsAt(parts, requireList(parts, listId), rows),
    async delete(listId, owner) {
      parts.heads.delete(requireList(parts, listId, owner).listId);
      await sweep();
    },
    close() {
      isClosed = true;
      database.close();
    },
  };
}

/** A list and those that it was made from, the latest first: what a change leaves out or gives another number keeps its row. */
function* lineOf({ heads, clock }: ListParts, list: KeptList): Generator<KeptList> {
  let next: KeptList | undefined = list;
  for (let count = 0; next !== undefined && count < longestLine; count++) {
    yield next;
    next = next.madeFrom === undefined ? undefined : heads.find(next.madeFrom, clock.now());
  }
}

/** Deletes what is expired or left behind. */
async function sweepLists({ heads, blocks, clock }: ListParts, isClosed: () => boolean): Promise<void> {
  const now = clock.now();
  for (const listId of heads.expired(now)) heads.delete(listId);
  blocks.abandonOlder(new Date(now.getTime() - leftBehindMs));
  await blocks.sweep(isClosed);
}
