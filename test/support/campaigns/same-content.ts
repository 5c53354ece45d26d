import { Pace } from "../dialing/pace.ts";
import { HostedApi } from "../http/hosted-api.ts";
import { TestClock } from "../test-clock.ts";
import { usNumber } from "../us-numbers.ts";
import { startWorld, type World } from "../world.ts";

export type SameContentReport = {
  readonly creates: number;
  /** Batches that the API holds, and requests to make one that it got. */
  readonly batches: number;
  readonly requests: number;
  /** Contents whose creates were answered with more than one batch. */
  readonly answeredApart: number;
  /** Answers that say that they made the batch. */
  readonly made: number;
  readonly startsSent: number;
};

/** Creates each content so many times at once, in two processes, at an API that knows no Idempotency-Key. */
export async function createAtOnce(contents: number, copies: number): Promise<SameContentReport> {
  const clock = new TestClock("2026-03-02T15:00:00Z");
  const hosted = await HostedApi.start();
  const pace = new Pace(clock);
  const world = await startWorld({ clock, upstream: () => hosted.url, watchApi: (api) => pace.watch(api) });
  const other = world.another();
  try {
    const answers = [];
    for (let content = 0; content < contents; content++) {
      const workers = Array.from({ length: copies }, (_, n) => (n % 2 ? world : other));
      answers.push(await pace.until(Promise.all(workers.map((worker) => create(worker, content)))));
    }
    const isCreate = ({ method, path }: { readonly method: string; readonly path: string }) =>
      method === "POST" && path === "/batch-call";
    return {
      creates: answers.flat().length,
      batches: hosted.batches.size,
      requests: hosted.seen.filter(isCreate).length,
      answeredApart: answers.filter((same) => new Set(same.map(({ batchId }) => batchId)).size !== 1).length,
      made: answers.flat().filter(({ replayed }) => !replayed).length,
      startsSent: hosted.dangerous.length,
    };
  } finally {
    await world.stop();
    await hosted.stop();
  }
}

async function create(
  world: World,
  content: number,
): Promise<{ readonly batchId: string; readonly replayed: boolean }> {
  const { batch, replayed } = await world.tool("create_batch_call", {
    name: `Content ${content}`,
    agent_id: "agent_1",
    from_number: "+14155550100",
    tasks: [{ to_number: usNumber(content % 1000) }, { to_number: usNumber(1000 + (content % 1000)) }],
  });
  return { batchId: batch.batch_id, replayed };
}
