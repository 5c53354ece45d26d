import type { CountedRows, PageQuery } from "../../../contract/paging.ts";
import { type Row, whole } from "../rows.ts";
import { query, type SqlParameter, type SqlWork } from "./sql-work.ts";

type Listing = {
  readonly columns: string;
  /** FROM and WHERE. */
  readonly matching: string;
  /** Of `matching`, all of them. */
  readonly parameters: readonly SqlParameter[];
  readonly order: string;
};

/** A page of what matches, and how many match in all. */
export function* readPage<T>(
  { columns, matching, parameters, order }: Listing,
  { page, limit }: PageQuery,
  toRecord: (row: Row) => T,
): SqlWork<CountedRows<T>> {
  const [most, skipped] = [`$${parameters.length + 1}`, `$${parameters.length + 2}`];
  // A number beyond every list stands for no limit: the databases have different words for that.
  const range = limit === undefined ? [Number.MAX_SAFE_INTEGER, 0] : [limit, page * limit];
  const rows = yield* query(`SELECT ${columns} ${matching} ORDER BY ${order} LIMIT ${most} OFFSET ${skipped}`, [
    ...parameters,
    ...range,
  ]);
  const [count] = yield* query(`SELECT count(*) AS n ${matching}`, parameters);
  return { rows: rows.map(toRecord), totalCount: whole(count ?? {}, "n") };
}
