import type { BatchCallApi, Page, PageRequest } from "../../client/api.ts";
import { toNextPage } from "../../contract/paging.ts";
import type { BatchFilter, TaskFilter } from "../../contract/records.ts";
import type { Batch, Task } from "../../domain/batch/batch.ts";
import { isGroupId } from "../../domain/batch/group.ts";
import { Problem } from "../../domain/problem.ts";
import type { DatabaseSync } from "../../lib/sqlite.ts";
import { createGroupLog, type GroupLog, type GroupRecord } from "./group-log.ts";
import { readGroup } from "./read-group.ts";

type GroupParts = { readonly database: DatabaseSync; readonly account: () => Promise<string> };

/**
 * The API with groups in the place of their parts: a group is read as one batch, its tasks are those of its parts one after
 * the other, and a list of batches has it instead of them. Nothing else of the API takes the id of a group.
 */
export function withGroups(api: BatchCallApi, { database, account }: GroupParts): BatchCallApi {
  const log = createGroupLog(database);
  const find = async (groupId: string): Promise<GroupRecord> => {
    const group = log.get(await account(), groupId);
    if (!group) throw noGroup(groupId);
    return group;
  };
  return {
    ...api,
    getBatch: async (batchId) => (isGroupId(batchId) ? readGroup(api, await find(batchId)) : api.getBatch(batchId)),
    listTasks: async (batchId, query) =>
      isGroupId(batchId) ? listGroupTasks(api, await find(batchId), query) : api.listTasks(batchId, query),
    listBatches: async (query) => listWithGroups(api, log, await account(), query),
  };
}

/** For an id that no group of this data directory has. */
export function noGroup(groupId: string): Problem {
  return new Problem(
    "not_found",
    `There is no group ${groupId} here: groups are known where they were made, in the data directory of this server. Its parts are batches of their own; list_batches shows them.`,
  );
}

type PlaceInParts = { readonly part: number; readonly request: PageRequest };

/** Tasks of all parts in their order. A page may be short where one part ends; the cursor says in which part the next begins. */
async function listGroupTasks(
  api: BatchCallApi,
  { parts }: GroupRecord,
  { page, limit, cursor, ...filter }: PageRequest & TaskFilter,
): Promise<Page<Task>> {
  const isFiltered = Object.keys(filter).length > 0;
  let place: PlaceInParts | undefined = placeOf(cursor, page, limit);
  const rows: Task[] = [];
  while (place && rows.length === 0) {
    const { part, request }: PlaceInParts = place;
    const record = parts[part];
    if (!record) break;
    const found: Page<Task> =
      record.batchId === undefined
        ? { rows: [], hasMore: false }
        : await api.listTasks(record.batchId, { ...request, ...filter }).catch(noneWhereGone);
    const before = parts.slice(0, part).reduce((sum, { recipients }) => sum + recipients, 0);
    rows.push(...found.rows.map((task) => (task.row === undefined ? task : { ...task, row: task.row + before })));
    const next = toNextPage(request, found);
    place = next ? { part, request: next } : { part: part + 1, request: { page: 0, limit } };
    if (place.part >= parts.length) place = undefined;
  }
  const totalCount = parts.reduce((sum, { recipients }) => sum + recipients, 0);
  return {
    rows,
    hasMore: place !== undefined,
    ...(!isFiltered && { totalCount }),
    ...(place && { nextCursor: toCursor(place) }),
  };
}

function noneWhereGone(error: unknown): Page<Task> {
  if (error instanceof Problem && error.code === "not_found") return { rows: [], hasMore: false };
  throw error;
}

const cursorForm = /^p(\d{1,4})-(\d{1,6})(?:-([\w-]+))?$/;

function toCursor({ part, request: { page, cursor } }: PlaceInParts): string {
  return `p${part}-${page}${cursor === undefined ? "" : `-${cursor}`}`;
}

function placeOf(cursor: string | undefined, page: number, limit: number): PlaceInParts {
  if (cursor === undefined && page === 0) return { part: 0, request: { page: 0, limit } };
  const [, part, pageOfPart, ofApi] = cursorForm.exec(cursor ?? "") ?? [];
  if (part === undefined) throw badCursor();
  return {
    part: Number(part),
    request: { page: Number(pageOfPart), limit, ...(ofApi !== undefined && { cursor: ofApi }) },
  };
}

type BatchQuery = PageRequest & BatchFilter;

/** Groups first, the newest of them at the top, then the batches that are no part of one. */
async function listWithGroups(
  api: BatchCallApi,
  log: GroupLog,
  account: string,
  query: BatchQuery,
): Promise<Page<Batch>> {
  const { page, limit, cursor, ...filter } = query;
  if (log.list(account, 1, 0).length === 0) return api.listBatches(query);
  const [, offset] = /^g(\d{1,6})$/.exec(page === 0 ? "g0" : (cursor ?? "")) ?? [];
  if (offset !== undefined) {
    const groups = log.list(account, limit + 1, Number(offset));
    const rows: Batch[] = [];
    for (const group of groups.slice(0, limit)) {
      const batch = await readGroup(api, group);
      if (fits(batch, filter)) rows.push(batch);
    }
    if (groups.length > limit) return { rows, hasMore: true, nextCursor: `g${Number(offset) + limit}` };
    const rest = await listOthers(api, log, account, { page: 0, limit, ...filter });
    if (rows.length + rest.rows.length <= limit) return { ...rest, rows: [...rows, ...rest.rows] };
    return { rows, hasMore: true, nextCursor: "b0" };
  }
  const [, pageOfApi, ofApi] = /^b(\d{1,6})(?:-([\w-]+))?$/.exec(cursor ?? "") ?? [];
  // A list that was begun before there was a group goes on as it is.
  if (pageOfApi === undefined) return listOthers(api, log, account, query);
  const place = { page: Number(pageOfApi), limit, ...(ofApi !== undefined && { cursor: ofApi }) };
  return listOthers(api, log, account, { ...place, ...filter });
}

/** The next page on which there is a batch that is no part of a group. */
async function listOthers(api: BatchCallApi, log: GroupLog, account: string, query: BatchQuery): Promise<Page<Batch>> {
  const { page: _page, limit: _limit, cursor: _cursor, ...filter } = query;
  for (let request: PageRequest = query; ; ) {
    const found = await api.listBatches({ ...request, ...filter });
    const rows = found.rows.filter(({ batchId }) => !log.groupOf(account, batchId));
    const next = toNextPage(request, found);
    if (!next) return { rows, hasMore: false };
    if (rows.length > 0) {
      const nextCursor = `b${next.page}${next.cursor === undefined ? "" : `-${next.cursor}`}`;
      return { rows, hasMore: true, nextCursor };
    }
    request = next;
  }
}

function fits({ status, agentId, name }: Batch, filter: BatchFilter): boolean {
  const text = name.toLowerCase();
  return (
    (!filter.status || filter.status.includes(status)) &&
    (!filter.agentId || (agentId !== undefined && filter.agentId.includes(agentId))) &&
    (!filter.name || filter.name.some((part) => text.includes(part.toLowerCase())))
  );
}

function badCursor(): Problem {
  const message = "Is not a next_cursor of this list. Leave it out for the first page.";
  return new Problem("invalid_input", "The cursor cannot be used.", {
    issues: [{ field: "cursor", code: "bad_cursor", message }],
  });
}
