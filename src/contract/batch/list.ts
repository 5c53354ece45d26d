import { z } from "zod";
import { batchStatuses } from "../../domain/batch/batch.ts";
import { anyCase, givenText, givenTexts, type Parsed, parseWith, present, sortOrders } from "../fields.ts";
import {
  type CountedRows,
  type CursorList,
  cursorFields,
  fromCursor,
  type PageQuery,
  type PageRequest,
  pagingFields,
  toPaginationBody,
  toPagingQuery,
} from "../paging.ts";
import type { BatchFilter, BatchSort } from "../records.ts";
import type { BatchBody } from "./batch.ts";

const sortKeys = [
  "created_at",
  "updated_at",
  "scheduled_timestamp",
  "name",
  "status",
  "total_task_count",
] as const satisfies readonly BatchSort["by"][];
const sortFields = {
  sort_by: anyCase(sortKeys).nullish(),
  sort_order: anyCase(sortOrders).nullish(),
};

/** Query of GET /batch-call/list. `size` is the page's other name for `limit`; `performance_mode` means nothing here. */
export const listBatchesQuery = z.object({ ...cursorFields, size: pagingFields.limit, ...sortFields });

const texts = z.union([givenTexts, givenText().transform((text) => [text])]);
const statuses = z.union([z.array(anyCase(batchStatuses)), anyCase(batchStatuses).transform((status) => [status])]);

const filterCriteria = z.strictObject({
  status: statuses.nullish(),
  agent_id: texts.nullish(),
  name: texts.nullish().describe("Parts of the name; letter case is ignored."),
});

/** Body of POST /batch-call/list: paging nested as documented, or at the top level as in the other families (C19). */
export const filterBatchesBody = z.strictObject({
  ...cursorFields,
  ...sortFields,
  pagination: z.strictObject(cursorFields).nullish(),
  filter_criteria: filterCriteria.nullish(),
});

export type BatchListRequest = { readonly page: PageQuery; readonly sort: BatchSort; readonly filter: BatchFilter };

/** The query that asks for a page, newest first; sent with every list, because without a limit all rows come (C17). */
export function toListQuery(page: PageRequest): Record<string, string> {
  return { ...toPagingQuery(page), sort_by: "created_at", sort_order: "descending" };
}

export function toFilterBody(page: PageRequest, filter: BatchFilter): z.input<typeof filterBatchesBody> {
  return {
    filter_criteria: present({
      status: filter.status?.slice(),
      agent_id: filter.agentId?.slice(),
      name: filter.name?.slice(),
    }),
    pagination: page,
    sort_by: "created_at",
    sort_order: "descending",
  };
}

export function fromListQuery(query: unknown): Parsed<BatchListRequest> {
  const parsed = parseWith(listBatchesQuery, query);
  if (!parsed.ok) return parsed;
  const { page, limit, size, cursor } = parsed.value;
  return toRequest({ page, limit: limit ?? size, cursor }, toSort(parsed.value), {});
}

export function fromFilterBody(body: unknown): Parsed<BatchListRequest> {
  const parsed = parseWith(filterBatchesBody, body);
  if (!parsed.ok) return parsed;
  const { pagination, filter_criteria: criteria, ...top } = parsed.value;
  const filter = present({ status: criteria?.status, agentId: criteria?.agent_id, name: criteria?.name });
  return toRequest({ ...top, ...pagination }, toSort(parsed.value), filter);
}

type AskedPage = { page?: number | undefined; limit?: number | undefined; cursor?: string | undefined };

function toRequest(
  { page = 0, limit, cursor }: AskedPage,
  sort: BatchSort,
  filter: BatchFilter,
): Parsed<BatchListRequest> {
  const place = fromCursor(cursor, batches(sort));
  return place.ok
    ? { ok: true, value: { page: { page, ...present({ limit }), ...place.value }, sort, filter } }
    : place;
}

function batches({ by, order }: BatchSort): CursorList {
  return { name: `batches ${by} ${order}`, keys: [by === "name" || by === "status" ? "string" : "number", "number"] };
}

function toSort(fields: {
  sort_by?: BatchSort["by"] | null | undefined;
  sort_order?: BatchSort["order"] | null | undefined;
}): BatchSort {
  return { by: fields.sort_by ?? "updated_at", order: fields.sort_order ?? "descending" };
}

/** Data of both list answers. */
export function toBatchListBody(
  organizationId: string,
  { rows, ...found }: CountedRows<BatchBody>,
  request: BatchListRequest,
) {
  const { status, agentId, name } = request.filter;
  return {
    organization_id: organizationId,
    batch_calls: rows,
    pagination: toPaginationBody(request.page, found, batches(request.sort)),
    returned_count: rows.length,
    sort_by: request.sort.by,
    sort_order: request.sort.order,
    applied_filters: present({ status: toApplied(status), agent_id: toApplied(agentId), name: toApplied(name) }),
  };
}

function toApplied(values: readonly string[] | undefined): string | undefined {
  return values && `${values.length} values`;
}
