import { z } from "zod";
import { isObject, unwrap } from "./envelope.ts";
import { maybeCount, maybeFlag, present } from "./fields.ts";

const maxPageSize = 100;

const page = z.coerce.number().int().min(0);
const limit = z.coerce.number().int().min(1).max(maxPageSize);

/** Paging fields of a query string, and of the bodies that have them at the top level. */
export const pagingFields = { page: page.optional(), limit: limit.optional() };

/** 0-based page; without a limit all rows are asked for. */
export type PageQuery = { readonly page: number; readonly limit?: number };
export type PageRequest = Required<PageQuery>;

/** One page of a list as its keeper knows it: the rows, and how many there are in all. */
export type CountedRows<T> = { readonly rows: readonly T[]; readonly totalCount: number };

/** The union of all pages' names for the same five facts, so that every reader finds its own (C18). */
export function toPaginationBody(request: PageQuery, totalCount: number) {
  const limit = request.limit ?? Math.max(totalCount, 1);
  const totalPages = Math.ceil(totalCount / limit);
  const hasNext = request.page + 1 < totalPages;
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
  };
}

const paginationReading = z
  .object({
    limit: maybeCount,
    total_count: maybeCount,
    total: maybeCount,
    has_next_page: maybeFlag,
    has_next: maybeFlag,
  })
  .catch({});

/** One page of a list as its reader knows it: the rows, and what was said of the rest. */
export type Page<T> = { readonly rows: readonly T[]; readonly totalCount?: number; readonly hasMore: boolean };

/**
 * Reads the rows under `key` with `readRow`; undefined when they are missing or one of them cannot be read. An empty
 * page is the last one whatever it claims, and a short one is unless it claims more (C18).
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
  return { rows, ...present({ totalCount }), hasMore: rows.length > 0 && claimsMore(pagination, rows.length, request) };
}

function claimsMore(pagination: z.output<typeof paginationReading>, rowCount: number, request: PageRequest): boolean {
  const claim = pagination.has_next_page ?? pagination.has_next;
  if (claim != null) return claim;
  if (rowCount < (pagination.limit ?? request.limit)) return false;
  const totalCount = pagination.total_count ?? pagination.total;
  return totalCount == null || (request.page + 1) * request.limit < totalCount;
}

/** The query that asks for a page; all families but the batch lists take these two fields so. */
export function toPagingQuery(request: PageRequest): Record<string, string> {
  return { page: String(request.page), limit: String(request.limit) };
}
