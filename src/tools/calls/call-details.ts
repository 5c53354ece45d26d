import type { BatchCallApi, CallReading } from "../../client/api.ts";
import type { Task } from "../../domain/batch/batch.ts";
import { Problem, type ProblemCode } from "../../domain/problem.ts";
import { type Clock, sleep } from "../../lib/clock.ts";
import { isCallOf } from "./task-from-call.ts";

const atOnce = 8;

/**
 * The last call of each of the tasks, by its id, read a few at once. A call that the API does not have or tell is missing; any other
 * trouble is thrown.
 */
export async function readCalls(
  tasks: readonly Task[],
  { getCall }: Pick<BatchCallApi, "getCall">,
): Promise<ReadonlyMap<string, CallReading>> {
  const byId = byCall(tasks);
  const ids = [...byId.keys()];
  const calls = new Map<string, CallReading>();
  for (let at = 0; at < ids.length; at += atOnce) {
    const some = ids.slice(at, at + atOnce).map(async (id) => [id, await getCall(id).catch(noneWhereUntold)] as const);
    for (const [id, call] of await Promise.all(some)) if (isCallOfOne(byId.get(id), call)) calls.set(id, call);
  }
  return calls;
}

/** Calls by their ids, and why others could not be read. */
export type CallsRead = {
  readonly calls: ReadonlyMap<string, CallReading>;
  readonly missing: ReadonlyMap<string, ProblemCode>;
};
export type ReadCalls = (tasks: readonly Task[]) => Promise<CallsRead>;

type Patience = {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How long is waited for an API that takes no more requests, in all. */
  readonly mostWaitMs: number;
};

const usualWaitSeconds = 30;

/**
 * Reads calls as `readCalls` does, and goes on where the API has had enough: it waits as long as that asks (30 s where it does not say),
 * and asks for the same calls again. When the patience is used up, or the API fails otherwise, nothing more is asked of it and
 * the calls are missing.
 */
export function createPatientReader({ getCall }: Pick<BatchCallApi, "getCall">, patience: Patience): ReadCalls {
  let leftMs = patience.mostWaitMs;
  let endedBy: ProblemCode | undefined;

  const ask = async (id: string): Promise<CallReading | Problem | undefined> =>
    getCall(id)
      .catch(noneWhereUntold)
      .catch((error: unknown) => {
        if (error instanceof Problem) return error;
        throw error;
      });

  const wait = async ({ code, retryAfterSeconds = usualWaitSeconds }: Problem): Promise<void> => {
    const waitMs = Math.max(1, retryAfterSeconds) * 1000;
    if (code !== "rate_limited" || waitMs > leftMs) {
      endedBy = code;
      return;
    }
    leftMs -= waitMs;
    await sleep(patience.clock, waitMs, patience.signal);
    patience.signal.throwIfAborted();
  };

  return async (tasks) => {
    const calls = new Map<string, CallReading>();
    const missing = new Map<string, ProblemCode>();
    const byId = byCall(tasks);
    const left = [...byId.keys()];
    while (left.length > 0) {
      const some = left.splice(0, atOnce);
      if (endedBy !== undefined) {
        for (const id of some) missing.set(id, endedBy);
        continue;
      }
      const answers = await Promise.all(some.map(async (id) => [id, await ask(id)] as const));
      const failed = answers.filter(([, answer]) => answer instanceof Problem);
      for (const [id, answer] of answers)
        if (!(answer instanceof Problem) && isCallOfOne(byId.get(id), answer)) calls.set(id, answer);
      const problems = failed.map(([, answer]) => answer).filter((answer) => answer instanceof Problem);
      const [worst] = problems.toSorted((a, b) => (b.retryAfterSeconds ?? 0) - (a.retryAfterSeconds ?? 0));
      if (worst) await wait(worst);
      left.unshift(...failed.map(([id]) => id));
    }
    return { calls, missing };
  };
}

function byCall(tasks: readonly Task[]): ReadonlyMap<string, Task> {
  return new Map(tasks.flatMap((task) => (task.callId === undefined ? [] : [[task.callId, task] as const])));
}

/** An API that answers with somebody else's call is not believed: no result is better than another person's. */
function isCallOfOne(task: Task | undefined, call: CallReading | undefined): call is CallReading {
  return task !== undefined && call !== undefined && isCallOf(task, call);
}

function noneWhereUntold(error: unknown): undefined {
  if (error instanceof Problem && (error.code === "not_found" || error.code === "unsupported")) return undefined;
  throw error;
}
