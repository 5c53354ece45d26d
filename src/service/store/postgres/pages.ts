import type { PageQuery } from "../../../contract/paging.ts";

/** Values of `LIMIT $n OFFSET $m`; a limit of NULL is none. */
export function limitOf({ page, limit }: PageQuery): readonly [limit: number | null, offset: number] {
  return limit === undefined ? [null, 0] : [limit, page * limit];
}
