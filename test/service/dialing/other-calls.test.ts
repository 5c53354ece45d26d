import { expect, test } from "vitest";
import { numberOf, retryAfter, startWorld } from "../../support/dialing/dialing-world.ts";
import type { Gate } from "../../support/dialing/gated-store.ts";

/** Seconds from the start of the test at which phones rang. */
function ringSeconds({ carrier }: Awaited<ReturnType<typeof startWorld>>, startMs: number): readonly number[] {
  return carrier.rings.map(({ at }) => (at.getTime() - startMs) / 1000);
}

test("batches with one phone in common ring it one after another, a minute after each end", async () => {
  const world = await startWorld();
  const startMs = world.clock.now().getTime();
  const batches = [await world.addBatch(), await world.addBatch(), await world.addBatch()];
  await world.clock.advance({ hours: 1 });
  expect(ringSeconds(world, startMs)).toEqual([0, 90, 180]);
  expect(world.carrier.mostOngoing).toBe(1);
  for (const id of batches) expect((await world.batch(id)).status).toBe("completed");
});

test("a dialer that holds back a call sleeps until it is due", async () => {
  const world = await startWorld();
  let claims = 0;
  const counting: Gate = (method, work) => {
    if (method === "claim") claims += 1;
    return work();
  };
  await world.start({ gate: counting });
  world.carrier.callMs = 30 * 60_000;
  await world.addBatch();
  await world.addBatch();
  claims = 0;
  await world.clock.advance({ minutes: 29 });
  expect(world.clock.nextTimerAt?.getTime()).toBeGreaterThan(world.clock.now().getTime());
  // Once a minute it looks whether the call is over.
  expect(claims).toBeLessThanOrEqual(30);
  await world.clock.advance({ minutes: 10 });
  expect(world.carrier.rings).toHaveLength(2);
});

test("a long list that is held back as a whole holds up nobody else", async () => {
  const world = await startWorld({ settings: { maxConcurrent: 1000, startsPerSecond: 1000 } });
  world.carrier.callMs = 600_000;
  await world.addBatch({ recipients: 450 });
  await world.addBatch({ recipients: 450 });
  await world.addBatch({ recipients: 5, firstNumber: 901 });
  expect(world.carrier.rings).toHaveLength(455);
});

test("who was reached by one batch is rung by the next one after the hours between batches", async () => {
  const world = await startWorld({ settings: { minHoursBetweenBatches: 24 } });
  const startMs = world.clock.now().getTime();
  await world.addBatch();
  await world.clock.advance({ hours: 1 });
  await world.addBatch();
  await world.clock.advance({ days: 3 });
  expect(ringSeconds(world, startMs)).toEqual([0, 24 * 3600 + 30]);
});

test("a retry waits for another batch's call to its number", async () => {
  const world = await startWorld();
  const startMs = world.clock.now().getTime();
  world.carrier.script(numberOf(1), "busy", "answered");
  const retried = await world.addBatch({ rules: retryAfter(1) });
  const other = await world.addBatch();
  await world.clock.advance({ hours: 1 });
  expect(ringSeconds(world, startMs)).toEqual([0, 90, 180]);
  expect((await world.attempts(retried)).map(({ attemptNumber }) => attemptNumber)).toEqual([1, 2]);
  expect(await world.attempts(other)).toHaveLength(1);
});
