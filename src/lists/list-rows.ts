import { setImmediate } from "node:timers/promises";
import { present } from "../contract/fields.ts";
import type { Page, PageRequest } from "../contract/paging.ts";
import type { Recipient } from "../domain/batch/plan.ts";
import { readMaxRetries } from "../domain/list/judge-retries.ts";
import { variablesOf } from "../domain/list/judge-row.ts";
import type { ListRow, RowFate } from "../domain/list/list.ts";
import { Problem } from "../domain/problem.ts";
import { fromBlock, fromFates } from "./block.ts";
import type { BlockFacts } from "./block-store.ts";
import type { KeptList } from "./head-store.ts";
import type { ListParts } from "./list-parts.ts";
import { type Callable, cellsNow, type StoredFate, type StoredRow, toListRow } from "./stored-row.ts";

export type RowFilter = { readonly fate?: RowFate["kind"]; readonly code?: string };

type Judged = { readonly stored: StoredRow; readonly fate: StoredFate };

/** One page of rows, see `Lists.rows`. The cursor is the last row of the page before, so that no filter passes a row over. */
export async function pageRows(
  { blocks }: ListParts,
  { storage, head }: KeptList,
  filter: RowFilter,
  { page, limit, cursor }: PageRequest,
): Promise<Page<ListRow>> {
  const after = cursor === undefined ? 0 : rowOf(cursor);
  const counts = blocks.counts(storage);
  const totalCount =
    filter.code === undefined
      ? counts[filter.fate ?? "input"]
      : blocks.index(storage).reduce((sum, facts) => sum + countOf(facts, filter), 0);
  const passedOver = cursor === undefined ? page * limit : 0;
  const found: Judged[] = [];
  for await (const some of walk(
    blocks,
    storage,
    blocks.index(storage, after).filter((facts) => countOf(facts, filter) > 0),
  )) {
    found.push(...some.filter(({ stored, fate }) => stored.row > after && fits(fate, filter)));
    if (found.length > passedOver + limit) break;
  }
  const rows = found.slice(passedOver, passedOver + limit);
  const last = rows.at(-1)?.stored.row;
  const hasMore = found.length > passedOver + limit;
  return {
    rows: rows.map(({ stored, fate }) => toListRow(stored, fate, head.shape.columns.length, phoneFieldOf(head))),
    totalCount,
    hasMore,
    ...(hasMore && last !== undefined && { nextCursor: String(last) }),
  };
}

/** Those of a list who are called, or who would be but for the do-not-call list. Throws when there are more than `most`. */
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
  for await (const some of walk(blocks, storage, index)) {
    for (const { stored, fate } of some) {
      if (fate.kind === kind && "type" in fate) recipients.push(toRecipient(stored, fate, head));
    }
  }
  return recipients;
}

export function phoneFieldOf({ shape, plan }: KeptList["head"]): string {
  return shape.columns[plan.phone[0] ?? 0] ?? "to_number";
}

async function* walk(
  blocks: ListParts["blocks"],
  storage: number,
  index: readonly BlockFacts[],
): AsyncGenerator<readonly Judged[], void, undefined> {
  for (const { block } of index) {
    const fates = fromFates(blocks.fates(storage, block));
    const rows = fromBlock(blocks.block(storage, block));
    yield rows.flatMap((stored, place) => {
      const fate = fates[place];
      return fate === undefined ? [] : [{ stored, fate }];
    });
    await setImmediate();
  }
}

function toRecipient(
  stored: StoredRow,
  { toNumber, type, country, fallbackNumbers = [], withheld = [] }: Callable,
  { shape, plan }: KeptList["head"],
): Recipient {
  const cells = cellsNow(stored, shape.columns.length);
  const maxRetries = plan.maxRetries === undefined ? undefined : readMaxRetries(cells[plan.maxRetries] ?? "");
  return {
    row: stored.row,
    toNumber,
    type,
    ...(country !== undefined && { country }),
    variables: variablesOf(cells, plan),
    ...(typeof maxRetries === "number" && { maxRetries }),
    ...(withheld.length > 0 && { hasWithheld: true }),
    // The API knows one: the first that may be called.
    ...present({ fallbackNumber: fallbackNumbers.find((number) => !withheld.includes(number)) }),
  };
}

function requireAtMost(count: number, most: number): void {
  if (count <= most) return;
  const [has, takes] = [count.toLocaleString("en-US"), most.toLocaleString("en-US")];
  throw new Problem(
    "invalid_input",
    `${has} people of the list can be called, and a batch takes at most ${takes}. Nothing was created. Leave rows out with change_list, and create one batch for each part.`,
  );
}

function countOf(facts: BlockFacts, { fate, code }: RowFilter): number {
  const { accepted, duplicate, suppressed, refused, codes } = facts;
  if (code === undefined) return fate === undefined ? accepted + duplicate + suppressed + refused : facts[fate];
  if (fate !== undefined && fate !== "refused") return 0;
  const byCode: Readonly<Record<string, number>> = JSON.parse(codes);
  return byCode[code] ?? 0;
}

function fits(fate: StoredFate, filter: RowFilter): boolean {
  const kind = fate.kind === "caller_id" ? "refused" : fate.kind;
  if (filter.fate !== undefined && filter.fate !== kind) return false;
  if (filter.code === undefined) return true;
  return fate.kind === "caller_id"
    ? filter.code === "same_as_from_number"
    : fate.kind === "refused" && fate.issue.code === filter.code;
}

function rowOf(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  const message = "Is not a next_cursor of this list. Leave it out for the first page.";
  throw new Problem("invalid_input", "The cursor cannot be used.", {
    issues: [{ field: "cursor", code: "bad_cursor", message }],
  });
}
