import type { BatchCallApi, CallReading } from "../../client/api.ts";
import { Problem } from "../../domain/problem.ts";
import { type Clock, sleep } from "../../lib/clock.ts";

/** Reads many calls, a few at a time, however many ask for them. */
export type CallPool = {
  /**
   * The calls that were read by then, by their ids; nothing stands for one that the API does not have, and an id that is missing was not
   * read. Waits at most 20 s, counted from when the pool had nothing to do, so that all who ask meanwhile wait no longer
   * together; what is not read by then goes on being read.
   */
  read(ids: readonly string[]): Promise<ReadonlyMap<string, CallReading | undefined>>;
  close(): void;
};

type PoolParts = {
  readonly getCall: BatchCallApi["getCall"];
  readonly clock: Clock;
  /** Told of calls that were read, a few together, in their order. */
  readonly onRead: (calls: readonly CallReading[]) => Promise<void>;
};

const atOnce = 8;
const toldAtOnce = 50;
const patienceMs = 20_000;
const usualRestSeconds = 30;

export function createCallPool({ getCall, clock, onRead }: PoolParts): CallPool {
  const jobs = new Map<string, Job>();
  const queue: string[] = [];
  const closing = new AbortController();
  let read: CallReading[] = [];
  let [lanes, mostLanes] = [0, atOnce];
  let [deadlineMs, restUntilMs] = [0, 0];
  const nowMs = (): number => clock.now().getTime();

  async function ask(id: string): Promise<Answer> {
    try {
      return { call: await getCall(id) };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return error.code === "not_found" || error.code === "unsupported" ? { call: undefined } : { problem: error };
    }
  }

  function settle(id: string, answer: Answer): void {
    if ("call" in answer && answer.call) read.push(answer.call);
    jobs.get(id)?.resolve(answer);
    jobs.delete(id);
  }

  async function tell(): Promise<void> {
    const calls = read;
    read = [];
    if (calls.length > 0) await onRead(calls);
  }

  /** Whoever is told to wait lets all others wait as well, and from then on fewer ask. */
  function rest({ retryAfterSeconds = usualRestSeconds }: Problem): void {
    restUntilMs = Math.max(restUntilMs, nowMs() + Math.max(1, retryAfterSeconds) * 1000);
    mostLanes = Math.max(1, Math.floor(lanes / 2));
  }

  async function work(): Promise<void> {
    while (lanes <= mostLanes && !closing.signal.aborted) {
      const id = queue.shift();
      if (id === undefined) break;
      const answer = await ask(id);
      if (!("problem" in answer)) settle(id, answer);
      else if (answer.problem.code === "rate_limited") {
        queue.unshift(id);
        rest(answer.problem);
      } else for (const one of [id, ...queue.splice(0)]) settle(one, answer);
      if (read.length >= toldAtOnce) await tell();
      if (restUntilMs > nowMs()) await sleep(clock, restUntilMs - nowMs(), closing.signal);
    }
    await tell();
  }

  function start(): void {
    if (lanes === 0) [deadlineMs, mostLanes] = [nowMs() + patienceMs, atOnce];
    while (lanes < Math.min(mostLanes, lanes + queue.length)) {
      lanes += 1;
      const lane = work().finally(() => {
        lanes -= 1;
      });
      // A defect of ours, or a disk that is full: nobody waits for what will not come.
      lane.catch((error: unknown) => {
        for (const id of [...jobs.keys()]) settle(id, { problem: toProblem(error) });
        queue.length = 0;
      });
    }
  }

  function request(id: string): Promise<Answer> {
    const known = jobs.get(id);
    if (known) return known.answer;
    const job = newJob();
    jobs.set(id, job);
    queue.push(id);
    return job.answer;
  }

  return {
    async read(ids) {
      const calls = new Map<string, CallReading | undefined>();
      const answers = ids.map(async (id) => {
        const answer = await request(id);
        if ("call" in answer) calls.set(id, answer.call);
      });
      start();
      const patience = new AbortController();
      const isOver = sleep(
        clock,
        Math.max(0, deadlineMs - nowMs()),
        AbortSignal.any([patience.signal, closing.signal]),
      );
      await Promise.race([Promise.all(answers), isOver]);
      patience.abort();
      return new Map(calls);
    },
    close: () => closing.abort(),
  };
}

type Answer = { readonly call: CallReading | undefined } | { readonly problem: Problem };
type Job = { readonly answer: Promise<Answer>; readonly resolve: (answer: Answer) => void };

function newJob(): Job {
  let resolve: Job["resolve"] = () => {};
  const answer = new Promise<Answer>((settle) => {
    resolve = settle;
  });
  return { answer, resolve };
}

function toProblem(cause: unknown): Problem {
  return cause instanceof Problem ? cause : new Problem("internal", "Calls could not be read.", { cause });
}
