import { z } from "zod";
import type { Issue } from "../domain/problem.ts";
import { isObject, unwrap } from "./envelope.ts";
import { givenText, maybeCount, maybeFlag, maybeText, type Parsed, present } from "./fields.ts";

const maxPageSize = 100;

const page = z.coerce.number().int().min(0);
const limit = z.coerce.number().int().min(1).max(maxPageSize);

/** Paging fields of a query string, and of the bodies that have them at the top level. */
export const pagingFields = { page: page.optional(), limit: limit.optional() };

/** The same where the list has cursors, an extension of our service. A cursor decides what comes; `page` is only echoed. */
export const cursorFields = {
  ...pagingFields,
  cursor: givenText(4000).min(1).optional().meta({
    description:
      "`next_cursor` of the page before, with the same filters and sort. Pages by cursor pass nobody over while rows change; pages by number may.",
    "x-extension": true,
  }),
};

/** Where a row stands in the order of its list: the values that the list is sorted by, the last unlike any other row's. */
export type Keyset = readonly (number | string)[];

/** 0-based page; without a limit all rows are asked for. With `after`, the rows that follow that place. */
export type PageQuery = { readonly page: number; readonly limit?: number; readonly after?: Keyset };

/** A page as a reader asks for it; the cursor is that of the page before, where the list gave one. */
export type PageRequest = { readonly page: number; readonly limit: number; readonly cursor?: string };

/** One page of a list as its keeper knows it: the rows, how many there are in all, and after which place more follow. */
export type CountedRows<T> = { readonly rows: readonly T[]; readonly totalCount: number; readonly next?: Keyset };

/** A list that has cursors: its name, with its sort, and the types of what it is sorted by. */
export type CursorList = { readonly name: string; readonly keys: readonly ("number" | "string")[] };

/** Writes the place in a list as text that means nothing to others. */
export function toCursor({ name }: CursorList, place: Keyset): string {
  return Buffer.from(JSON.stringify([name, ...place])).toString("base64url");
}

/** Reads a cursor of that list; one of another list or sort would pass rows over. */
export function fromCursor(cursor: string | undefined, { name, keys }: CursorList): Parsed<Pick<PageQuery, "after">> {
  if (cursor === undefined) return { ok: true, value: {} };
  const [list, ...place] = parseList(Buffer.from(cursor, "base64url").toString());
  const after = place.filter((value, index): value is number | string => isKey(value, keys[index]));
  if (list !== name || after.length !== keys.length || after.length !== place.length)
    return { ok: false, issues: [badCursor] };
  return { ok: true, value: { after } };
}

function parseList(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function isKey(value: unknown, type: "number" | "string" | undefined): boolean {
  return type === "number"
    ? Number.isSafeInteger(value)
    : type === "string" && givenText(4000).safeParse(value).success;
}

const badCursor: Issue = {
  field: "cursor",
  code: "bad_cursor",
  message: "Is not a next_cursor of this list with this sort. Leave it out for the first page.",
};

/** The union of all pages' names for the same five facts, so that every reader finds its own (C18). */
export function toPaginationBody(
  request: PageQuery,
  { totalCount, next }: Pick<CountedRows<unknown>, "totalCount" | "next">,
  list?: CursorList,
) {
  const limit = request.limit ?? Math.max(totalCount, 1);
  const totalPages = Math.ceil(totalCount / limit);
  const hasNext = request.after ? next !== undefined : request.page + 1 < totalPages;
  const hasPrevious = request.page > 0;
  return {
    page: request.page,
    limit,
    total: totalCount,
    total_count: totalCount,
    total_pages: totalPages,
    has_next_page: hasNext,
    has_previous_page: hasPrevious,
    has_next: hasNext,
    has_previous: hasPrevious,
    ...present({ next_cursor: list && next && toCursor(list, next) }),
  };
}

const paginationReading = z
  .object({
    limit: maybeCount,
    total_count: maybeCount,
    total: maybeCount,
    has_next_page: maybeFlag,
    has_next: maybeFlag,
    next_cursor: maybeText,
  })
  .catch({});

/** One page of a list as its reader knows it: the rows, and what was said of the rest. */
export type Page<T> = {
  readonly rows: readonly T[];
  readonly totalCount?: number;
  readonly hasMore: boolean;
  /** What asks for the next page, where the list has cursors. */
  readonly nextCursor?: string;
  /** How many rows to ask for from here on, where the API serves another number of them than was asked for. */
  readonly pageSize?: number;
};

/**
 * Reads the rows under `key` with `readRow`; undefined when they are missing, when one of them cannot be read, or when
 * nobody can tell which rows of the list they are. An empty page is the last one whatever it claims, and a short one is
 * unless it claims more (C18).
 */
export function fromPageBody<T>(
  body: unknown,
  key: string,
  request: PageRequest,
  readRow: (row: unknown) => T | undefined,
): Page<T> | undefined {
  const data = unwrap(body);
  const list = isObject(data) ? data[key] : data;
  if (!Array.isArray(list)) return undefined;
  const rows = list.map(readRow).filter((row) => row !== undefined);
  if (rows.length < list.length) return undefined;
  const pagination = paginationReading.parse(isObject(data) ? (data.pagination ?? data) : {});
  const totalCount = pagination.total_count ?? pagination.total ?? undefined;
  const said = { claim: pagination.has_next_page ?? pagination.has_next, totalCount, limit: pagination.limit };
  const hasMore = rows.length > 0 && claimsMore(said, rows.length, request);
  const nextCursor = hasMore ? pagination.next_cursor : undefined;
  const pageSize = hasMore && nextCursor == null ? sizeOfNext(said, rows.length, request) : request.limit;
  if (pageSize === undefined || (isOverlong(rows, request) && request.page > 0)) return undefined;
  return {
    rows,
    ...present({ totalCount, nextCursor, pageSize: pageSize === request.limit ? undefined : pageSize }),
    hasMore,
  };
}

type SaidOfPage = {
  readonly claim: boolean | null | undefined;
  readonly totalCount: number | undefined;
  readonly limit: number | null | undefined;
};

function isOverlong(rows: readonly unknown[], { limit, cursor }: PageRequest): boolean {
  return cursor === undefined && rows.length > limit;
}

function claimsMore({ claim, totalCount, limit }: SaidOfPage, rowCount: number, request: PageRequest): boolean {
  if (claim != null) return claim;
  const isShort = rowCount < (limit ?? request.limit);
  if (totalCount === undefined) return !isShort;
  // A first page may be short since the API serves fewer rows than it was asked for.
  if (isShort && request.page > 0) return false;
  return request.page * request.limit + rowCount < totalCount;
}

/**
 * How many rows the next page has, so that its number times that many is where it begins, whether the API counts by what
 * it was asked for or by a size of its own; undefined where that cannot be told.
 */
function sizeOfNext(
  { claim, totalCount, limit }: SaidOfPage,
  rowCount: number,
  { page, limit: asked }: PageRequest,
): number | undefined {
  const isServedOtherwise = limit != null && limit > 0 && limit !== asked && rowCount >= limit;
  if (page > 0) return isServedOtherwise ? undefined : asked;
  if (rowCount === asked) return isServedOtherwise ? undefined : asked;
  if (isServedOtherwise && rowCount === limit) return limit;
  // It listed more than was asked for and says neither how many there are nor whether that was all.
  if (rowCount > asked) return claim == null && totalCount === undefined ? undefined : rowCount;
  return totalCount !== undefined && rowCount < totalCount ? rowCount : asked;
}

/** The request for the page that follows one; undefined after the last. */
export function toNextPage(
  { page, limit }: PageRequest,
  { hasMore, nextCursor, pageSize = limit }: Page<unknown>,
): PageRequest | undefined {
  return hasMore ? { page: page + 1, limit: pageSize, ...present({ cursor: nextCursor }) } : undefined;
}

/** The query that asks for a page. */
export function toPagingQuery({ page, limit, cursor }: PageRequest): Record<string, string> {
  return { page: String(page), limit: String(limit), ...present({ cursor }) };
}
