import { expect, test } from "vitest";
import { DialingWorld, numberOf, startWorld } from "../../support/dialing/dialing-world.ts";

const secondsOf = (world: DialingWorld): readonly number[] => {
  const [first] = world.carrier.dials;
  return world.carrier.dials.map(({ at }) => (at.getTime() - (first?.at.getTime() ?? 0)) / 1000);
};

test("a carrier without room uses up no attempt and leaves no result, and the recipient stays due", async () => {
  const world = await startWorld();
  world.carrier.faults = ["full", "full"];
  const batchId = await world.addBatch();
  const task = await world.task(batchId);
  expect(task).toMatchObject({ status: "pending", attemptCount: 0 });
  expect([task.outcome, (await world.attempts(batchId)).length]).toEqual([undefined, 0]);
  expect((await world.facts(batchId)).sent).toBe(0);

  await world.clock.advance({ minutes: 5 });
  expect(secondsOf(world)).toEqual([0, 1, 3]);
  expect(world.rung).toEqual([numberOf(1)]);
  expect(await world.task(batchId)).toMatchObject({ status: "completed", attemptCount: 1 });
});

test("it is asked again when it said, and nobody of any batch is handed to it before", async () => {
  const world = await startWorld();
  world.carrier.asksToWait = { retryAfterMs: 90_000 };
  world.carrier.faults = ["full"];
  await world.addBatch();
  await world.addBatch({ firstNumber: 11 });
  await world.clock.advance({ ms: 89_999 });
  expect(world.carrier.dials).toHaveLength(1);
  await world.clock.advance({ seconds: 2 });
  expect([...world.rung].sort()).toEqual([numberOf(1), numberOf(11)].sort());
});

test("whatever it asks for, it is asked again after an hour", async () => {
  const world = await startWorld();
  world.carrier.asksToWait = { retryAfterMs: 30 * 24 * 3_600_000 };
  world.carrier.faults = ["full"];
  await world.addBatch();
  await world.clock.advance({ minutes: 61 });
  expect(world.rung).toEqual([numberOf(1)]);
});

test("after it the starts of a second are half as many, and grow again as it takes them", async () => {
  const world = new DialingWorld({ settings: { maxConcurrent: 1000, startsPerSecond: 8 } });
  await world.start();
  world.carrier.faults = ["full"];
  await world.addBatch({ recipients: 80 });
  await world.clock.advance({ minutes: 1 });
  const perSecond = new Map<number, number>();
  for (const second of secondsOf(world))
    perSecond.set(Math.floor(second), (perSecond.get(Math.floor(second)) ?? 0) + 1);
  const counts = [...perSecond.values()];
  // The one that found no room and those that were handed over beside it, then half of 8, and ever more.
  expect(counts.slice(0, 6)).toEqual([8, 4, 4, 5, 6, 7]);
  expect(new Set(world.rung).size).toBe(80);
  expect(world.rung).toHaveLength(80);
});

test("pause holds while it has no room", async () => {
  const world = await startWorld();
  world.carrier.faults = ["full"];
  const batchId = await world.addBatch();
  await world.pause(batchId);
  await world.clock.advance({ hours: 1 });
  expect(world.rung).toEqual([]);
  await world.resume(batchId);
  expect(world.rung).toEqual([numberOf(1)]);
});

test("a batch that the carrier does not take is held with the carrier's reason, and nobody of it was called", async () => {
  const world = await startWorld();
  world.carrier.faults = ["hold"];
  const batchId = await world.addBatch({ recipients: 3 });
  const other = await world.addBatch({ firstNumber: 11 });
  await world.clock.advance({ hours: 1 });
  // Two were with the carrier already when it turned the first down.
  expect(await world.batch(batchId)).toMatchObject({
    isPaused: true,
    heldReason: "The carrier does not know the agent.",
  });
  expect((await world.tasks(batchId))[0]).toMatchObject({ status: "pending", attemptCount: 0 });
  expect(world.rung).not.toContain(numberOf(1));
  expect(await world.task(other)).toMatchObject({ status: "completed" });
});
