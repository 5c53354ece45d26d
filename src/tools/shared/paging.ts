import type { Page, PageRequest } from "../../client/api.ts";
import type { Effect } from "../tool.ts";
import { invalidInput } from "./parse-input.ts";
import { defaultPageSize, maxPageSize } from "./shapes.ts";

type PageInput = { readonly limit?: number | undefined; readonly cursor?: string | undefined };

/** The page that is asked for. A cursor keeps the size of its first page, so that no row is passed over. */
export function toPageRequest({ limit, cursor }: PageInput, effect: Effect = "reads"): PageRequest {
  if (cursor === undefined) return { page: 0, limit: limit ?? defaultPageSize };
  const [, page, size] = /^(\d{1,6})\/(\d{1,3})$/.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  if (page && size && Number(size) >= 1 && Number(size) <= maxPageSize)
    return { page: Number(page), limit: Number(size) };
  const message =
    "This is no cursor of ours. Give the next_cursor of the page before, unchanged, or leave cursor out for the first page.";
  throw invalidInput([{ field: "cursor", code: "bad_cursor", message }], effect);
}

/** `next_cursor` where there is a next page, else nothing. */
export function toNextCursor({ page, limit }: PageRequest, hasMore: boolean): { next_cursor?: string } {
  return hasMore ? { next_cursor: Buffer.from(`${page + 1}/${limit}`).toString("base64url") } : {};
}

/** One page out of rows that are all here. */
export function slicePage<T>(rows: readonly T[], { page, limit }: PageRequest): Page<T> {
  const end = (page + 1) * limit;
  return { rows: rows.slice(page * limit, end), totalCount: rows.length, hasMore: end < rows.length };
}

/** All rows of a list, page by page. Stops after `mostPages`, against a list that never ends. */
export async function collectPages<T>(read: (page: PageRequest) => Promise<Page<T>>, mostPages = 100): Promise<T[]> {
  const all: T[] = [];
  for (let page = 0; page < mostPages; page++) {
    const { rows, hasMore } = await read({ page, limit: maxPageSize });
    all.push(...rows);
    if (!hasMore || rows.length === 0) break;
  }
  return all;
}
