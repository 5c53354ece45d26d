import { setImmediate } from "node:timers/promises";
import type { Page, PageRequest } from "../contract/paging.ts";
import type { Recipient } from "../domain/batch/plan.ts";
import { excludedCode } from "../domain/list/exclude.ts";
import { readMaxRetries } from "../domain/list/judge-retries.ts";
import { variablesOf } from "../domain/list/judge-row.ts";
import { readNotBefore, readTimezone } from "../domain/list/judge-time.ts";
import type { ListRow, RowFate } from "../domain/list/list.ts";
import { Problem } from "../domain/problem.ts";
import { counted } from "../domain/text.ts";
import { codeOf, countedKind, fromBlock, fromFates } from "./block.ts";
import type { BlockFacts, BlockStore } from "./block-store.ts";
import type { KeptList } from "./head-store.ts";
import type { ListParts } from "./list-parts.ts";
import { type Callable, cellsNow, type StoredFate, type StoredRow, toListRow } from "./stored-row.ts";

export type RowFilter = { readonly fate?: RowFate["kind"]; readonly code?: string };

const blocksAtOnce = 16;

type Judged = { readonly stored: StoredRow; readonly fate: StoredFate };

/** One page of rows, see `Lists.rows`. The cursor is the last row of the page before, so that no filter passes a row over. */
export async function pageRows(
  { blocks }: ListParts,
  { storage, head }: KeptList,
  filter: RowFilter,
  { page, limit, cursor }: PageRequest,
): Promise<Page<ListRow>> {
  const after = cursor === undefined ? 0 : rowOf(cursor);
  const totalCount = countAll(blocks, storage, filter);
  const [width, field] = [head.shape.columns.length, phoneFieldOf(head)];
  const rows: ListRow[] = [];
  let toPassOver = cursor === undefined ? page * limit : 0;
  let hasMore = false;
  for (const facts of factsAfter(blocks, storage, after)) {
    const count = countOf(facts, filter);
    if (count === 0) continue;
    hasMore = rows.length === limit;
    if (hasMore) break;
    if (count <= toPassOver) {
      toPassOver -= count;
      continue;
    }
    const found = readBlock(blocks, storage, facts.block, (fate, row) => row > after && fits(fate, filter));
    const taken = found.slice(toPassOver, toPassOver + limit - rows.length);
    for (const { stored, fate } of taken) rows.push(toListRow(stored, fate, width, field));
    hasMore = found.length > toPassOver + taken.length;
    if (hasMore) break;
    toPassOver = 0;
    await setImmediate();
  }
  const last = rows.at(-1)?.row;
  return { rows, totalCount, hasMore, ...(hasMore && last !== undefined && { nextCursor: String(last) }) };
}

/** The rows with those numbers, by their number; each block is read once. */
export async function rowsAt(
  { blocks }: ListParts,
  { storage, head }: KeptList,
  wanted: readonly number[],
): Promise<ReadonlyMap<number, ListRow>> {
  const [width, field] = [head.shape.columns.length, phoneFieldOf(head)];
  const rows = new Map<number, ListRow>();
  let left = new Set(wanted);
  while (left.size > 0) {
    const [facts] = blocks.index(storage, Math.min(...left) - 1, 1);
    if (facts === undefined) break;
    for (const { stored, fate } of readBlock(blocks, storage, facts.block, (_, row) => left.has(row)))
      rows.set(stored.row, toListRow(stored, fate, width, field));
    left = new Set([...left].filter((row) => row > facts.lastRow));
    await setImmediate();
  }
  return rows;
}

/** Those of a list who are called, or who would be but for the do-not-call list and what it excludes. Throws when there are more than `most`. */
export async function recipientsOf(
  { blocks }: ListParts,
  { storage, head }: KeptList,
  kind: "accepted" | "suppressed",
  most = Number.POSITIVE_INFINITY,
): Promise<readonly Recipient[]> {
  const index = blocks.index(storage).filter((facts) => facts[kind] > 0);
  requireAtMost(
    index.reduce((sum, facts) => sum + facts[kind], 0),
    most,
  );
  const recipients: Recipient[] = [];
  for (const { block } of index) {
    for (const { stored, fate } of readBlock(blocks, storage, block, (one) => countedKind(one) === kind)) {
      if ("type" in fate) recipients.push(toRecipient(stored, fate, head));
    }
    await setImmediate();
  }
  return recipients;
}

export function phoneFieldOf({ shape, plan }: KeptList["head"]): string {
  return shape.columns[plan.phone[0] ?? 0] ?? "to_number";
}

/** The rows of a block that are asked for, in their order. */
function readBlock(
  blocks: BlockStore,
  storage: number,
  block: number,
  isWanted: (fate: StoredFate, row: number) => boolean,
): readonly Judged[] {
  const fates = fromFates(blocks.fates(storage, block));
  const judged: Judged[] = [];
  for (const [place, stored] of fromBlock(blocks.block(storage, block)).entries()) {
    const fate = fates[place];
    if (fate !== undefined && isWanted(fate, stored.row)) judged.push({ stored, fate });
  }
  return judged;
}

/** A page of a long list needs to know of a few blocks only. */
function* factsAfter(blocks: BlockStore, storage: number, after: number): Generator<BlockFacts> {
  let from = after;
  for (;;) {
    const some = blocks.index(storage, from, blocksAtOnce);
    yield* some;
    if (some.length < blocksAtOnce) return;
    from = some.at(-1)?.lastRow ?? from;
  }
}

function countAll(blocks: BlockStore, storage: number, filter: RowFilter): number {
  if (filter.code === undefined) return blocks.counts(storage)[filter.fate ?? "input"];
  return blocks.index(storage).reduce((sum, facts) => sum + countOf(facts, filter), 0);
}

function toRecipient(
  stored: StoredRow,
  { toNumber, type, country, fallbackNumbers = [], withheld = [] }: Callable,
  { shape, plan }: KeptList["head"],
): Recipient {
  const cells = cellsNow(stored, shape.columns.length);
  const cellAt = (index: number | undefined): string => (index === undefined ? "" : (cells[index] ?? ""));
  const timezone = readTimezone(cellAt(plan.timezone));
  const notBefore = readNotBefore(cellAt(plan.notBefore), toNumber, timezone);
  const maxRetries = plan.maxRetries === undefined ? undefined : readMaxRetries(cells[plan.maxRetries] ?? "");
  // The API knows one: the first that may be called.
  const fallbackNumber = fallbackNumbers.find((number) => !withheld.includes(number));
  return {
    row: stored.row,
    toNumber,
    type,
    ...(country !== undefined && { country }),
    variables: variablesOf(cells, plan),
    ...(typeof maxRetries === "number" && { maxRetries }),
    ...(withheld.length > 0 && { hasWithheld: true }),
    ...(fallbackNumber !== undefined && { fallbackNumber }),
    ...(timezone !== undefined && { timezone }),
    ...(notBefore !== undefined && { notBefore }),
  };
}

function requireAtMost(count: number, most: number): void {
  if (count <= most) return;
  throw new Problem(
    "invalid_input",
    `${counted(count, "person", "people")} of the list can be called, and a batch takes at most ${most.toLocaleString("en-US")}. Nothing was created. Leave rows out with change_list, and create one batch for each part.`,
  );
}

export function countExcluded({ blocks }: ListParts, { storage, head }: KeptList): number {
  return head.exclude ? countAll(blocks, storage, { code: excludedCode }) : 0;
}

function countOf(facts: BlockFacts, { fate, code }: RowFilter): number {
  const { accepted, duplicate, suppressed, refused, codes } = facts;
  if (code === undefined) return fate === undefined ? accepted + duplicate + suppressed + refused : facts[fate];
  if (fate !== undefined && fate !== (code === excludedCode ? "suppressed" : "refused")) return 0;
  const byCode: Readonly<Record<string, number>> = JSON.parse(codes);
  return byCode[code] ?? 0;
}

function fits(fate: StoredFate, filter: RowFilter): boolean {
  if (filter.fate !== undefined && filter.fate !== countedKind(fate)) return false;
  return filter.code === undefined || filter.code === codeOf(fate);
}

function rowOf(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  const message = "Is not a next_cursor of this list. Leave it out for the first page.";
  throw new Problem("invalid_input", "The cursor cannot be used.", {
    issues: [{ field: "cursor", code: "bad_cursor", message }],
  });
}
