import type { KeptCalls } from "../../campaigns/records/index.ts";
import type { BatchCallApi, CallReading } from "../../client/api.ts";
import { countAnswers } from "../../domain/batch/answers.ts";
import {
  type Batch,
  type BatchStatus,
  type Counts,
  outcomes,
  type Task,
  taskStatuses,
} from "../../domain/batch/batch.ts";
import type { Clock } from "../../lib/clock.ts";
import { collectPages, mostTaskPages } from "../arguments/shapes.ts";
import { createCallPool } from "./call-pool.ts";
import { isCallOf, isSettled, isUntold, withCall } from "./task-from-call.ts";
import { isOptOut } from "./unheeded-opt-outs.ts";

/** How long counts of a batch, and a call that can still change, are not asked for again. */
const keptForMs = 15_000;

type Facts = Pick<Batch, "outcomes" | "answers" | "unreadCalls" | "optedOut"> & { readonly counts: Counts };

type FactParts = {
  readonly clock: Clock;
  readonly kept: KeptCalls;
  /** Origin and id of the account whose calls they are. */
  readonly account: () => Promise<string>;
};

/**
 * The API with what an API tells of its calls alone, where it is not our service: each recipient with the outcome and the answers of their last
 * call, and a batch with counts of them, at most once in 15 s while its status and its number of people stay the same, so that no ended batch
 * shows calls that are to come. Calls are read once: those that cannot change any more are kept.
 */
export function withCallFacts(api: BatchCallApi, { clock, kept, account }: FactParts): BatchCallApi & { stop(): void } {
  const recent = new Map<string, { readonly call: CallReading; readonly until: number }>();
  const counted = new Map<
    string,
    { readonly status: BatchStatus; readonly total: number; readonly facts: Promise<Facts>; readonly until: number }
  >();
  const pool = createCallPool({ getCall: (id) => api.getCall(id), clock, onRead: note });

  async function note(calls: readonly CallReading[]): Promise<void> {
    const now = clock.now();
    const settled = calls.filter((call) => isSettled(call, now));
    if (settled.length > 0) kept.keep(await account(), settled, now);
    for (const call of calls) recent.set(call.callId, { call, until: now.getTime() + keptForMs });
  }

  async function findKnown(ids: readonly string[]): Promise<ReadonlyMap<string, CallReading>> {
    const now = clock.now().getTime();
    for (const [id, { until }] of recent) if (until <= now) recent.delete(id);
    const fresh = ids.flatMap((id) => recent.get(id)?.call ?? []);
    return new Map([...kept.find(await account(), ids), ...fresh.map((call) => [call.callId, call] as const)]);
  }

  /** Rows as they came where the API is ours, which tells all of this itself. */
  async function tellByCalls(batchId: string, tasks: readonly Task[]): Promise<readonly Task[]> {
    const untold = tasks.filter(isUntold).flatMap(({ callId }) => callId ?? []);
    if (untold.length === 0 || (await api.hasBrake())) return tasks;
    const known = await findKnown(untold);
    const read = await pool.read(untold.filter((id) => !known.has(id)));
    return tasks.map((task) => {
      if (!isUntold(task) || task.callId === undefined) return task;
      const call = known.get(task.callId) ?? read.get(task.callId);
      if (call) return isCallOf(task, call, batchId) ? withCall(task, call) : task;
      return read.has(task.callId) ? task : { ...task, isCallUnread: true };
    });
  }

  const listTasks: BatchCallApi["listTasks"] = async (batchId, query) => {
    const page = await api.listTasks(batchId, query);
    return { ...page, rows: await tellByCalls(batchId, page.rows) };
  };

  function countOnce({ batchId, status, total }: Batch): Promise<Facts> {
    const now = clock.now().getTime();
    for (const [id, { until }] of counted) if (until <= now) counted.delete(id);
    const known = counted.get(batchId);
    if (known?.status === status && known.total === total) return known.facts;
    // All rows first: their calls are then read side by side.
    const tasks = collectPages((page) => api.listTasks(batchId, page), mostTaskPages);
    const facts = tasks.then((rows) => tellByCalls(batchId, rows)).then(countTasks);
    counted.set(batchId, { status, total, facts, until: now + keptForMs });
    facts.then(({ unreadCalls }) => unreadCalls && counted.delete(batchId)).catch(() => counted.delete(batchId));
    return facts;
  }

  return {
    ...api,
    listTasks,
    async getBatch(batchId): Promise<Batch> {
      const batch = await api.getBatch(batchId);
      return batch.counts ? batch : { ...batch, ...(await countOnce(batch)) };
    },
    async getCall(callId, options) {
      const known = options?.isFresh ? undefined : (await findKnown([callId])).get(callId);
      if (known) return known;
      const call = await api.getCall(callId);
      if (!(await api.hasBrake())) await note([call]);
      return call;
    },
    stop: () => pool.close(),
  };
}

function countTasks(tasks: readonly Task[]): Facts {
  const counts = { total: tasks.length, pending: 0, calling: 0, completed: 0, failed: 0, unknown: 0, cancelled: 0 };
  for (const status of taskStatuses) counts[status] = tasks.filter((task) => task.status === status).length;
  const byOutcome = { answered: 0, no_answer: 0, busy: 0, voicemail: 0, failed: 0 };
  for (const outcome of outcomes) byOutcome[outcome] = tasks.filter((task) => task.outcome === outcome).length;
  const reached = tasks.filter(({ outcome, answers }) => outcome === "answered" || answers !== undefined);
  const answers = countAnswers(reached.map((task) => task.answers ?? []));
  const unread = tasks.filter(({ isCallUnread }) => isCallUnread).length;
  const optedOut = tasks.filter(isOptOut).length;
  return {
    counts,
    ...(tasks.some(({ outcome }) => outcome !== undefined) && { outcomes: byOutcome, answers }),
    ...(optedOut > 0 && { optedOut }),
    ...(unread > 0 && { unreadCalls: unread }),
  };
}
