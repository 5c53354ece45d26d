import { z } from "zod";
import type { Page, PageRequest } from "../../client/api.ts";
import { batchStatuses, outcomes, taskStatuses } from "../../domain/batch/batch.ts";
import { spellInstant, spellZone } from "../../domain/time/time-spelling.ts";
import type { Effect } from "../tool.ts";
import { listedInWords } from "../words/listed-in-words.ts";
import { invalidInput } from "./parse-input.ts";

// Every schema is made again by its function: zod writes one that stands in two places as a `$ref`, which several
// clients cannot follow.

/** An object argument that is listed by a description with its fields in it: a few words where a schema takes several times as many. */
export function inWords<T extends z.ZodType>(schema: T, description: string): T {
  return schema.meta({ description, [listedInWords]: true });
}

export const defaultPageSize = 20;
export const maxPageSize = 100;

export const batchId = () => z.string().min(1).describe("From list_batches; or group_….");

export const listId = () => z.string().min(1).describe("A list_… of any answer.");

/** An IANA zone, or `recipient`, in any letter case. */
export const zoneName = () => z.string().overwrite(spellZone);

/** A date and time in the ways that mean one thing. */
export const instant = () => z.string().overwrite(spellInstant);

export const timezone = (use: string) =>
  zoneName().optional().describe(`IANA zone or recipient: each one's own clock. ${use}`);

export const startAt = () =>
  instant().optional().describe("For at_time: 2026-02-20T13:00, read in timezone, or with an offset.");

/** A whole number of which more than `most` has one meaning, as much as may be: it is cut, and the answer says so. */
export const cutAt = (most: number, least: number) => z.int().min(least).meta({ maximum: most });

export const pageInput = () => ({
  limit: cutAt(maxPageSize, 1).optional().describe(`Else ${defaultPageSize}.`),
  cursor: z.string().optional().describe("Last next_cursor."),
});

export const taskStatus = () => z.enum(taskStatuses);
export const outcome = () => z.enum(outcomes);
export const batchStatus = () => z.enum(batchStatuses);

/** A time on the clocks of its zone, and the instant that it is. */
export const time = () => z.object({ local: z.string(), utc: z.string() });
export type TimeView = z.output<ReturnType<typeof time>>;

/** The fields of a batch that every tool declares; `get_batch_status` declares all of them, and the others carry them too. */
export const batchHead = () =>
  z.looseObject({ batch_id: z.string(), name: z.string(), status: z.string(), is_paused: z.boolean() });

/** What is wrong with a row. One that stands for several carries `rows`, how many, and `first_rows` as well. */
export const issues = () =>
  z.array(z.looseObject({ row: z.number().optional(), field: z.string(), code: z.string(), message: z.string() }));

/** `input = accepted + duplicate + suppressed + refused`; of the suppressed ones `excluded` may say how many those are. */
export const rowCounts = () =>
  z.looseObject({
    input: z.number(),
    accepted: z.number(),
    duplicate: z.number(),
    suppressed: z.number(),
    refused: z.number(),
  });

/** The object without its `undefined` fields: what is unknown is left out. */
export function dropUndefined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  // An export does this for each row: a loop takes half the time of lists of entries.
  const known: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) known[key] = value;
  // Safe: only keys of T with their own values are in it.
  return known as { [K in keyof T]?: Exclude<T[K], undefined> };
}

type PageInput = { readonly limit?: number | undefined; readonly cursor?: string | undefined };

/** Page, rows a page, and the cursor of the API where it gave one. */
const cursorForm = /^(\d{1,6})\/(\d{1,3})(?:\/([\w-]{1,4000}))?$/;

/** The page that is asked for. A cursor keeps the size of its first page, so that no row is passed over. */
export function toPageRequest({ limit, cursor }: PageInput, effect: Effect = "reads"): PageRequest {
  if (cursor === undefined) return { page: 0, limit: Math.min(limit ?? defaultPageSize, maxPageSize) };
  const [, page, size, ofApi] = cursorForm.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  if (page && size && Number(size) >= 1 && Number(size) <= maxPageSize)
    return { page: Number(page), limit: Number(size), ...(ofApi && { cursor: ofApi }) };
  const message =
    "This is not a cursor of ours. Give the next_cursor of the page before, unchanged, or leave cursor out for the first page.";
  throw invalidInput([{ field: "cursor", code: "bad_cursor", message }], effect);
}

/** What an answer says of an argument that was cut. */
export const note = () => z.string().optional();

/** The fields with which an answer of a page ends, as `toPageEnd` fills them. */
export const pageEnd = () => ({ note: note(), next_cursor: z.string().optional() });

type PageEnd = { readonly note?: string | undefined; readonly next_cursor?: string | undefined };

/** `note` where more rows were asked for than a page has, and `next_cursor` where there is a next one. */
export function toPageEnd(
  input: PageInput,
  { page, limit }: PageRequest,
  { hasMore, nextCursor: ofApi, pageSize = limit }: Pick<Page<unknown>, "hasMore" | "nextCursor" | "pageSize">,
): PageEnd {
  const isCut = input.cursor === undefined && (input.limit ?? 0) > maxPageSize;
  const parts = [page + 1, pageSize, ...(ofApi === undefined ? [] : [ofApi])];
  return {
    ...(isCut && { note: `limit is at most ${maxPageSize}; where there are more rows, next_cursor goes on.` }),
    ...(hasMore && { next_cursor: Buffer.from(parts.join("/")).toString("base64url") }),
  };
}

/** The same in words, a line each. */
export function toPageEndLines({ note: cut, next_cursor: next }: PageEnd): readonly (string | undefined)[] {
  return [cut, next && `More: cursor ${next}`];
}

/** One page out of rows that are all here. */
export function slicePage<T>(rows: readonly T[], { page, limit }: PageRequest): Page<T> {
  const end = (page + 1) * limit;
  return { rows: rows.slice(page * limit, end), totalCount: rows.length, hasMore: end < rows.length };
}

/** Pages of the longest list of recipients, and more: against one that never ends. */
export const mostTaskPages = 10_000;

/** All rows of a list, page by page. Stops after `mostPages`, against a list that never ends. */
export async function collectPages<T>(read: (page: PageRequest) => Promise<Page<T>>, mostPages = 100): Promise<T[]> {
  const all: T[] = [];
  let request: PageRequest | undefined = { page: 0, limit: maxPageSize };
  while (request && request.page < mostPages) {
    const asked: PageRequest = request;
    const { rows, hasMore, nextCursor, pageSize = asked.limit }: Page<T> = await read(asked);
    all.push(...rows);
    request =
      hasMore && rows.length > 0
        ? { page: asked.page + 1, limit: pageSize, ...dropUndefined({ cursor: nextCursor }) }
        : undefined;
  }
  return all;
}
