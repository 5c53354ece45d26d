import { expect, test } from "vitest";
import { DialingWorld, numberOf } from "../../support/dialing/dialing-world.ts";
import { dyingAt } from "../../support/dialing/gated-store.ts";

const request = (world: DialingWorld, limit: number) => ({
  now: world.clock.now(),
  isOpen: () => true,
  limit,
  ...world.settings,
});

/** A world whose process died with one attempt in that state. */
async function worldAfterCrash(
  state: "claimed" | "starting" | "placed",
): Promise<{ world: DialingWorld; batchId: string; token: string }> {
  const world = new DialingWorld();
  const batchId = await world.addBatch();
  const { claims } = await world.store.claim(request(world, 1));
  const [claim] = claims;
  if (!claim) throw new Error("Nothing was due");
  if (state !== "claimed") await world.store.markDialing(claim, world.clock.now(), 1000);
  if (state === "placed") await world.store.markPlaced(claim, world.clock.now());
  return { world, batchId, token: claim.attempt.token };
}

async function ringBeforeCrash(world: DialingWorld, token: string): Promise<void> {
  const [open] = await world.store.openAttempts(new Set(), world.clock.now());
  if (!open) throw new Error("No open attempt");
  world.carrier.ring({ ...open.attempt, token, variables: {} });
}

for (const state of ["claimed", "starting", "placed"] as const) {
  test(`an attempt left ${state} that the carrier never took is dialed, under the same token`, async () => {
    const { world, batchId, token } = await worldAfterCrash(state);
    await world.start();
    expect(world.carrier.dials.map((dial) => dial.token)).toEqual([token]);
    await world.clock.advance({ minutes: 1 });
    expect(await world.task(batchId)).toMatchObject({ status: "completed", attemptCount: 1 });
    expect((await world.batch(batchId)).status).toBe("completed");
  });

  test(`an attempt left ${state} that the carrier never took stays undialed while the batch is paused`, async () => {
    const { world, batchId } = await worldAfterCrash(state);
    await world.store.changeBatch(
      "org_1",
      batchId,
      { status: ["sent"] },
      () => ({ isPaused: true }),
      world.clock.now(),
    );
    await world.start();
    await world.clock.advance({ hours: 1 });
    expect(world.carrier.dials).toEqual([]);
    expect((await world.facts(batchId)).counts.pending).toBe(1);
  });

  test(`an attempt left ${state} of which the carrier cannot tell becomes unknown`, async () => {
    const { world, batchId, token } = await worldAfterCrash(state);
    world.carrier.lookUp = async (asked) => ({ state: asked === token ? "cannot_tell" : "not_placed" });
    await world.start();
    await world.clock.advance({ hours: 1 });
    expect(world.carrier.dials).toEqual([]);
    expect((await world.task(batchId)).status).toBe("unknown");
    expect((await world.batch(batchId)).status).toBe("completed");
  });
}

for (const state of ["starting", "placed"] as const) {
  test(`a call that goes on when an attempt left ${state} is found ends as the carrier says`, async () => {
    const { world, batchId, token } = await worldAfterCrash(state);
    world.carrier.script(numberOf(1), "voicemail");
    await ringBeforeCrash(world, token);
    await world.clock.advance({ seconds: 10 });
    await world.start();
    expect((await world.facts(batchId)).counts.calling).toBe(1);
    await world.clock.advance({ minutes: 1 });
    expect(world.carrier.dials).toEqual([]);
    expect(await world.task(batchId)).toMatchObject({ status: "failed", outcome: "voicemail" });
  });

  test(`a call that ended while nobody listened gives an attempt left ${state} its outcome`, async () => {
    const { world, batchId, token } = await worldAfterCrash(state);
    world.carrier.script(numberOf(1), "busy");
    await ringBeforeCrash(world, token);
    await world.clock.advance({ hours: 3 });
    await world.start();
    expect(world.carrier.dials).toEqual([]);
    const [attempt] = await world.attempts(batchId);
    expect(attempt).toMatchObject({ state: "ended", outcome: "busy", endedAt: new Date("2026-03-02T15:00:30Z") });
    expect((await world.batch(batchId)).status).toBe("completed");
  });
}

test("recovered attempts obey the pace of their caller id", async () => {
  const world = new DialingWorld({ settings: { maxConcurrent: 10, startsPerSecond: 2 } });
  await world.addBatch({ recipients: 10 });
  for (let second = 0; second < 5; second += 1) {
    await world.store.claim(request(world, 10));
    await world.clock.advance({ seconds: 1 });
  }
  await world.start();
  expect(world.carrier.rings).toHaveLength(2);
  await world.clock.advance({ seconds: 4 });
  expect(world.carrier.rings).toHaveLength(10);
});

test("a carrier that cannot be asked at the start is asked until it answers, while others are called", async () => {
  const { world, batchId } = await worldAfterCrash("starting");
  world.carrier.failingLookUps = 4;
  const others = await world.addBatch({ recipients: 2, firstNumber: 11, fromNumber: "+14155550111" });
  await world.start();
  expect(world.carrier.rings).toHaveLength(2);
  await world.clock.advance({ minutes: 2 });
  expect((await world.batch(batchId)).status).toBe("completed");
  expect((await world.batch(others)).status).toBe("completed");
});

for (const when of ["before", "after"] as const) {
  test(`a process killed ${when} any of its store's commits loses nobody and calls nobody twice`, async () => {
    let kills = 0;
    for (let n = 1; ; n += 1) {
      const world = new DialingWorld({ settings: { maxConcurrent: 2 } });
      world.carrier.script(numberOf(1), "busy", "answered");
      world.carrier.script(numberOf(2), "no_answer");
      const batchId = await world.addBatch({
        recipients: 4,
        rules: { retryConfig: { enabled: true, maxAttempts: 2 } },
      });
      const gate = dyingAt(n, when);
      await world.startUnawaited(gate);
      await world.clock.advance({ hours: 2 });
      if (!gate.hasDied()) break;
      kills += 1;

      await world.start();
      // What fell due while it was dead for longer than 15 minutes waits for a person.
      if ((await world.batch(batchId)).isPaused) await world.resume(batchId);
      await world.clock.advance({ hours: 3 });
      expect([...world.rung].sort()).toEqual([1, 1, 2, 2, 3, 4].map(numberOf));
      expect(world.carrier.dials).toHaveLength(6);
      expect((await world.batch(batchId)).status).toBe("completed");
      expect((await world.facts(batchId)).counts).toMatchObject({ completed: 3, failed: 1 });
    }
    expect(kills).toBeGreaterThan(30);
  });
}
