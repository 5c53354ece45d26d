import { z } from "zod";
import type { CallReading, Page, PageRequest } from "../client/api.ts";
import type { Answer } from "../domain/batch/answers.ts";
import type { Batch, Outcome, Task, TaskStatus } from "../domain/batch/batch.ts";
import { recipientClock } from "../domain/batch/plan.ts";
import type { ContactList } from "../domain/list/list.ts";
import { maskNumber } from "../domain/phone/mask.ts";
import { zonesOfRecipient } from "../domain/phone/recipient-time.ts";
import { Problem } from "../domain/problem.ts";
import { queueInFront } from "../domain/queue-in-front.ts";
import { counted, plainText } from "../domain/text.ts";
import { findPlace } from "../lists/column-names.ts";
import { nowField, nowIn, toNowText } from "./arguments/now.ts";
import {
  batchId,
  dropUndefined,
  outcome,
  pageEnd,
  pageInput,
  slicePage,
  type TimeView,
  taskStatus,
  time,
  toPageEnd,
  toPageEndLines,
  toPageRequest,
} from "./arguments/shapes.ts";
import { lines, toTimeText, toTimeView } from "./batch/batch-view.ts";
import { readCalls } from "./calls/call-details.ts";
import { toReasonText } from "./calls/call-reason.ts";
import { collectTasks } from "./calls/collect-tasks.ts";
import { type ListedTask, labelOf, listOfBatch, placesOf, showCells, withListRows } from "./calls/rows-of-tasks.ts";
import { unheededOptOuts } from "./calls/unheeded-opt-outs.ts";
import { readAnswers, toAnswerText } from "./results/answers.ts";
import { costOf } from "./results/result-fields.ts";
import { defineTool, type ToolContext } from "./tool.ts";

const longestReason = 300;

/** Not declared, and there where they are known: the last call's time, duration, recording, summary and answers, what the calls cost, whether a message was left, the cells of columns, a fallback number and how many attempts went to it. */
const result = () =>
  z.looseObject({
    row: z.number().optional(),
    label: z.string(),
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
  description: `List the recipients of a batch: row, label, outcome, time, duration, attempts, summary, answers, reason.
Use when the user asks who was reached, who was not and why, or what people answered.
Not for totals (get_batch_status), words (get_call), or a file (export_batch_results).
Numbers are masked unless show_numbers; results change until is_final (get_batch_status).`,
  toolset: "results",
  effect: "reads",
  idempotent: true,
  input: z.strictObject({
    batch_id: batchId(),
    status: taskStatus().optional().describe("failed: no attempt left."),
    outcome: outcome().optional().describe("Of the last attempt."),
    show_numbers: z.boolean().optional().describe("Only if the user needs them."),
    columns: z.array(z.string()).optional().describe("Adds columns of the list, or answers."),
    ...pageInput(),
  }),
  output: z.object({
    results: z.array(result()),
    total: z.number().optional(),
    opt_outs: z.string().optional(),
    now: nowField(),
    ...pageEnd(),
  }),

  async run(input, context) {
    const request = toPageRequest(input);
    const batch = await context.api.getBatch(input.batch_id);
    const list = await listOfBatch(input.batch_id, context);
    const wanted = input.columns ?? [];
    const answers = findAnswerNames(wanted, batch, list);
    const places = placesOf(
      wanted.filter((name) => !answers.includes(name)),
      list,
      batch.answers?.byName.map(({ name }) => name),
    );
    const found = await findTasks(input.batch_id, request, input, context);
    const listed = await withListRows(found.rows, list, context.lists);
    const look = { list, places, answers, showsNumbers: input.show_numbers ?? false };
    return {
      results: await viewResults(batch, listed, look, context),
      ...dropUndefined({ total: found.totalCount, opt_outs: await unheededOptOuts(batch, context.api) }),
      now: nowIn(batch.timezone, context),
      ...toPageEnd(input, request, found),
    };
  },

  summarize: ({ results, total, opt_outs: optOuts, now, ...end }) =>
    lines(
      `${results.length} of ${total ?? "an unknown number of"} results`,
      ...results.map(toResultLine),
      optOuts,
      toNowText(now),
      ...toPageEndLines(end),
    ),
});

const longestAnswer = 120;
const mostAnswers = 10;

/** Those of the names that are no column of the list, and that somebody of the batch gave an answer to. */
function findAnswerNames(
  names: readonly string[],
  { answers }: Batch,
  list: ContactList | undefined,
): readonly string[] {
  const given = new Set(answers?.byName.map(({ name }) => name));
  return names.filter((name) => given.has(name) && (!list || findPlace(list.shape.columns, name) === undefined));
}

/** The first ten, shortened and without their sentences, unless some are asked for by name: a page has a hundred people. */
function showAnswers(answers: readonly Answer[], names: readonly string[]): Answer[] {
  if (names.length > 0) return answers.filter(({ name }) => names.includes(name)).map((answer) => ({ ...answer }));
  return answers.slice(0, mostAnswers).map(({ name, value }) => ({ name, value: plainText(value, longestAnswer) }));
}

type Filter = { readonly status?: TaskStatus | undefined; readonly outcome?: Outcome | undefined };

/** An API that is not ours ignores the filters, so its tasks are all read and filtered here. */
async function findTasks(
  id: string,
  request: PageRequest,
  { status, outcome: wanted }: Filter,
  context: ToolContext,
): Promise<Page<Task>> {
  const { api } = context;
  const filter = dropUndefined({ status, outcome: wanted });
  const isFiltered = status !== undefined || wanted !== undefined;
  if (!isFiltered || (await api.environment()) === "simulated") return api.listTasks(id, { ...request, ...filter });
  const all = await collectTasks(id, context);
  const unread = all.filter(({ isCallUnread }) => isCallUnread).length;
  if (unread > 0) throw notReadYet(unread);
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
    `This API does not tell the outcome of calls with the recipients, so they cannot be filtered by it. Filter by status, or look at single calls with get_call. ${queueInFront("tells the outcome of each call of the batches that it is given")}`,
  );
}

function notReadYet(count: number): Problem {
  return new Problem(
    "unavailable",
    `${counted(count, "call that is", "calls that are")} over could not be read yet, so nobody knows who has that outcome. What is missing is being read: ask again in a minute, or leave status and outcome out.`,
  );
}

function ignoreProblem(error: unknown): ReadonlyMap<string, CallReading> {
  if (error instanceof Problem) return new Map();
  throw error;
}

type Asked = {
  readonly list: ContactList | undefined;
  /** Of the columns that are shown. */
  readonly places: readonly number[];
  /** Names of the answers that are shown whole; all of them, shortened, where there is none. */
  readonly answers: readonly string[];
  readonly showsNumbers: boolean;
};

/** Recipients of one batch with what came of their calls. What is told with the batch is told even where its calls cannot be read one by one. */
export async function viewResults(
  batch: Batch,
  listed: readonly ListedTask[],
  asked: Asked,
  { api, timezone }: Pick<ToolContext, "api" | "timezone">,
): Promise<ResultView[]> {
  const tasks = listed.map(({ task }) => task);
  const look = {
    ...asked,
    calls: await readCalls(tasks, api).catch(ignoreProblem),
    zone: batch.timezone ?? timezone,
    isOnOwnClocks: batch.notBeforeLocal !== undefined || batch.heldRules?.quietHours?.zone === recipientClock,
    hasCallerIds: batch.moreFromNumbers !== undefined,
  };
  return listed.map((task) => toResultView(task, look));
}

type Look = Asked & {
  readonly calls: ReadonlyMap<string, CallReading>;
  readonly zone: string;
  /** Whether the batch goes by the clock of each person: times are told on it, where it is known. */
  readonly isOnOwnClocks: boolean;
  /** Whether they are called from several numbers. */
  readonly hasCallerIds: boolean;
};

function toResultView(
  { task, listRow }: ListedTask,
  { list, places, answers, calls, showsNumbers, zone: shared, isOnOwnClocks, hasCallerIds }: Look,
): ResultView {
  const [own, ...others] = isOnOwnClocks ? zonesOfRecipient(task.toNumber, task.timezone) : [];
  const zone = own !== undefined && others.length === 0 ? own : shared;
  const show = showsNumbers ? (number: string) => number : maskNumber;
  const call = calls.get(task.callId ?? "");
  // A simulation knows how a call will end, and an API may tell of the call before.
  const over = task.status === "calling" ? undefined : call;
  const toNumber = show(task.toNumber);
  const person = list &&
    listRow && { label: labelOf(listRow, list), cells: showCells(listRow, places, list, showsNumbers) };
  return {
    ...dropUndefined({ row: task.row }),
    label: person?.label ?? toNumber,
    to_number: toNumber,
    status: task.status,
    ...dropUndefined({
      outcome: task.outcome,
      called_at: toTimeView(task.dials?.at(-1)?.startedAt ?? call?.startedAt, zone),
      called_from: hasCallerIds ? (task.dials?.at(-1)?.fromNumber ?? call?.fromNumber) : undefined,
      duration_seconds: over?.durationSeconds,
      recording_url: over?.recordingUrl,
      ...costOf(task, call),
      summary: over?.summary && plainText(over.summary, longestReason),
      message_left: task.dials?.some(({ messageLeft }) => messageLeft) || undefined,
      answers: task.answers && showAnswers(task.answers, answers),
      cells: places.length > 0 ? person?.cells : undefined,
      attempts: task.attempts,
      reason: task.reason && plainText(task.reason, longestReason),
      next_attempt_at: toTimeView(task.nextAttemptAt, zone),
      waits_for: task.waitsFor,
      call_id: task.callId,
      fallback_number: task.fallbackNumber && show(task.fallbackNumber),
      fallback_attempts: task.fallbackAttempts,
    }),
  };
}

function toResultLine(view: ResultView): string {
  const row = view.row === undefined ? "" : `row ${view.row} `;
  const name = view.label === view.to_number ? "" : `${view.label} `;
  const { called_at: calledAt, duration_seconds: seconds, summary, cells } = view;
  const answers = readAnswers(view["answers"]).map((answer) => `, ${toAnswerText(answer)}`);
  const called = isTime(calledAt) ? `, called ${toTimeText(calledAt)}` : "";
  const from = view["called_from"] === undefined ? "" : ` from ${String(view["called_from"])}`;
  const duration = typeof seconds === "number" ? `, ${seconds} s` : "";
  const said = typeof summary === "string" ? `: ${summary}` : "";
  const shown = cells === undefined ? "" : ` ${JSON.stringify(cells)}`;
  const left = view["message_left"] ? ", message left" : "";
  const outcomeText = view.outcome ? `, ${view.outcome}${left}` : "";
  const attempts = view.attempts === undefined ? "" : `, ${counted(view.attempts, "attempt")}`;
  const reason = view.reason ? ` (${toReasonText(view.reason)})` : "";
  const next = view.next_attempt_at ? `, next ${toTimeText(view.next_attempt_at)}` : "";
  const { fallback_number: number, fallback_attempts: count = 0 } = view;
  const fallback = number === undefined ? "" : `, ${String(count)} of them to fallback number ${String(number)}`;
  const call = view.call_id ? `, ${view.call_id}` : "";
  return `- ${row}${name}${view.to_number}: ${view.status}${outcomeText}${called}${from}${duration}${attempts}${fallback}${reason}${next}${call}${said}${answers.join("")}${shown}`;
}

function isTime(value: unknown): value is TimeView {
  return time().safeParse(value).success;
}
