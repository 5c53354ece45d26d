import { expect, test } from "vitest";
import type { DialStore } from "../../../src/service/store/dial-store.ts";
import type { DialFault } from "../../support/carriers/scripted-carrier.ts";
import { DialingWorld, numberOf, startWorld } from "../../support/dialing/dialing-world.ts";
import { failing, holding } from "../../support/dialing/gated-store.ts";

test("a dial that did not reach the carrier is tried again later, under the same token", async () => {
  const world = await startWorld();
  world.carrier.faults = ["refused"];
  const batchId = await world.addBatch();
  expect(await world.task(batchId)).toMatchObject({ status: "pending", attemptCount: 0 });

  await world.clock.advance({ seconds: 1 });
  expect(world.carrier.dials).toHaveLength(2);
  expect(world.carrier.rings).toHaveLength(1);
  expect(new Set(world.carrier.dials.map(({ token }) => token)).size).toBe(1);
  await world.clock.advance({ minutes: 1 });
  expect(await world.task(batchId)).toMatchObject({ status: "completed", attemptCount: 1 });
});

test("a carrier that keeps failing is tried ever more rarely, at most half a minute apart, and never given up", async () => {
  const world = await startWorld();
  world.carrier.faults = Array<DialFault>(10).fill("refused");
  const batchId = await world.addBatch();
  await world.clock.advance({ hours: 1 });
  const [first, ...rest] = world.carrier.dials.map(({ at }) => at.getTime());
  const waits = rest.map((at, n) => (at - (n === 0 ? (first ?? 0) : (rest[n - 1] ?? 0))) / 1000);
  expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30, 30, 30, 30]);
  expect((await world.batch(batchId)).status).toBe("completed");
});

test("after a failure the carrier rests, and those who were not tried yet come first", async () => {
  const world = new DialingWorld({ settings: { maxConcurrent: 1 } });
  await world.start();
  world.carrier.callMs = 100;
  world.carrier.faults = ["refused"];
  await world.addBatch({ recipients: 2 });
  await world.clock.advance({ minutes: 1 });
  const start = world.carrier.dials[0]?.at.getTime() ?? 0;
  const dials = world.carrier.dials.map(({ toNumber, at }) => [toNumber, at.getTime() - start]);
  expect(dials).toEqual([
    [numberOf(1), 0],
    [numberOf(2), 1000],
    [numberOf(1), 1100],
  ]);
});

test("a carrier that took an attempt again has its failures forgotten", async () => {
  const world = await startWorld();
  for (let n = 0; n < 3; n += 1) {
    world.carrier.faults = ["refused"];
    await world.addBatch({ firstNumber: n + 1 });
    await world.clock.advance({ seconds: 1 });
    expect(world.carrier.rings).toHaveLength(n + 1);
  }
});

test("a pass that failed is repeated by itself", async () => {
  const world = new DialingWorld();
  await world.addBatch();
  await world.start({ gate: failing("claim", 2, "before") });
  await world.clock.advance({ ms: 2_999 });
  expect(world.carrier.rings).toHaveLength(0);
  await world.clock.advance({ ms: 1 });
  expect(world.carrier.rings).toHaveLength(1);
});

test("while the carrier rests after a failure, pause still holds", async () => {
  const world = await startWorld();
  world.carrier.faults = ["refused"];
  const batchId = await world.addBatch();
  await world.pause(batchId);
  await world.clock.advance({ hours: 1 });
  expect(world.carrier.rings).toEqual([]);
});

test("one recipient whom the carrier never takes does not hold up the others", async () => {
  const world = await startWorld();
  const takes = world.carrier.dial.bind(world.carrier);
  world.carrier.dial = (request) =>
    request.toNumber === numberOf(1) ? Promise.reject(new Error("Scripted fault: never")) : takes(request);
  const batchId = await world.addBatch({ recipients: 12 });
  await world.clock.advance({ minutes: 30 });
  expect((await world.facts(batchId)).counts).toMatchObject({ completed: 11, pending: 1 });
  expect((await world.batch(batchId)).status).toBe("sent");
});

test("an attempt that is dialed again before its taking back was answered keeps its result", async () => {
  const world = new DialingWorld();
  world.carrier.faults = ["refused"];
  const batchId = await world.addBatch({ recipients: 2 });
  const gate = holding("release");
  const dialer = await world.startUnawaited(gate);
  dialer.wake();
  await world.clock.settle();
  expect(world.rung).toEqual([numberOf(2), numberOf(1)]);
  gate.letOut();
  await world.clock.advance({ minutes: 1 });
  expect((await world.facts(batchId)).counts.completed).toBe(2);
});

test("a dial whose answer was lost rings once and keeps its result", async () => {
  const world = await startWorld();
  world.carrier.faults = ["lost_answer"];
  const batchId = await world.addBatch();
  await world.clock.advance({ hours: 1 });
  expect(world.carrier.dials).toHaveLength(1);
  expect(world.carrier.rings).toHaveLength(1);
  expect(await world.task(batchId)).toMatchObject({ status: "completed", outcome: "answered" });
});

test("a dial of which the carrier cannot tell leaves the recipient unknown and is not repeated", async () => {
  const world = await startWorld();
  world.carrier.faults = ["lost_for_good"];
  const batchId = await world.addBatch({ recipients: 2 });
  await world.clock.advance({ days: 1 });
  expect(world.carrier.dials).toHaveLength(2);
  expect((await world.facts(batchId)).counts).toMatchObject({ unknown: 1, completed: 1 });
  expect((await world.tasks(batchId))[0]?.reason).toContain("cannot tell");
  expect((await world.batch(batchId)).status).toBe("completed");
});

test("while a look-up fails nothing is dialed in doubt; it is asked again until it answers", async () => {
  const world = await startWorld();
  world.carrier.faults = ["refused"];
  world.carrier.failingLookUps = 3;
  const batchId = await world.addBatch();
  await world.clock.advance({ ms: 6_999 });
  expect(world.carrier.dials).toHaveLength(1);
  expect((await world.facts(batchId)).counts.calling).toBe(1);
  await world.clock.advance({ minutes: 2 });
  expect(world.carrier.rings).toHaveLength(1);
  expect((await world.batch(batchId)).status).toBe("completed");
});

const methods: readonly (keyof DialStore)[] = [
  "dueSteps",
  "claim",
  "markDialing",
  "markPlaced",
  "complete",
  "nextDueAt",
];
for (const when of ["before", "after"] as const) {
  test.each(methods)(`everybody is called once although %s fails three times ${when} its work`, async (method) => {
    const world = new DialingWorld();
    await world.start({ gate: failing(method, 3, when) });
    world.carrier.script(numberOf(2), "busy");
    const batchId = await world.addBatch({ recipients: 4 });
    await world.clock.advance({ minutes: 14 });
    // Without an answer to its claim the dialer does not know what it claimed; the next start finds it.
    await world.start();
    await world.clock.advance({ hours: 1 });
    expect([...world.rung].sort()).toEqual([1, 2, 3, 4].map(numberOf));
    expect((await world.batch(batchId)).status).toBe("completed");
    expect((await world.facts(batchId)).counts).toMatchObject({ completed: 3, failed: 1 });
  });
}

test("errors are logged whole, without a phone number", async () => {
  const lines: object[] = [];
  const keep = (fields: object): void => void lines.push(fields);
  const world = new DialingWorld();
  await world.start({ log: { debug: keep, info: keep, warn: keep, error: keep } });
  world.carrier.faults = ["refused"];
  await world.addBatch();
  const text = JSON.stringify(lines.map((line) => Object.entries(line).map(String)));
  expect(text).toContain("Scripted fault: refused");
  expect(text).not.toContain(numberOf(1));
});
