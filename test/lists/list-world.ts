import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { tableOfText } from "../../src/contacts/table/open-table.ts";
import type { ContactList, ListRow } from "../../src/domain/list/list.ts";
import type { Table, TableRow } from "../../src/domain/list/table.ts";
import { Problem } from "../../src/domain/problem.ts";
import type { ListChoices, Lists } from "../../src/lists/lists.ts";
import { openLists } from "../../src/lists/open-lists.ts";
import { TestClock } from "../support/test-clock.ts";

export const owner = "ann";

export type ListWorld = {
  readonly path: string;
  readonly clock: TestClock;
  readonly lists: Lists;
  /** One more copy of the program on the same file. */
  open(): Lists;
  read(csv: string, choices?: ListChoices): Promise<ContactList>;
  rowsOf(list: ContactList): Promise<readonly ListRow[]>;
  /** `3 +14155550123`, `4 duplicate of 3`, `5 too_short` … */
  fatesOf(list: ContactList): Promise<readonly string[]>;
};

/** Lists in a directory of their own, which goes with the test. */
export function openListWorld(): ListWorld {
  const dir = mkdtempSync(join(tmpdir(), "lists-"));
  const path = join(dir, "lists.sqlite");
  const clock = new TestClock("2026-06-01T12:00:00Z");
  const opened: Lists[] = [];
  const open = (): Lists => {
    const lists = openLists(path, clock);
    opened.push(lists);
    return lists;
  };
  onTestFinished(() => {
    for (const lists of opened) lists.close();
    rmSync(dir, { recursive: true });
  });
  const lists = open();
  const rowsOf = (list: ContactList) => allRows(lists, list);
  return {
    path,
    clock,
    lists,
    open,
    rowsOf,
    read: async (csv, choices = { defaultCountry: "US" }) =>
      lists.read(await tableOfText(csv, "june.csv"), choices, owner),
    fatesOf: async (list) => (await rowsOf(list)).map(toFateText),
  };
}

async function allRows(lists: Lists, { listId }: ContactList): Promise<readonly ListRow[]> {
  const rows: ListRow[] = [];
  let cursor: string | undefined;
  do {
    const found = await lists.rows(listId, {}, { page: 0, limit: 700, ...(cursor !== undefined && { cursor }) });
    rows.push(...found.rows);
    cursor = found.nextCursor;
  } while (cursor !== undefined);
  return rows;
}

function toFateText({ row, fate }: ListRow): string {
  switch (fate.kind) {
    case "accepted":
      return `${row} ${[fate.toNumber, ...(fate.fallbackNumbers ?? [])].join(" then ")}`;
    case "duplicate":
      return `${row} duplicate of ${fate.ofRow}`;
    case "suppressed":
      return `${row} suppressed`;
    case "refused":
      return `${row} ${fate.issue.code}`;
  }
}

/** A table whose rows are made when they are asked for; its end comes when `end` is there. */
export function tableOf(
  columns: readonly string[],
  blocks: Iterable<readonly TableRow[]>,
  end: Promise<void> = Promise.resolve(),
): Table {
  async function* rows(): AsyncGenerator<readonly TableRow[], void, undefined> {
    yield* blocks;
    await end;
  }
  return { shape: { source: "june.csv", format: "csv", headerRow: 1, columns }, rows: rows() };
}

export async function problemOf(work: Promise<unknown>): Promise<Problem> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("it was not refused");
}
