import type { BatchCallApi, Page, PageRequest } from "../../client/api.ts";
import { present } from "../../contract/fields.ts";
import { type CursorList, fromCursor, toCursor, toNextPage } from "../../contract/paging.ts";
import type { BatchFilter, TaskFilter } from "../../contract/records.ts";
import type { Batch, Task } from "../../domain/batch/batch.ts";
import { isGroupId } from "../../domain/batch/group.ts";
import { Problem } from "../../domain/problem.ts";
import { mapAtOnce } from "../../lib/at-once.ts";
import type { DatabaseSync } from "../../lib/sqlite.ts";
import { createCancelledBatches } from "../records/index.ts";
import { withCancelled, withStartTimes } from "../start/index.ts";
import { createGroupLog, type GroupRecord, type Place } from "./group-log.ts";
import { type OwnBatches, ownBatches } from "./own-batches.ts";
import { batchIdsOf, partsAtOnce, readGroup } from "./read-group.ts";

type GroupParts = { readonly database: DatabaseSync; readonly account: () => Promise<string> };

/**
 * The API with groups in the place of their parts: a group is read as one batch, its tasks are those of its parts one after
 * the other, and a list of batches has it instead of them. Nothing else of the API takes the id of a group.
 */
export function withGroups(given: BatchCallApi, { database, account }: GroupParts): BatchCallApi {
  const cancelled = createCancelledBatches(database);
  const api = withCancelled(withStartTimes(given, { database, account }), { database, account });
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
    listBatches: async (query) =>
      listWithOwn(api, ownBatches({ api, log, cancelled, account: await account() }), query),
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

/** Tasks of all parts in their order. A page may be short where one part ends; the cursor says in which part the next begins. The total is that of all parts. */
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
    const before = sumOf(parts.slice(0, part).map(({ recipients }) => recipients));
    rows.push(...found.rows.map((task) => (task.row === undefined ? task : { ...task, row: task.row + before })));
    const next = toNextPage(request, found);
    place = next ? { part, request: next } : { part: part + 1, request: { page: 0, limit } };
    if (place.part >= parts.length) place = undefined;
  }
  const totalCount = isFiltered
    ? await countTasks(api, parts, filter)
    : sumOf(parts.map(({ recipients }) => recipients));
  return {
    rows,
    hasMore: place !== undefined,
    ...present({ totalCount }),
    ...(place && { nextCursor: toTaskCursor(place) }),
  };
}

/** Those of all parts whom a filter lets through; undefined where an API does not count them. */
async function countTasks(
  api: BatchCallApi,
  parts: GroupRecord["parts"],
  filter: TaskFilter,
): Promise<number | undefined> {
  const counts = await mapAtOnce(batchIdsOf({ parts }), partsAtOnce, async (batchId) => {
    const found = await api.listTasks(batchId, { page: 0, limit: 1, ...filter }).catch(noneWhereGone);
    return found.totalCount;
  });
  const known = counts.filter((count) => count !== undefined);
  return known.length === counts.length ? sumOf(known) : undefined;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function noneWhereGone(error: unknown): Page<Task> {
  if (error instanceof Problem && error.code === "not_found") return { rows: [], totalCount: 0, hasMore: false };
  throw error;
}

const cursorForm = /^p(\d{1,4})-(\d{1,6})(?:x(\d{1,4}))?(?:-([\w-]+))?$/;

function toTaskCursor({ part, request: { page, limit, cursor } }: PlaceInParts): string {
  return `p${part}-${page}x${limit}${cursor === undefined ? "" : `-${cursor}`}`;
}

function placeOf(cursor: string | undefined, page: number, limit: number): PlaceInParts {
  if (cursor === undefined && page === 0) return { part: 0, request: { page: 0, limit } };
  const [, part, pageOfPart, size, ofApi] = cursorForm.exec(cursor ?? "") ?? [];
  if (part === undefined) throw badCursor();
  return {
    part: Number(part),
    request: { page: Number(pageOfPart), limit: Number(size ?? limit), ...(ofApi !== undefined && { cursor: ofApi }) },
  };
}

type BatchQuery = PageRequest & BatchFilter;

/** Where a page of batches begins: the page of the API, the last of its batches that was looked at, and the last group before it. */
type PlaceInBatches = { readonly request: PageRequest; readonly batch: Place; readonly group: Place };

/**
 * Batches of the API, the newest first, with each group, and each that was cancelled and deleted, where the time of its creation puts it;
 * parts of groups are not shown. Both are passed through by their place and not by their number, so that none that is made meanwhile shifts the others. A group is read part by
 * part, so a page with many that do not fit the filter ends early.
 */
async function listWithOwn(api: BatchCallApi, own: OwnBatches, query: BatchQuery): Promise<Page<Batch>> {
  const { page: _page, limit, cursor: _cursor, ...filter } = query;
  if (!own.next(beforeAll)) return api.listBatches(query);
  const rows: Batch[] = [];
  let { request, batch: last, group }: PlaceInBatches = placeInBatches(query);
  let found = await api.listBatches({ ...request, ...filter });
  let left = rowsAfter(last, found.rows);
  for (let groupsRead = 0; ; ) {
    const next = toNextPage(request, found);
    const [batch] = left;
    if (!batch && next) {
      request = next;
      found = await api.listBatches({ ...request, ...filter });
      left = rowsAfter(last, found.rows);
      continue;
    }
    const record = own.next(group);
    if (!batch && !record) return { rows, hasMore: false };
    if (rows.length === limit || groupsRead === limit)
      return { rows, hasMore: true, nextCursor: toBatchCursor({ request, batch: last, group }) };
    if (record && !(batch && isNewer(batch, record))) {
      group = { createdAt: record.createdAt, id: record.id };
      if (!isNamedSo(record, filter)) continue;
      groupsRead++;
      const whole = await record.read();
      if (fits(whole, filter)) rows.push(whole);
    } else if (batch) {
      left = left.slice(1);
      last = { createdAt: batch.createdAt?.getTime() ?? last.createdAt, id: batch.batchId };
      // All groups of its time or newer stand before it; one that is made by now is no part of this list.
      if (last.createdAt <= group.createdAt) group = { createdAt: last.createdAt - 1, id: "" };
      if (!own.isPart(batch.batchId)) rows.push(batch);
    }
  }
}

/** Of a page that begins elsewhere by now, because batches were made meanwhile, those that were not looked at. */
function rowsAfter({ createdAt, id }: Place, rows: readonly Batch[]): readonly Batch[] {
  const place = rows.findIndex(({ batchId }) => batchId === id);
  if (place >= 0) return rows.slice(place + 1);
  return rows.filter((batch) => batch.createdAt === undefined || batch.createdAt.getTime() <= createdAt);
}

/** Of a batch whose time is not told nobody knows, and groups come first. */
function isNewer({ createdAt }: Batch, own: Place): boolean {
  return createdAt !== undefined && createdAt.getTime() > own.createdAt;
}

const beforeAll: Place = { createdAt: Number.MAX_SAFE_INTEGER, id: "" };
const listedBatches: CursorList = {
  name: "batches with groups",
  keys: ["number", "string", "number", "string", "number", "string"],
};

function toBatchCursor({ request: { page, cursor = "" }, batch, group }: PlaceInBatches): string {
  return toCursor(listedBatches, [page, cursor, batch.createdAt, batch.id, group.createdAt, group.id]);
}

/** A cursor of the API is of a list that was begun before there was a group, and goes on. */
function placeInBatches({ page, limit, cursor }: BatchQuery): PlaceInBatches {
  const read = fromCursor(cursor, listedBatches);
  const [pageOfApi, ofApi, ...places] = (read.ok && read.value.after) || [];
  if (pageOfApi === undefined)
    return { request: { page, limit, ...present({ cursor }) }, batch: beforeAll, group: beforeAll };
  const [batchAt, batchId, groupAt, groupId] = places;
  return {
    request: { page: Number(pageOfApi), limit, ...(ofApi !== "" && { cursor: String(ofApi) }) },
    batch: { createdAt: Number(batchAt), id: String(batchId) },
    group: { createdAt: Number(groupAt), id: String(groupId) },
  };
}

function isNamedSo({ name }: { readonly name: string }, filter: BatchFilter): boolean {
  const text = name.toLowerCase();
  return !filter.name || filter.name.some((part) => text.includes(part.toLowerCase()));
}

function fits({ status, agentId }: Batch, filter: BatchFilter): boolean {
  return (
    (!filter.status || filter.status.includes(status)) &&
    (!filter.agentId || (agentId !== undefined && filter.agentId.includes(agentId)))
  );
}

function badCursor(): Problem {
  const message = "Is not a next_cursor of this list. Leave it out for the first page.";
  return new Problem("invalid_input", "The cursor cannot be used.", {
    issues: [{ field: "cursor", code: "bad_cursor", message }],
  });
}
