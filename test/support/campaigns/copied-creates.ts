import { batchOf, type Reply, ServiceWorld } from "../service-world.ts";

export type CopiesReport = {
  readonly requests: number;
  /** As the service lists them in the end. */
  readonly batches: number;
  /** Answers other than 200, with another body than the first copy's, or that say wrongly whether they are a replay. */
  readonly mismatches: number;
};

/** Sends so many create requests to the whole service, each with its own key and in so many copies at the same time. */
export async function createInCopies(creates: number, copies: number): Promise<CopiesReport> {
  const world = await ServiceWorld.start();
  try {
    let mismatches = 0;
    for (let n = 1; n <= creates; n += 1) {
      const name = `Batch ${n}`;
      const request = { body: batchOf({ name }), headers: { "Idempotency-Key": `key-${n}` } };
      const replies = Array.from({ length: copies }, () => world.call("POST", "/batch-call", request));
      mismatches += countMismatches(name, await Promise.all(replies));
    }
    const { body } = await world.call("GET", "/batch-call/list");
    return { requests: creates * copies, batches: body.data.pagination.total_count, mismatches };
  } finally {
    await world.stop();
  }
}

function countMismatches(name: string, replies: readonly Reply[]): number {
  const first = replies.find((reply) => !isReplay(reply));
  const expected = JSON.stringify(first?.body);
  const matching = replies.filter(
    (reply) =>
      reply.status === 200 &&
      reply.body.name === name &&
      JSON.stringify(reply.body) === expected &&
      isReplay(reply) === (reply !== first),
  );
  return replies.length - matching.length;
}

function isReplay({ headers }: Reply): boolean {
  return headers.get("idempotent-replayed") === "true";
}
