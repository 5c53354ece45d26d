import type { Page, PageRequest } from "../../client/api.ts";
import type { ListRow, RowFate } from "../../domain/list/list.ts";
import { type Issue, isIssue } from "../../domain/problem.ts";
import { dropUndefined } from "../arguments/shapes.ts";
import type { ToolContext } from "../tool.ts";
import { parseRowSelection, type RowSpan } from "./row-selection.ts";

const pageSize = 1000;

type FateFilter = { readonly fate?: RowFate["kind"] };

/** All rows that a filter lets through, in their order. */
export async function* walkRows(
  listId: string,
  filter: FateFilter,
  lists: ToolContext["lists"],
): AsyncGenerator<ListRow, void, undefined> {
  for await (const rows of walkRowPages(listId, filter, lists)) yield* rows;
}

/** The same, some hundred at once. */
export async function* walkRowPages(
  listId: string,
  filter: FateFilter,
  lists: ToolContext["lists"],
): AsyncGenerator<readonly ListRow[], void, undefined> {
  let request: PageRequest | undefined = { page: 0, limit: pageSize };
  while (request) {
    const found: Page<ListRow> = await lists.rows(listId, filter, request);
    yield found.rows;
    const next: PageRequest = {
      page: request.page + 1,
      limit: pageSize,
      ...dropUndefined({ cursor: found.nextCursor }),
    };
    request = found.hasMore ? next : undefined;
  }
}

/**
 * The rows that a caller named, or what is wrong with how they did. Of a span those count that the list has: rows are
 * numbered as in their file, and blank ones are no rows.
 */
export async function selectRows(
  parts: readonly (number | string)[],
  field: string,
  { listId, lists }: { readonly listId: string; readonly lists: ToolContext["lists"] },
): Promise<readonly number[] | readonly Issue[]> {
  const parsed = parseRowSelection(parts, field);
  const issues = parsed.filter(isIssue);
  if (issues.length > 0) return issues;
  const spans = parsed.filter((part): part is RowSpan => !isIssue(part));
  if (spans.every(({ first, last }) => first === last)) return spans.map(({ first }) => first);
  const rows: number[] = [];
  for await (const { row } of walkRows(listId, {}, lists)) {
    if (spans.some(({ first, last }) => first <= row && row <= last)) rows.push(row);
  }
  const message = "The list has no row in these spans.";
  return rows.length > 0 ? rows : [{ field, code: "no_row", message }];
}
