import { z } from "zod";
import type { CallBody } from "./call.ts";
import { anyCase, givenText, givenTexts, type Parsed, parseWith, present } from "./fields.ts";
import {
  type CountedRows,
  type CursorList,
  cursorFields,
  fromCursor,
  type PageQuery,
  toPaginationBody,
} from "./paging.ts";
import type { CallFilter } from "./records.ts";

const defaultPageSize = 20;

/** Query of GET /api/calls; `batch_call_id` is an extension. */
export const listCallsQuery = z.object({ ...cursorFields, batch_call_id: givenText().min(1).optional() });

const ids = z.union([givenTexts, givenText().transform((id) => [id])]);

/**
 * Body of POST /api/calls, which lists and does not create. A criterion that our service does not know is refused:
 * ignoring it would answer with calls that were not asked for.
 */
export const filterCallsBody = z.strictObject({
  ...cursorFields,
  sort_by: anyCase(["created_at", "start_timestamp"]).nullish(),
  sort_order: anyCase(["descending"]).nullish(),
  filter_criteria: z.strictObject({ agent_id: ids.nullish(), batch_call_id: givenText().min(1).nullish() }).nullish(),
});

export type CallListRequest = { readonly page: PageQuery; readonly filter: CallFilter };

const calls: CursorList = { name: "calls", keys: ["number", "string"] };

export function fromCallsQuery(query: unknown): Parsed<CallListRequest> {
  const parsed = parseWith(listCallsQuery, query);
  if (!parsed.ok) return parsed;
  return toRequest(parsed.value, present({ batchId: parsed.value.batch_call_id }));
}

export function fromFilterCallsBody(body: unknown): Parsed<CallListRequest> {
  const parsed = parseWith(filterCallsBody, body);
  if (!parsed.ok) return parsed;
  const { batch_call_id: batchId, agent_id: agentIds } = parsed.value.filter_criteria ?? {};
  return toRequest(parsed.value, present({ batchId, agentIds }));
}

type AskedPage = { page?: number | undefined; limit?: number | undefined; cursor?: string | undefined };

function toRequest(
  { page = 0, limit = defaultPageSize, cursor }: AskedPage,
  filter: CallFilter,
): Parsed<CallListRequest> {
  const place = fromCursor(cursor, calls);
  return place.ok ? { ok: true, value: { page: { page, limit, ...place.value }, filter } } : place;
}

/** Data of both list answers; newest call first. */
export function toCallListBody(organizationId: string, { rows, ...found }: CountedRows<CallBody>, page: PageQuery) {
  return {
    organization_id: organizationId,
    calls: rows,
    pagination: toPaginationBody(page, found, calls),
    returned_count: rows.length,
  };
}
