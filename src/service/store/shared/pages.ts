import type { CountedRows, Keyset, PageQuery } from "../../../contract/paging.ts";
import { type Row, whole } from "../rows.ts";
import { query, type SqlParameter, type SqlWork } from "./sql-work.ts";

type Listing = {
  readonly columns: string;
  /** FROM and WHERE. */
  readonly matching: string;
  /** Of `matching`, all of them. */
  readonly parameters: readonly SqlParameter[];
  /** What the rows are sorted by: never NULL, and the last of them unlike in any other row. */
  readonly keys: readonly string[];
  readonly order: "ASC" | "DESC";
};

/**
 * A page of what matches, and how many match in all. After a place in the order the rows that follow it come, whatever
 * has joined or left the list before them since: nobody is passed over.
 */
export function* readPage<T>(
  { columns, matching, parameters, keys, order }: Listing,
  { page, limit, after }: PageQuery,
  toRecord: (row: Row) => T,
): SqlWork<CountedRows<T>> {
  const [sign, place] = [order === "ASC" ? ">" : "<", (n: number) => `$${parameters.length + n}`];
  // The first key once more, alone: SQLite finds the place in an index of an expression by that only, else it reads up to there.
  const follows = after
    ? `AND ${keys[0]} ${sign}= ${place(3)} AND (${keys.join(", ")}) ${sign} (${keys.map((_, n) => place(n + 3)).join(", ")})`
    : "";
  const shown = keys.map((key, n) => `${key} AS key_${n}`);
  const rows = yield* query(
    `SELECT ${[columns, ...shown].join(", ")} ${matching} ${follows}
    ORDER BY ${keys.map((key) => `${key} ${order}`).join(", ")} LIMIT ${place(1)} OFFSET ${place(2)}`,
    [...parameters, ...rangeOf({ page, limit, after }), ...(after ?? [])],
  );
  const [count] = yield* query(`SELECT count(*) AS n ${matching}`, parameters);
  const ofPage = limit === undefined ? rows : rows.slice(0, limit);
  const next = rows.length > ofPage.length && ofPage.at(-1);
  return {
    rows: ofPage.map(toRecord),
    totalCount: whole(count ?? {}, "n"),
    ...(next && { next: keys.map((_, n) => toKey(next, `key_${n}`)) }),
  };
}

/** How many rows at most, one more than the page has room for, and how many are left out before them. */
function rangeOf({ page, limit, after }: { page: number; limit: number | undefined; after: Keyset | undefined }) {
  // A number beyond every list stands for no limit: the databases have different words for that.
  if (limit === undefined) return [Number.MAX_SAFE_INTEGER, 0];
  return [limit + 1, after ? 0 : page * limit];
}

function toKey(row: Row, column: string): number | string {
  const value = row[column];
  return typeof value === "string" ? value : whole(row, column);
}
