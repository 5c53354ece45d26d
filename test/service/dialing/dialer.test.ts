import { expect, test } from "vitest";
import { DialingWorld, numberOf, organizationId, retryAfter, startWorld } from "../../support/dialing/dialing-world.ts";
import { holding } from "../../support/dialing/gated-store.ts";

test("a running batch calls everybody once, and completes", async () => {
  const world = await startWorld();
  const batchId = await world.addBatch({ recipients: 25 });
  await world.clock.advance({ minutes: 10 });

  expect(world.rung).toEqual(Array.from({ length: 25 }, (_, n) => numberOf(n + 1)));
  expect((await world.batch(batchId)).status).toBe("completed");
  const { counts, outcomes, sent } = await world.facts(batchId);
  expect(counts).toEqual({ total: 25, pending: 0, calling: 0, completed: 25, failed: 0, unknown: 0, cancelled: 0 });
  expect(outcomes.answered).toBe(25);
  expect(sent).toBe(25);
});

test("the call carries the variables, agent and caller id of its recipient", async () => {
  const world = await startWorld();
  const batchId = await world.addBatch({ tasks: [{ toNumber: numberOf(1), variables: { name: "Ana" } }] });
  const [attempt] = await world.attempts(batchId);
  expect(world.carrier.dials).toMatchObject([
    {
      toNumber: numberOf(1),
      fromNumber: "+14155550100",
      agentId: "agent_1",
      variables: { name: "Ana" },
      callId: attempt?.callId,
    },
  ]);
});

test("a batch in which the carrier could place no attempt ends as failed", async () => {
  const world = await startWorld();
  world.carrier.script(numberOf(1), "failed");
  const batchId = await world.addBatch();
  await world.clock.advance({ minutes: 1 });
  expect((await world.batch(batchId)).status).toBe("failed");
  expect(await world.task(batchId)).toMatchObject({ status: "failed", outcome: "failed" });
});

test("a batch that nobody answered, but that rang, ends as completed", async () => {
  const world = await startWorld();
  world.carrier.script(numberOf(1), "busy");
  const batchId = await world.addBatch();
  await world.clock.advance({ minutes: 1 });
  expect((await world.batch(batchId)).status).toBe("completed");
  expect((await world.facts(batchId)).counts.failed).toBe(1);
});

test("a paused batch places no call, even when a retry is due", async () => {
  const world = await startWorld();
  world.carrier.script(numberOf(1), "busy");
  const batchId = await world.addBatch({ recipients: 1, rules: retryAfter(30) });
  await world.clock.advance({ minutes: 1 });
  await world.pause(batchId);
  await world.clock.advance({ days: 2 });
  expect(world.carrier.rings).toHaveLength(1);

  await world.resume(batchId);
  expect(world.carrier.rings).toHaveLength(2);
});

test("pausing lets calls in progress go on to their end and keep their result", async () => {
  const world = await startWorld();
  const batchId = await world.addBatch({ recipients: 8 });
  await world.pause(batchId);
  expect((await world.facts(batchId)).counts).toMatchObject({ calling: 5, pending: 3 });
  await world.clock.advance({ hours: 1 });
  expect((await world.facts(batchId)).counts).toMatchObject({ completed: 5, pending: 3 });
  expect(world.carrier.rings).toHaveLength(5);
});

test("pause answers only when the dials on their way have arrived", async () => {
  const world = await startWorld();
  world.carrier.acceptMs = 2_000;
  const batchId = await world.addBatch({ recipients: 3 });
  let isAnswered = false;
  const answer = world.pause(batchId).then(() => {
    isAnswered = true;
  });
  await world.clock.advance({ ms: 1_999 });
  expect(isAnswered).toBe(false);
  await world.clock.advance({ ms: 1 });
  await answer;
  expect(world.carrier.rings).toHaveLength(3);
});

test("a recipient's max_retries allows so many attempts more than the first", async () => {
  const world = await startWorld();
  world.carrier.script(numberOf(1), "busy");
  const batchId = await world.addBatch({ tasks: [{ toNumber: numberOf(1), variables: {}, maxRetries: 2 }] });
  await world.clock.advance({ days: 3 });
  expect(world.carrier.rings).toHaveLength(3);
  expect(await world.task(batchId)).toMatchObject({ status: "failed", outcome: "busy", attemptCount: 3 });
  expect((await world.attempts(batchId)).map(({ attemptNumber, outcome }) => [attemptNumber, outcome])).toEqual([
    [1, "busy"],
    [2, "busy"],
    [3, "busy"],
  ]);
});

test("as many calls start at once as there are places", async () => {
  const world = await startWorld({ settings: { maxConcurrent: 120, startsPerSecond: 500 } });
  await world.addBatch({ recipients: 150 });
  expect(world.carrier.rings).toHaveLength(120);
});

test("recipients who were never dialed come before retries", async () => {
  const world = await startWorld({ settings: { maxConcurrent: 1 } });
  world.carrier.callMs = 90_000;
  world.carrier.script(numberOf(1), "busy", "answered");
  await world.addBatch({ recipients: 4, rules: retryAfter(1) });
  await world.clock.advance({ hours: 1 });
  expect(world.rung).toEqual([1, 2, 3, 4, 1].map(numberOf));
});

test("a batch whose caller id or organization has no free place does not hold up others", async () => {
  const world = await startWorld({ settings: { maxConcurrent: 20, startsPerSecond: 2 } });
  world.carrier.callMs = 600_000;
  await world.addBatch({ recipients: 50 });
  await world.addBatch({ recipients: 2, firstNumber: 51, fromNumber: "+14155550111" });
  await world.addBatch({ recipients: 2, fromNumber: "+14155550122", organizationId: "org_2" });
  expect(world.carrier.rings.filter(({ fromNumber }) => fromNumber !== "+14155550100")).toHaveLength(4);

  await world.clock.advance({ minutes: 5 });
  expect(world.carrier.ongoing).toBe(22);
  await world.addBatch({ recipients: 1, firstNumber: 3, fromNumber: "+14155550133", organizationId: "org_2" });
  expect(world.carrier.ongoing).toBe(23);
});

test("cancelling ends the batch; calls in progress keep their result and are not repeated", async () => {
  const world = await startWorld({ settings: { startsPerSecond: 2 } });
  world.carrier.script(numberOf(2), "busy");
  const batchId = await world.addBatch({ recipients: 5, rules: retryAfter(1) });
  await world.cancel(batchId);
  await world.clock.advance({ days: 1 });
  expect(world.rung).toEqual([numberOf(1), numberOf(2)]);
  expect((await world.batch(batchId)).status).toBe("cancelled");
  expect((await world.facts(batchId)).counts).toEqual({
    total: 5,
    pending: 0,
    calling: 0,
    completed: 1,
    failed: 1,
    unknown: 0,
    cancelled: 3,
  });
});

test("a number that joins the do-not-call list later is not dialed any more, not even for a retry", async () => {
  const world = await startWorld({ settings: { maxConcurrent: 1 } });
  world.carrier.script(numberOf(1), "busy");
  const batchId = await world.addBatch({ recipients: 2, rules: retryAfter(10) });
  await world.store.addDoNotCall(
    organizationId,
    [{ phoneNumber: numberOf(1) }, { phoneNumber: numberOf(2) }],
    world.clock.now(),
  );
  await world.clock.advance({ hours: 1 });
  expect(world.rung).toEqual([numberOf(1)]);
  expect(
    (await world.tasks(batchId)).map(({ status, reason, attemptCount }) => [status, reason, attemptCount]),
  ).toEqual([
    ["cancelled", "do_not_call", 1],
    ["cancelled", "do_not_call", 0],
  ]);
  expect((await world.batch(batchId)).status).toBe("completed");
});

test("a second end of the same attempt changes nothing", async () => {
  const world = await startWorld();
  world.carrier.script(numberOf(1), "busy");
  const batchId = await world.addBatch({ rules: retryAfter(60) });
  await world.clock.advance({ minutes: 1 });
  const before = [await world.tasks(batchId), await world.attempts(batchId), await world.batch(batchId)];
  world.carrier.tellEnd(world.carrier.rings[0]?.token ?? "");
  await world.clock.settle();
  expect([await world.tasks(batchId), await world.attempts(batchId), await world.batch(batchId)]).toEqual(before);
});

test("after stop no dial starts, and the carrier is closed", async () => {
  const world = await startWorld();
  const batchId = await world.addBatch({ recipients: 10 });
  await world.dialer.stop();
  world.dialer.wake();
  await world.clock.advance({ hours: 1 });
  expect(world.carrier.rings).toHaveLength(5);
  expect(world.carrier.isClosed).toBe(true);
  expect((await world.facts(batchId)).counts.pending).toBe(5);
});

test("an attempt that was claimed just before stop is not dialed", async () => {
  const world = new DialingWorld();
  const batchId = await world.addBatch();
  const gate = holding("claim");
  const dialer = await world.startUnawaited(gate);
  const stopped = dialer.stop();
  gate.letOut();
  await stopped;
  expect(world.carrier.dials).toEqual([]);
  expect((await world.task(batchId)).status).toBe("pending");
});

test("stop waits for the dials on their way", async () => {
  const world = await startWorld();
  world.carrier.acceptMs = 500;
  const batchId = await world.addBatch({ recipients: 2 });
  const stopped = world.dialer.stop();
  await world.clock.advance({ seconds: 1 });
  await stopped;
  expect((await world.attempts(batchId)).map(({ state }) => state)).toEqual(["placed", "placed"]);
});

test("two batches that have a number in common call it one after the other", async () => {
  const world = await startWorld();
  world.carrier.callMs = 150_000;
  await world.addBatch({ recipients: 2 });
  await world.addBatch({ recipients: 2, fromNumber: "+14155550111" });
  await world.clock.advance({ minutes: 20 });
  const calls = world.carrier.rings.filter(({ toNumber }) => toNumber === numberOf(1));
  const [first, second] = calls.map(({ at }) => at.getTime());
  expect(calls).toHaveLength(2);
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(150_000);
});

test("a machine that was slow between claims and dials makes up for nothing: no second has more than it may have", async () => {
  const world = new DialingWorld({ settings: { startsPerSecond: 5 } });
  const { store, clock } = world;
  const { markDialing } = store;
  let letIn = (): void => {};
  const opened = new Promise<void>((resolve) => {
    letIn = resolve;
  });
  // As a database answers that was busy and tells the time by its own clock.
  store.markDialing = async (claim, _now, most) => {
    await opened;
    return markDialing(claim, clock.now(), most);
  };
  await world.addBatch({ recipients: 30 });
  await world.startUnawaited((_method, work) => work());
  await world.clock.advance({ seconds: 4 });
  letIn();
  await world.clock.advance({ minutes: 2 });
  const rangAt = world.carrier.rings.map(({ at }) => at.getTime());
  expect(new Set(world.rung).size).toBe(30);
  expect(rangAt).toHaveLength(30);
  const inSecondFrom = (from: number) => rangAt.filter((at) => at >= from && at < from + 1000).length;
  expect(Math.max(...rangAt.map(inSecondFrom))).toBe(5);
});

test("a last check that was answered while the machine slept is made again", async () => {
  const world = new DialingWorld();
  const gate = holding("markDialing");
  const quietHours = { enabled: true, start: "10:05", end: "12:00" } as const;
  const batchId = await world.addBatch({ rules: { quietHours } });
  await world.startUnawaited(gate);
  await world.clock.step(10 * 60);
  gate.letOut();
  await world.clock.settle();
  expect(world.carrier.rings).toEqual([]);
  await world.clock.advance({ hours: 12 });
  expect(world.carrier.rings).toHaveLength(1);
  expect((await world.batch(batchId)).status).toBe("completed");
});

test("an attempt whose last check grew old is checked again, also where the carrier cannot tell what it has", async () => {
  const world = new DialingWorld();
  world.carrier.lookUp = async () => ({ state: "cannot_tell" });
  const gate = holding("markDialing");
  const batchId = await world.addBatch();
  await world.startUnawaited(gate);
  await world.clock.advance({ seconds: 6 });
  gate.letOut();
  await world.clock.advance({ minutes: 1 });
  expect(world.carrier.rings).toHaveLength(1);
  expect(await world.task(batchId)).toMatchObject({ status: "completed", outcome: "answered", attemptCount: 1 });
});

test("a last check is made again when the clock was set back meanwhile: it was for another hour", async () => {
  const world = new DialingWorld();
  const gate = holding("markDialing");
  await world.addBatch({ rules: { quietHours: { enabled: true, start: "21:00", end: "08:00" } } });
  await world.startUnawaited(gate);
  await world.clock.step(-3 * 3600);
  gate.letOut();
  await world.clock.advance({ minutes: 30 });
  expect(world.carrier.rings).toEqual([]);
  await world.clock.advance({ minutes: 31 });
  expect(world.carrier.rings).toHaveLength(1);
});

/** One attempt whose last check is answered when the gate lets it out; `checks` counts them. */
async function worldWithHeldCheck() {
  const world = new DialingWorld();
  const gate = holding("markDialing");
  let made = 0;
  await world.addBatch();
  await world.startUnawaited((method, work) => {
    if (method === "markDialing") made += 1;
    return gate(method, work);
  });
  return { world, gate, checks: () => made };
}

test("time that passed while the clock was set back counts for the age of a check", async () => {
  const { world, gate, checks } = await worldWithHeldCheck();
  await world.clock.advance({ seconds: 6 });
  await world.clock.step(-6);
  gate.letOut();
  await world.clock.advance({ minutes: 1 });
  expect(checks()).toBe(2);
  expect(world.carrier.rings).toHaveLength(1);
});

test("a check that is answered in time is not made again", async () => {
  const { world, gate, checks } = await worldWithHeldCheck();
  await world.clock.advance({ seconds: 5 });
  gate.letOut();
  await world.clock.settle();
  expect(checks()).toBe(1);
  expect(world.carrier.rings).toHaveLength(1);
});
