import type { Clock } from "../lib/clock.ts";
import { BlockStore } from "./block-store.ts";
import { changeList } from "./change-list.ts";
import { HeadStore, type KeptList, toContactList } from "./head-store.ts";
import { openListDatabase } from "./list-database.ts";
import { differenceOf } from "./list-difference.ts";
import { type ListParts, requireList } from "./list-parts.ts";
import { pageRows, recipientsOf, rowsAt } from "./list-rows.ts";
import type { Lists } from "./lists.ts";
import { readList } from "./read-list.ts";
import { RowIndex } from "./row-index.ts";
import { settleList } from "./settle-list.ts";

/** A storage that no list names is left behind by a process that died when nothing was added to it for so long. */
const leftBehindMs = 60 * 60 * 1000;

/** Opens the file in which lists are kept; several copies of the program may have it open at once. */
export function openLists(path: string, clock: Clock): Lists {
  const database = openListDatabase(path);
  const parts: ListParts = { heads: new HeadStore(database), blocks: new BlockStore(database), clock };
  const index = new RowIndex(parts.blocks);
  let isClosed = false;
  const view = (list: KeptList) => toContactList(list, parts.blocks.counts(list.storage));
  const sweep = (): Promise<void> => sweepLists(parts, () => isClosed);
  return {
    async read(table, choices, owner, progress) {
      await sweep();
      return view(await readList(parts, table, choices, owner, progress));
    },
    get: async (listId, owner) => view(requireList(parts, listId, owner)),
    async change(listId, edits, owner) {
      const before = requireList(parts, listId, owner);
      const after = await changeList(parts, before, edits);
      return { list: view(after), difference: await differenceOf(parts, before, after) };
    },
    async settle(listId, rules) {
      const list = requireList(parts, listId);
      await settleList(parts, list, rules);
      return view(list);
    },
    rows: async (listId, filter, page) => pageRows(parts, requireList(parts, listId), filter, page),
    recipients: async (listId, most) => recipientsOf(parts, requireList(parts, listId), "accepted", most),
    suppressed: async (listId) => recipientsOf(parts, requireList(parts, listId), "suppressed"),
    link: async (listId, batchId) => parts.heads.link(requireList(parts, listId).listId, batchId, clock.now()),
    async ofBatch(batchId) {
      const list = parts.heads.ofBatch(batchId, clock.now());
      return list && view(list);
    },
    batchesOf: async (listId) => parts.heads.batchesOf(requireList(parts, listId).listId),
    rowsOf: async (listId, numbers) => index.rowsOf(requireList(parts, listId).storage, numbers),
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

/** Deletes what is expired or left behind. */
async function sweepLists({ heads, blocks, clock }: ListParts, isClosed: () => boolean): Promise<void> {
  const now = clock.now();
  for (const listId of heads.expired(now)) heads.delete(listId);
  blocks.abandonOlder(new Date(now.getTime() - leftBehindMs));
  await blocks.sweep(isClosed);
}
