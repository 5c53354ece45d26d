import { setImmediate } from "node:timers/promises";
import { Problem } from "../domain/problem.ts";
import { packageVersion } from "../lib/version.ts";
import { toAddedRow } from "./add-table.ts";
import { fromBlock, fromFates } from "./block.ts";
import { buildList } from "./build-list.ts";
import type { Head, KeptList } from "./head-store.ts";
import { canonical, ListDigest } from "./list-digest.ts";
import { type ListParts, publish } from "./list-parts.ts";
import type { ListEdit } from "./lists.ts";
import { sampleRows } from "./peek.ts";
import { type PlannedChange, planChange } from "./plan-change.ts";
import { toJudgedBy } from "./read-list.ts";
import { headerOf } from "./remembered-columns.ts";
import type { StoredFate, StoredRow } from "./stored-row.ts";

/** Makes another list; see `Lists.change`. A row or column that is not there ends it, and nothing is kept. */
export async function changeList(
  parts: ListParts,
  before: KeptList,
  edits: readonly ListEdit[],
  progress?: (rows: number) => void,
): Promise<KeptList> {
  const change = planChange(before.head, edits, await firstRows(parts, before));
  const digest = new ListDigest();
  digest.add(canonical([packageVersion, before.listId, edits.map(toText)]));
  const said: string[] = [];
  const built = await buildList(parts, changedRows(parts, before, change, said), toJudgedBy(change.head), {
    // The rows of the list before follow from its id; those that are added do not.
    hear: (text) => digest.add(change.added.length > 0 ? text : ""),
    ...(progress && { progress }),
  });
  const list = publish(parts, {
    listId: digest.listId,
    owner: before.owner,
    storage: built.storage,
    madeFrom: before.listId,
    head: withSaid({ ...change.head, unread: built.unread }, said),
  });
  rememberMapping(parts, list, edits);
  return list;
}

async function* changedRows(
  { blocks }: ListParts,
  { storage, head }: KeptList,
  change: PlannedChange,
  said: string[],
): AsyncGenerator<readonly StoredRow[], void, undefined> {
  const width = change.head.shape.columns.length;
  const operate = (row: StoredRow, from: number, before?: StoredFate): StoredRow =>
    change.operations.slice(from).reduce((changed, operation) => operation(changed, width, before), row);
  const asksBefore = change.wanted.some(({ field }) => field === "put_back");
  let last = head.shape.headerRow ?? 0;
  for (const { block } of blocks.index(storage)) {
    const rows = fromBlock(blocks.block(storage, block));
    last = rows.at(-1)?.row ?? last;
    const before = asksBefore ? fromFates(blocks.fates(storage, block)) : [];
    yield rows.map((row, place) => operate(row, 0, before[place]));
  }
  for (const added of change.added) {
    const offset = last;
    let first: number | undefined;
    for await (const rows of added.table.rows) {
      yield rows.map((row) => operate(toAddedRow(row, added, offset), added.from));
      first ??= rows.at(0)?.row;
      last = offset + (rows.at(-1)?.row ?? 0);
    }
    if (first !== undefined)
      said.push(`${added.table.shape.source}: its row ${first} is row ${offset + first} of the list.`);
  }
  requireMet(change, last);
}

function requireMet({ wanted }: PlannedChange, last: number): void {
  const issues = wanted.flatMap(({ field, rows }) => {
    const { missing } = rows;
    if (missing.length === 0) return [];
    const named = missing.slice(0, 10).join(", ") + (missing.length > 10 ? ` and ${missing.length - 10} more` : "");
    const message = `The list has no row ${named}. Its last row is ${last}; the header and blank rows are no rows of it.`;
    return [{ field, code: "no_row", message }];
  });
  if (issues.length > 0) throw new Problem("invalid_input", "The list was not changed.", { issues });
}

async function firstRows({ blocks }: ListParts, { storage }: KeptList): Promise<readonly StoredRow[]> {
  const rows: StoredRow[] = [];
  for (const { block } of blocks.index(storage)) {
    rows.push(...fromBlock(blocks.block(storage, block)));
    if (rows.length >= sampleRows) break;
    await setImmediate();
  }
  return rows.slice(0, sampleRows);
}

function withSaid(head: Head, said: readonly string[]): Head {
  if (said.length === 0) return head;
  return { ...head, shape: { ...head.shape, said: [...(head.shape.said ?? []), ...said] } };
}

function toText(edit: ListEdit): unknown {
  return edit.kind === "add" ? { kind: edit.kind, shape: edit.table.shape } : edit;
}

function rememberMapping(
  { heads, blocks, clock }: ListParts,
  { owner, head, storage }: KeptList,
  edits: readonly ListEdit[],
): void {
  const isMapped = edits.some(({ kind }) => kind === "map_columns");
  if (head.agent && isMapped && blocks.counts(storage).accepted > 0 && head.shape.headerRow !== undefined)
    heads.remember(owner, head.agent.agentId, headerOf(head.shape), head.choices, clock.now());
}
