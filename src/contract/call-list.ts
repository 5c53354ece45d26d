import { z } from "zod";
import type { CallBody } from "./call.ts";
import { anyCase, givenText, givenTexts, type Parsed, parseWith, present } from "./fields.ts";
import { type PageQuery, type PageRequest, pagingFields, toPaginationBody } from "./paging.ts";
import type { CallFilter } from "./records.ts";

const defaultPageSize = 20;

/** Query of GET /api/calls; `batch_call_id` is an extension. */
export const listCallsQuery = z.object({ ...pagingFields, batch_call_id: givenText().min(1).optional() });

const ids = z.union([givenTexts, givenText().transform((id) => [id])]);

/**
 * Body of POST /api/calls, which lists and does not create. A criterion that our service does not know is refused:
 * ignoring it would answer with calls that were not asked for.
 */
export const filterCallsBody = z.strictObject({
  ...pagingFields,
  sort_by: anyCase(["created_at", "start_timestamp"]).nullish(),
  sort_order: anyCase(["descending"]).nullish(),
  filter_criteria: z.strictObject({ agent_id: ids.nullish(), batch_call_id: givenText().min(1).nullish() }).nullish(),
});

export type CallListRequest = { readonly page: PageRequest; readonly filter: CallFilter };

export function fromCallsQuery(query: unknown): Parsed<CallListRequest> {
  const parsed = parseWith(listCallsQuery, query);
  if (!parsed.ok) return parsed;
  return { ok: true, value: { page: toPage(parsed.value), filter: present({ batchId: parsed.value.batch_call_id }) } };
}

export function fromFilterCallsBody(body: unknown): Parsed<CallListRequest> {
  const parsed = parseWith(filterCallsBody, body);
  if (!parsed.ok) return parsed;
  const { batch_call_id: batchId, agent_id: agentIds } = parsed.value.filter_criteria ?? {};
  return { ok: true, value: { page: toPage(parsed.value), filter: present({ batchId, agentIds }) } };
}

function toPage({ page, limit }: { page?: number | undefined; limit?: number | undefined }): PageRequest {
  return { page: page ?? 0, limit: limit ?? defaultPageSize };
}

/** Data of both list answers; newest call first. */
export function toCallListBody(
  organizationId: string,
  calls: readonly CallBody[],
  page: PageQuery,
  totalCount: number,
) {
  return {
    organization_id: organizationId,
    calls,
    pagination: toPaginationBody(page, totalCount),
    returned_count: calls.length,
  };
}
