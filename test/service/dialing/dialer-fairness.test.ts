import fc from "fast-check";
import { expect, test } from "vitest";
import { type DialingWorld, numberOf, startWorld } from "../../support/dialing/dialing-world.ts";

/** Recipients of the n-th batch. */
function tasksOf(batch: number, count: number) {
  return Array.from({ length: count }, (_, n) => ({ toNumber: numberOf(100 * batch + n + 1), variables: {} }));
}

/** Calls in progress by batch. */
async function inProgress(world: DialingWorld, batchIds: readonly string[]): Promise<readonly number[]> {
  const facts = await world.store.facts(batchIds, world.clock.now());
  return batchIds.map((id) => facts.get(id)?.counts.calling ?? 0);
}

test("within the length of one call every batch has its share of the lines, whoever came first", async () => {
  const setup = fc.record({
    lines: fc.integer({ min: 1, max: 12 }),
    batches: fc.integer({ min: 2, max: 6 }),
    apartMs: fc.nat(20_000),
  });
  await fc.assert(
    fc.asyncProperty(setup, async ({ lines, batches, apartMs }) => {
      const world = await startWorld({ settings: { maxConcurrent: lines, startsPerSecond: 1000 } });
      const batchIds: string[] = [];
      for (let n = 0; n < batches; n += 1) {
        batchIds.push(await world.addBatch({ tasks: tasksOf(n, 99) }));
        await world.clock.advance({ ms: apartMs });
      }
      await world.clock.advance({ ms: world.carrier.callMs });
      const shares = await inProgress(world, batchIds);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(lines);
      expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
    }),
    { numRuns: 60 },
  );
});

test("with fewer lines than batches each batch is called in its turn", async () => {
  const world = await startWorld({ settings: { maxConcurrent: 1, startsPerSecond: 1000 } });
  for (let n = 0; n < 4; n += 1) await world.addBatch({ tasks: tasksOf(n, 20) });
  await world.clock.advance({ ms: 8 * world.carrier.callMs });
  // The first batch was alone when it began.
  const turns = world.rung.map((number) => Number(number.slice(2, 5)) - 201);
  expect(turns.slice(0, 4).toSorted()).toEqual([0, 1, 2, 3]);
  expect(turns.slice(4, 8)).toEqual(turns.slice(0, 4));

  // One that joins does not make up for what it missed.
  const late = 4;
  await world.addBatch({ tasks: tasksOf(late, 20) });
  await world.clock.advance({ ms: 10 * world.carrier.callMs });
  expect(
    world.rung.slice(-10).filter((number) => tasksOf(late, 20).some(({ toNumber }) => toNumber === number)),
  ).toHaveLength(2);
});

test("one batch has no more calls in progress than a batch may, and leaves the other lines to others", async () => {
  const settings = { maxConcurrent: 10, maxConcurrentPerBatch: 3, startsPerSecond: 1000 };
  const world = await startWorld({ settings });
  const batchIds = [await world.addBatch({ tasks: tasksOf(0, 50) }), await world.addBatch({ tasks: tasksOf(1, 50) })];
  expect(await inProgress(world, batchIds)).toEqual([3, 3]);
  await world.clock.advance({ ms: world.carrier.callMs });
  expect(await inProgress(world, batchIds)).toEqual([3, 3]);
});

test("a batch that waits for its pace does not slow down one with another caller id", async () => {
  const world = await startWorld({ settings: { maxConcurrent: 100, startsPerSecond: 2 } });
  world.carrier.callMs = 60_000;
  const slow = await world.addBatch({ tasks: tasksOf(0, 50) });
  await world.clock.advance({ ms: 100 });
  const other = await world.addBatch({ tasks: tasksOf(1, 2), fromNumber: "+442079460018" });
  expect(await inProgress(world, [slow, other])).toEqual([2, 2]);
});
