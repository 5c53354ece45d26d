import { expect, test } from "vitest";
import { DialingWorld, numberOf, startWorld } from "../../support/dialing/dialing-world.ts";

test.each(["pause", "cancel"] as const)(
  "%s takes back what waits in a queue of the carrier's, and it is as if never called",
  async (step) => {
    const world = await startWorld();
    world.carrier.queueMs = 20_000;
    const batchId = await world.addBatch({ recipients: 3 });
    expect((await world.facts(batchId)).counts.calling).toBe(3);
    await world[step](batchId);
    await world.clock.advance({ hours: 1 });
    expect(world.rung).toEqual([]);
    const left = { pause: "pending", cancel: "cancelled" }[step];
    for (const task of await world.tasks(batchId)) expect(task).toMatchObject({ status: left, attemptCount: 0 });
  },
);

test("those whose phones ring already go on, and their ends are recorded", async () => {
  const world = await startWorld();
  world.carrier.queueMs = 20_000;
  const batchId = await world.addBatch({ recipients: 2 });
  await world.clock.advance({ seconds: 20 });
  await world.pause(batchId);
  await world.clock.advance({ hours: 1 });
  expect([...world.rung].sort()).toEqual([numberOf(1), numberOf(2)]);
  for (const task of await world.tasks(batchId)) expect(task).toMatchObject({ status: "completed", attemptCount: 1 });
});

test("what was taken back is called once after the batch goes on", async () => {
  const world = await startWorld();
  world.carrier.queueMs = 20_000;
  const batchId = await world.addBatch();
  await world.pause(batchId);
  await world.resume(batchId);
  await world.clock.advance({ hours: 1 });
  expect(world.rung).toEqual([numberOf(1)]);
  expect(await world.task(batchId)).toMatchObject({ status: "completed", attemptCount: 1 });
});

test("nobody is handed over whose phone could ring in quiet hours only, and everybody is called when they are over", async () => {
  const rules = { quietHours: { enabled: true, start: "12:00", end: "13:00" } };
  const world = new DialingWorld({ now: "2026-03-02T16:58:30Z" });
  world.carrier.queueMs = 120_000;
  await world.start();
  await world.addBatch({ recipients: 2, rules });
  await world.clock.advance({ hours: 3 });
  for (const { at } of world.carrier.rings)
    expect(at.getTime()).toBeGreaterThanOrEqual(Date.parse("2026-03-02T18:02:00Z"));
  expect(world.rung).toHaveLength(2);
});

test("the same holds of the hours on their own clock", async () => {
  const rules = { quietHours: { enabled: true, start: "12:00", end: "13:00", zone: "recipient" } };
  const world = new DialingWorld({ now: "2026-03-02T16:58:30Z" });
  world.carrier.queueMs = 120_000;
  await world.start();
  await world.addBatch({ tasks: [{ toNumber: numberOf(1), variables: {}, timezone: "America/New_York" }], rules });
  await world.clock.advance({ hours: 3 });
  expect(world.carrier.rings.map(({ at }) => at.toISOString())).toEqual(["2026-03-02T18:02:00.000Z"]);
});

test.each([
  ["is paused", (world: Awaited<ReturnType<typeof startWorld>>, id: string) => void world.pause(id)],
  [
    "has the number on the do-not-call list",
    (world: Awaited<ReturnType<typeof startWorld>>) =>
      void world.store.addDoNotCall("org_1", [{ phoneNumber: numberOf(1) }], world.clock.now()),
  ],
])("a carrier that hands over later does not when the batch %s by then", async (_what, change) => {
  const world = await startWorld();
  world.carrier.acceptMs = 2_000;
  world.carrier.checksAgain = true;
  const batchId = await world.addBatch();
  change(world, batchId);
  await world.clock.advance({ hours: 1 });
  expect(world.rung).toEqual([]);
  expect(await world.task(batchId)).toMatchObject({ attemptCount: 0 });
});

test("nor is one lost that it hands over long after it was given it, and that may ring then", async () => {
  const world = await startWorld();
  world.carrier.acceptMs = 30_000;
  world.carrier.checksAgain = true;
  const batchId = await world.addBatch();
  await world.clock.advance({ hours: 1 });
  expect(world.rung).toEqual([numberOf(1)]);
  expect(await world.task(batchId)).toMatchObject({ status: "completed", attemptCount: 1 });
});
