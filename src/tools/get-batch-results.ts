import { z } from "zod";
import type { Page, PageRequest } from "../client/api.ts";
import type { Outcome, Task, TaskStatus } from "../domain/batch/batch.ts";
import { maskNumber } from "../domain/phone/mask.ts";
import { Problem } from "../domain/problem.ts";
import { plainText } from "../domain/text.ts";
import { lines, toTimeText, toTimeView } from "./shared/batch-view.ts";
import { withListRows } from "./shared/rows-of-tasks.ts";
import {
  batchId,
  collectPages,
  dropUndefined,
  nextCursor,
  outcome,
  pageInput,
  slicePage,
  taskStatus,
  time,
  toNextCursor,
  toPageRequest,
} from "./shared/shapes.ts";
import { defineTool, type ToolContext } from "./tool.ts";

const longestReason = 300;

/** A fallback number and how many attempts went to it stand in the rows of those who have one, without being declared. */
const result = () =>
  z.looseObject({
    row: z.number().optional(),
    to_number: z.string(),
    status: z.string(),
    outcome: z.string().optional(),
    attempts: z.number().optional(),
    reason: z.string().optional(),
    next_attempt_at: time().optional(),
    call_id: z.string().optional(),
  });

type ResultView = z.output<ReturnType<typeof result>>;

export const getBatchResultsTool = defineTool({
  name: "get_batch_results",
  title: "Get results by recipient",
  description: `List the recipients of a batch in the order of its list: row, status, outcome, attempts and reason.
Use when the user asks who was reached, who was not and why, or when the next attempt is due.
Not for totals (get_batch_status), what was said (get_call), or a file (export_batch_results).
Returns a page of results, and how many match in all.`,
  effect: "reads",
  idempotent: true,
  input: z.strictObject({
    batch_id: batchId(),
    status: taskStatus().optional().describe("failed: all attempts used without an answer."),
    outcome: outcome().optional().describe("Of the last attempt."),
    show_numbers: z.boolean().optional().describe("Whole phone numbers, else masked; only if the user needs them."),
    ...pageInput(),
  }),
  output: z.object({ results: z.array(result()), total: z.number().optional(), next_cursor: nextCursor() }),

  async run(input, context) {
    const request = toPageRequest(input);
    const batch = await context.api.getBatch(input.batch_id);
    const found = await findTasks(input.batch_id, request, input, context);
    const tasks = await withListRows(input.batch_id, found.rows, context.lists);
    const show = input.show_numbers ? (number: string) => number : maskNumber;
    const zone = batch.timezone ?? context.timezone;
    return {
      results: tasks.map((task) => toResultView(task, show, zone)),
      ...dropUndefined({ total: found.totalCount }),
      ...toNextCursor(request, found),
    };
  },

  summarize: ({ results, total, next_cursor: next }) =>
    lines(
      `${results.length} of ${total ?? "an unknown number of"} results`,
      ...results.map(toResultLine),
      next && `More: cursor ${next}`,
    ),
});

type Filter = { readonly status?: TaskStatus | undefined; readonly outcome?: Outcome | undefined };

/** An API that is not ours ignores the filters, so its tasks are all read and filtered here. */
async function findTasks(
  id: string,
  request: PageRequest,
  { status, outcome: wanted }: Filter,
  { api }: ToolContext,
): Promise<Page<Task>> {
  const filter = dropUndefined({ status, outcome: wanted });
  const isFiltered = status !== undefined || wanted !== undefined;
  if (!isFiltered || (await api.environment()) === "simulated") return api.listTasks(id, { ...request, ...filter });
  const all = await collectPages((page) => api.listTasks(id, page));
  if (wanted !== undefined && hidesOutcomes(all)) throw noOutcomes();
  return slicePage(
    all.filter((task) => (!status || task.status === status) && (!wanted || task.outcome === wanted)),
    request,
  );
}

function hidesOutcomes(tasks: readonly Task[]): boolean {
  return (
    tasks.some(({ status }) => status === "completed" || status === "failed") &&
    tasks.every((task) => task.outcome === undefined)
  );
}

function noOutcomes(): Problem {
  return new Problem(
    "unsupported",
    "This API does not tell the outcome of calls with the recipients, so they cannot be filtered by it. Filter by status, or look at single calls with get_call.",
  );
}

function toResultView(task: Task, show: (number: string) => string, zone: string): ResultView {
  return {
    ...dropUndefined({ row: task.row }),
    to_number: show(task.toNumber),
    status: task.status,
    ...dropUndefined({
      outcome: task.outcome,
      attempts: task.attempts,
      reason: task.reason && plainText(task.reason, longestReason),
      next_attempt_at: toTimeView(task.nextAttemptAt, zone),
      call_id: task.callId,
      fallback_number: task.fallbackNumber && show(task.fallbackNumber),
      fallback_attempts: task.fallbackAttempts,
    }),
  };
}

function toResultLine(view: ResultView): string {
  const row = view.row === undefined ? "" : `row ${view.row} `;
  const outcomeText = view.outcome ? `, ${view.outcome}` : "";
  const attempts = view.attempts === undefined ? "" : `, ${view.attempts} attempts`;
  const reason = view.reason ? ` (${view.reason})` : "";
  const next = view.next_attempt_at ? `, next ${toTimeText(view.next_attempt_at)}` : "";
  const { fallback_number: number, fallback_attempts: count = 0 } = view;
  const fallback = number === undefined ? "" : `, ${String(count)} of them to fallback number ${String(number)}`;
  const call = view.call_id ? `, ${view.call_id}` : "";
  return `- ${row}${view.to_number}: ${view.status}${outcomeText}${attempts}${fallback}${reason}${next}${call}`;
}
