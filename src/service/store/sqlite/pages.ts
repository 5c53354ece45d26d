import type { PageQuery } from "../../../contract/paging.ts";

/** Parameters of `LIMIT :limit OFFSET :offset`; for SQLite a limit of -1 is none. */
export function limitOf({ page, limit }: PageQuery): { readonly limit: number; readonly offset: number } {
  return limit === undefined ? { limit: -1, offset: 0 } : { limit, offset: page * limit };
}
