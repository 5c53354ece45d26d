import type { PageRequest } from "../../../contract/paging.ts";

const defaultPageSize = 20;

/** Paging fields as a query or body gave them. */
export type AskedPage = { readonly page?: number | undefined; readonly limit?: number | undefined };

export function toPage({ page = 0, limit = defaultPageSize }: AskedPage): PageRequest {
  return { page, limit };
}

/** The page of a list that is short enough to be in memory whole. */
export function pageOf<T>(
  all: readonly T[],
  asked: AskedPage,
): { readonly page: PageRequest; readonly rows: readonly T[] } {
  const page = toPage(asked);
  const first = page.page * page.limit;
  return { page, rows: all.slice(first, first + page.limit) };
}
