import { lackOf } from "../domain/access.ts";
import type { Batch, Task } from "../domain/batch/batch.ts";
import { toWallTime } from "../domain/time/zone.ts";
import { collectPages, mostTaskPages } from "../tools/arguments/shapes.ts";
import { labelOf, listOfBatch, withListRows } from "../tools/calls/rows-of-tasks.ts";
import { personFinder } from "../tools/calls/search-people.ts";
import { viewResults } from "../tools/get-batch-results.ts";
import { getBatchStatusTool } from "../tools/get-batch-status.ts";
import { stateOfBatch } from "./batch-state.ts";
import { callsByHour, reasonsOf } from "./figures.ts";
import { readByTool } from "./read-by-tool.ts";
import { completeBatchIds } from "./recent-batches.ts";
import type { ReadContext, Resource } from "./resource.ts";

/** What the view of a campaign shows, in one reading: status, figures and a page of its recipients. */
export const viewDataResource: Resource = {
  name: "batch-view",
  title: "What the view of a batch shows",
  description:
    "Status, calls by hour on the recipients' clocks, why people were not reached, and a page of recipients: ?page=1&show=failed&search=Ana. Numbers are masked.",
  toolset: "campaigns",
  uriTemplate: "batch://{batch_id}/view{+query}",
  mimeType: "application/json",
  read: async (id, context, query) => JSON.stringify(await readView(id, context, readQuery(query))),
  state: stateOfBatch,
  complete: completeBatchIds,
};

const pageSize = 25;
const mostRowsOfAReason = 12;
const longestSearch = 80;

type Query = {
  /** From 1. */
  readonly page: number;
  /** A status or an outcome; everybody where it is empty. */
  readonly show: string;
  readonly search: string;
};

/** Takes the nearest meaning of what it cannot read: a view shows rather the first page than none. */
function readQuery(query: URLSearchParams): Query {
  const page = Number(query.get("page"));
  return {
    page: Number.isSafeInteger(page) && page > 0 ? page : 1,
    show: query.get("show") ?? "",
    search: (query.get("search") ?? "").trim().slice(0, longestSearch),
  };
}

async function readView(id: string, context: ReadContext, query: Query): Promise<object> {
  const status: object = JSON.parse(await readByTool(getBatchStatusTool, { batch_id: id }, context));
  const batch = await context.api.getBatch(id);
  const { tasks, readAt } = await keptTasks(batch, context);
  const list = await listOfBatch(id, context);
  const open = tasks.filter(({ status: is }) => is === "failed" || is === "cancelled" || is === "unknown");
  const found = await findPeople(tasks, query, { list, context });
  const pages = Math.max(1, Math.ceil(found.length / pageSize));
  const page = Math.min(query.page, pages);
  const shown = await withListRows(found.slice((page - 1) * pageSize, page * pageSize), list, context.lists);
  return {
    ...status,
    approval: viewQuestion(id, context),
    ...((await isReader(context)) && { is_read_only: true }),
    hours: callsByHour(tasks),
    reasons: reasonsOf(await withListRows(open, list, context.lists)).map(({ rows, ...reason }) => ({
      ...reason,
      rows: rows.slice(0, mostRowsOfAReason),
    })),
    people: {
      matching: found.length,
      page,
      pages,
      results: await viewResults(batch, shown, { list, places: [], answers: [], showsNumbers: false }, context),
      as_of: readAt.toISOString(),
    },
  };
}

/** Whether a call that changes a batch would be refused for what this caller may: nothing is offered to them then. */
async function isReader({ access, api }: ReadContext): Promise<boolean> {
  if (lackOf(access, "operate") !== undefined) return true;
  return access.kind === "open" && (await api.environment()) !== "simulated";
}

type Searched = { readonly list: Awaited<ReturnType<typeof listOfBatch>>; readonly context: ReadContext };

async function findPeople(
  tasks: readonly Task[],
  { show, search }: Query,
  { list, context }: Searched,
): Promise<readonly Task[]> {
  const isShown = ({ status, outcome }: Task): boolean => show === "" || status === show || outcome === show;
  const kept = tasks.filter(isShown);
  if (search === "") return kept;
  const listed = await withListRows(kept, list, context.lists);
  const isFound = personFinder(search);
  return kept.filter((_task, at) => {
    const one = listed[at];
    return one !== undefined && isFound(one.task, list && one.listRow && labelOf(one.listRow, list));
  });
}

/** The question that waits, with how its page is opened again. The way is that of the tool that asked, which needs an answer itself. */
function viewQuestion(batchId: string, { campaigns, clock, origin, approvalPath }: ReadContext): object | undefined {
  const question = campaigns.openQuestion(batchId);
  if (!question) return undefined;
  const { start } = question;
  const again =
    start.kind === "now"
      ? { start: "now" }
      : {
          start: "at_time",
          start_at: start.local ?? `${toWallTime(start.at, "UTC")}Z`,
          ...(start.local !== undefined && { timezone: "recipient" }),
        };
  return {
    recipients: question.recipients,
    seconds_left: Math.round((question.expiresAt.getTime() - clock.now().getTime()) / 1000),
    again,
    ...(origin !== undefined && approvalPath !== undefined && { url: `${origin}${approvalPath}` }),
  };
}

type Kept = { readonly readAt: Date; readonly tasks: Promise<readonly Task[]> };

// By the API that they were read from, so that nobody gets those of another account.
const keptByApi = new WeakMap<ReadContext["api"], Map<string, Kept>>();
const mostKept = 8;
const shortestAgeMs = 2000;

/**
 * Everybody on the list, read at most once in two seconds, and in a second for each 1,000 people: a view asks again and again, and
 * a page of recipients is a request to the API.
 */
async function keptTasks(batch: Batch, { api, clock }: ReadContext): Promise<{ tasks: readonly Task[]; readAt: Date }> {
  const kept = keptByApi.get(api) ?? new Map<string, Kept>();
  keptByApi.set(api, kept);
  const now = clock.now();
  const found = kept.get(batch.batchId);
  const isFresh = found && now.getTime() - found.readAt.getTime() < Math.max(shortestAgeMs, batch.total);
  if (found && isFresh) return { tasks: await found.tasks, readAt: found.readAt };
  const tasks = collectPages((page) => api.listTasks(batch.batchId, page), mostTaskPages);
  kept.delete(batch.batchId);
  kept.set(batch.batchId, { readAt: now, tasks });
  const [oldest] = kept.keys();
  if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
  try {
    return { tasks: await tasks, readAt: now };
  } catch (error) {
    kept.delete(batch.batchId);
    throw error;
  }
}
