import { describe, expect, test } from "vitest";
import { recipientClock } from "../../../src/domain/batch/plan.ts";
import { DialingWorld, numberOf, organizationId, retryAfter, startWorld } from "../../support/dialing/dialing-world.ts";
import { holding } from "../../support/dialing/gated-store.ts";

test("quiet hours hold back first attempts until they end", async () => {
  const world = await startWorld({ now: "2026-03-02T04:00:00Z" });
  const quietHours = { enabled: true, start: "21:00", end: "08:00", zone: "America/New_York" };
  await world.addBatch({ recipients: 2, rules: { quietHours } });
  await world.clock.advance({ hours: 8, minutes: 59 });
  expect(world.rung).toEqual([]);
  await world.clock.advance({ minutes: 1 });
  expect(world.carrier.rings.map(({ at }) => at.toISOString())).toEqual(Array(2).fill("2026-03-02T13:00:00.000Z"));
});

test("quiet hours that begin while a batch runs hold back the rest and the retries", async () => {
  const world = await startWorld({ now: "2026-03-03T01:59:00Z", settings: { maxConcurrent: 1 } });
  world.carrier.callMs = 50_000;
  world.carrier.script(numberOf(1), "busy", "answered");
  const quietHours = { enabled: true, start: "21:00", end: "08:00" };
  const batchId = await world.addBatch({ recipients: 3, rules: { ...retryAfter(5), quietHours } });
  await world.clock.advance({ hours: 10, minutes: 59 });
  expect(world.rung).toEqual([numberOf(1), numberOf(2)]);

  await world.clock.advance({ hours: 1 });
  expect(world.rung).toEqual([numberOf(1), numberOf(2), numberOf(3), numberOf(1)]);
  expect(world.carrier.rings[2]?.at.toISOString()).toBe("2026-03-03T13:00:00.000Z");
  expect((await world.batch(batchId)).status).toBe("completed");
});

test("an attempt that was claimed just before quiet hours is not dialed in them", async () => {
  const world = new DialingWorld({ now: "2026-03-03T01:59:59Z" });
  const batchId = await world.addBatch({ rules: { quietHours: { enabled: true, start: "21:00", end: "08:00" } } });
  const gate = holding("claim");
  await world.startUnawaited(gate);
  expect((await world.task(batchId)).status).toBe("calling");
  await world.clock.advance({ seconds: 1 });
  gate.letOut();
  await world.clock.settle();
  expect(world.carrier.dials).toEqual([]);
  expect(await world.task(batchId)).toMatchObject({ status: "pending", attemptCount: 0 });
});

test("a day without calls, and a date, hold back everybody of the batch by the clock of the rules", async () => {
  // Friday 23:59 in New York.
  const world = await startWorld({ now: "2026-03-07T04:59:00Z", settings: { maxConcurrent: 1 } });
  world.carrier.callMs = 50_000;
  world.carrier.script(numberOf(1), "busy", "answered");
  const quietHours = {
    enabled: true,
    start: "00:00",
    end: "00:00",
    zone: "America/New_York",
    days: ["saturday"] as const,
    notOn: ["2026-03-08"],
  };
  const batchId = await world.addBatch({ recipients: 3, timezone: "UTC", rules: { ...retryAfter(5), quietHours } });
  await world.clock.advance({ hours: 47 });
  expect(world.rung).toEqual([numberOf(1), numberOf(2)]);
  await world.clock.advance({ hours: 1 });
  expect(world.rung).toEqual([numberOf(1), numberOf(2), numberOf(3), numberOf(1)]);
  expect(world.carrier.rings[2]?.at.toISOString()).toBe("2026-03-09T04:00:00.000Z");
  expect((await world.batch(batchId)).status).toBe("completed");
});

test("an attempt that was claimed just before a day without calls is not dialed on it", async () => {
  for (const zone of [recipientClock, "America/New_York"]) {
    const quietHours = { enabled: true, start: "00:00", end: "00:00", zone, notOn: ["2026-03-03"] };
    const world = new DialingWorld({ now: "2026-03-03T04:59:59Z" });
    const batchId = await world.addBatch({ rules: { quietHours } });
    const gate = holding("claim");
    await world.startUnawaited(gate);
    expect((await world.task(batchId)).status).toBe("calling");
    await world.clock.advance({ seconds: 1 });
    gate.letOut();
    await world.clock.settle();
    expect(world.carrier.dials).toEqual([]);
    expect(await world.task(batchId)).toMatchObject({ status: "pending", attemptCount: 0 });
    await world.clock.advance({ days: 1 });
    expect(world.carrier.rings.map(({ at }) => at.toISOString())).toEqual(["2026-03-04T05:00:00.000Z"]);
  }
});

test("nor is one that was claimed just before a public holiday", async () => {
  const quietHours = { enabled: true, start: "00:00", end: "00:00", holidays: true } as const;
  const world = new DialingWorld({ now: "2026-12-25T04:59:59Z" });
  const batchId = await world.addBatch({ rules: { quietHours } });
  const gate = holding("claim");
  await world.startUnawaited(gate);
  expect((await world.task(batchId)).status).toBe("calling");
  await world.clock.advance({ seconds: 1 });
  gate.letOut();
  await world.clock.settle();
  expect(world.carrier.dials).toEqual([]);
  const dueAt = new Date("2026-12-26T05:00:00Z");
  expect(await world.task(batchId)).toMatchObject({ status: "pending", attemptCount: 0, dueAt });
});

test("nor is one that was claimed just before quiet hours on its recipient's clock", async () => {
  const quietHours = { enabled: true, start: "21:00", end: "09:00", zone: recipientClock };
  const world = new DialingWorld({ now: "2026-03-03T01:59:59Z" });
  const batchId = await world.addBatch({ rules: { quietHours } });
  const gate = holding("claim");
  await world.startUnawaited(gate);
  expect((await world.task(batchId)).status).toBe("calling");
  await world.clock.advance({ seconds: 1 });
  gate.letOut();
  await world.clock.settle();
  expect(world.carrier.dials).toEqual([]);
  const dueAt = new Date("2026-03-03T14:00:00Z");
  expect(await world.task(batchId)).toMatchObject({ status: "pending", attemptCount: 0, dueAt });
});

test("nor is one whose own time had come when it was claimed, by a clock that was set back since", async () => {
  const notBefore = new Date("2026-03-03T02:00:00Z");
  const world = new DialingWorld({ now: "2026-03-03T02:00:00Z" });
  const batchId = await world.addBatch({ tasks: [{ toNumber: numberOf(1), variables: {}, notBefore }] });
  const gate = holding("claim");
  await world.startUnawaited(gate);
  expect((await world.task(batchId)).status).toBe("calling");
  await world.clock.step(-120);
  gate.letOut();
  await world.clock.settle();
  expect(world.carrier.dials).toEqual([]);
  expect(await world.task(batchId)).toMatchObject({ status: "pending", attemptCount: 0, dueAt: notBefore });
});

test("a batch in its quiet hours does not hide that another one is due sooner", async () => {
  const world = await startWorld({ now: "2026-03-02T04:00:00Z" });
  await world.addBatch({ rules: { quietHours: { enabled: true, start: "21:00", end: "08:00" } } });
  const inTenMinutes = new Date("2026-03-02T04:10:00Z");
  await world.addBatch({ tasks: [{ toNumber: numberOf(7), variables: {} }], scheduledAt: inTenMinutes });
  await world.clock.advance({ minutes: 10 });
  expect(world.carrier.rings).toMatchObject([{ toNumber: numberOf(7), at: inTenMinutes }]);
});

test("a scheduled batch starts at its time, to the second", async () => {
  const world = await startWorld();
  const scheduledAt = new Date("2026-03-02T16:30:00Z");
  const batchId = await world.addBatch({ scheduledAt });
  await world.clock.advance({ minutes: 89, seconds: 59 });
  expect(world.rung).toEqual([]);
  await world.clock.advance({ seconds: 1 });
  expect(world.carrier.rings).toMatchObject([{ at: scheduledAt }]);
  expect(await world.batch(batchId)).toMatchObject({ status: "sent", startedAt: scheduledAt, lastDialAt: scheduledAt });
});

test("a scheduled batch whose recipients are all on the do-not-call list is over when it starts", async () => {
  const world = await startWorld();
  await world.store.addDoNotCall(organizationId, [{ phoneNumber: numberOf(1) }], world.clock.now());
  const batchId = await world.addBatch({ scheduledAt: new Date("2026-03-02T15:30:00Z") });
  await world.clock.advance({ hours: 1 });
  expect((await world.batch(batchId)).status).toBe("completed");
  expect(world.rung).toEqual([]);
});

test("a start that is missed by up to 15 minutes is made up for", async () => {
  const world = new DialingWorld();
  await world.addBatch({ scheduledAt: new Date("2026-03-02T15:01:00Z") });
  await world.clock.advance({ minutes: 16 });
  await world.start();
  expect(world.carrier.rings).toHaveLength(1);
});

test("a start that is missed by more is held with a reason, and calls nobody until it is resumed", async () => {
  const world = new DialingWorld();
  const batchId = await world.addBatch({ scheduledAt: new Date("2026-03-02T15:30:00Z") });
  await world.clock.advance({ hours: 3, minutes: 50 });
  await world.start();
  await world.clock.advance({ days: 1 });
  expect(world.rung).toEqual([]);
  const held = await world.batch(batchId);
  expect(held).toMatchObject({ status: "scheduled", isPaused: true });
  expect(held.heldReason).toBe(
    "The start at 2026-03-02 10:30 (America/New_York) was missed by 3 h 20 min: nothing was running at that time. Nobody was called. Resume the batch to start it now.",
  );

  await world.resume(batchId);
  expect(world.carrier.rings).toHaveLength(1);
});

describe("what fell due while nothing ran", () => {
  const busyFirst = async (rules = retryAfter(120)) => {
    const world = await startWorld();
    world.carrier.script(numberOf(1), "busy", "answered");
    const batchId = await world.addBatch({ rules });
    await world.clock.advance({ minutes: 5 });
    expect(world.carrier.rings).toHaveLength(1);
    await world.dialer.stop();
    return { world, batchId };
  };

  test("for up to 15 minutes is made up for", async () => {
    const { world } = await busyFirst();
    await world.clock.advance({ hours: 2, minutes: 10 });
    await world.start();
    expect(world.carrier.rings).toHaveLength(2);
  });

  test("for longer is held with the reason, and rings when it is resumed", async () => {
    const { world, batchId } = await busyFirst();
    await world.clock.advance({ hours: 3 });
    await world.start();
    await world.clock.advance({ days: 1 });
    expect(world.carrier.rings).toHaveLength(1);
    expect((await world.batch(batchId)).heldReason).toMatch(
      /^Calls that were due at 2026-03-02 12:00:30 \(America\/New_York\) were missed by 1 h 4 min: nothing was running/,
    );
    await world.resume(batchId);
    expect(world.carrier.rings).toHaveLength(2);
  });

  test("for longer is held also when later times stand in the store, because the clock was set back since", async () => {
    const world = await startWorld();
    await world.clock.advance({ hours: 1 });
    await world.addBatch({ firstNumber: 2 });
    await world.clock.advance({ minutes: 1 });
    await world.clock.step(-3600);
    world.carrier.script(numberOf(1), "busy", "answered");
    const batchId = await world.addBatch({ rules: retryAfter(2) });
    await world.clock.advance({ minutes: 1 });
    await world.dialer.stop();
    expect(world.rung).toEqual([numberOf(2), numberOf(1)]);
    await world.clock.advance({ minutes: 30 });
    await world.start();
    await world.clock.advance({ hours: 1 });
    expect(world.rung).toEqual([numberOf(2), numberOf(1)]);
    expect((await world.batch(batchId)).heldReason).toContain("nothing was running");
  });

  test("the opening of calling hours is missed like a start", async () => {
    const world = await startWorld({ now: "2026-03-02T23:59:00Z" });
    const quietHours = { enabled: true, start: "19:00", end: "08:00", zone: "America/New_York" } as const;
    const batchId = await world.addBatch({ recipients: 40, rules: { quietHours } });
    await world.clock.advance({ minutes: 5 });
    const before = world.carrier.rings.length;
    expect(before).toBeLessThan(40);
    await world.dialer.stop();
    await world.clock.advance({ hours: 13, minutes: 30 });
    await world.start();
    await world.clock.advance({ hours: 1 });
    expect(world.carrier.rings).toHaveLength(before);
    expect((await world.batch(batchId)).heldReason).toContain("due at 2026-03-03 08:00");
  });

  test("nothing is held that falls due later, or while the hours are closed", async () => {
    const { world } = await busyFirst(retryAfter(24 * 60));
    await world.clock.advance({ hours: 20 });
    await world.start();
    await world.clock.advance({ hours: 5 });
    expect(world.carrier.rings).toHaveLength(2);
  });

  test("a clock that is set forward brings nothing forward: what it skips is held", async () => {
    const world = await startWorld();
    world.carrier.script(numberOf(1), "busy", "answered");
    const batchId = await world.addBatch({ rules: retryAfter(120) });
    await world.clock.advance({ minutes: 5 });
    await world.clock.step(3 * 60 * 60);
    world.dialer.wake();
    await world.clock.advance({ minutes: 1 });
    expect(world.carrier.rings).toHaveLength(1);
    expect((await world.batch(batchId)).heldReason).toContain("nothing was running");
  });

  test("a long call that takes the only line is no gap", async () => {
    const world = await startWorld({ settings: { maxConcurrent: 1 } });
    world.carrier.callMs = 40 * 60_000;
    await world.addBatch({ recipients: 3 });
    await world.clock.advance({ hours: 3 });
    expect(world.carrier.rings).toHaveLength(3);
  });
});

test("a rule AFTER calls again so many minutes after the attempt ended", async () => {
  const world = await startWorld();
  world.carrier.script(numberOf(1), "busy", "answered");
  const batchId = await world.addBatch({ rules: retryAfter(120) });
  await world.clock.advance({ seconds: 30 });
  expect(await world.task(batchId)).toMatchObject({
    status: "pending",
    outcome: "busy",
    dueAt: new Date("2026-03-02T17:00:30Z"),
  });

  await world.clock.advance({ hours: 3 });
  expect(world.carrier.rings.map(({ at }) => at.toISOString())).toEqual([
    "2026-03-02T15:00:00.000Z",
    "2026-03-02T17:00:30.000Z",
  ]);
  expect(await world.task(batchId)).toMatchObject({ status: "completed", outcome: "answered", attemptCount: 2 });
});

test("a rule AT calls again at the next such time in the batch's zone", async () => {
  const world = await startWorld();
  world.carrier.script(numberOf(1), "no_answer", "answered");
  await world.addBatch({
    timezone: "Asia/Kolkata",
    rules: {
      retryConfig: { enabled: true, maxAttempts: 2 },
      retryRules: [{ condition: "no_answer", enabled: true, timing: { kind: "at", time: "13:00" } }],
    },
  });
  await world.clock.advance({ days: 2 });
  expect(world.carrier.rings.map(({ at }) => at.toISOString())).toEqual([
    "2026-03-02T15:00:00.000Z",
    "2026-03-03T07:30:00.000Z",
  ]);
});

test.each([
  ["a minute after the dial", 60_000, "2026-03-02T15:09:00.000Z"],
  ["at once", 0, "2026-03-02T15:10:00.000Z"],
])(
  "a phone that rings %s does not ring after the last minute that was agreed to",
  async (_what, ringsWithinMs, last) => {
    const until = new Date("2026-03-02T15:10:00Z");
    const dials = async (dueAt: Date) => {
      const world = new DialingWorld({ now: "2026-03-02T15:00:00Z" });
      world.carrier.queueMs = ringsWithinMs;
      await world.addBatch({ tasks: [{ toNumber: numberOf(1), variables: {}, notBefore: dueAt }], agreedUntil: until });
      await world.start();
      await world.clock.advance({ hours: 1 });
      return world.carrier.dials.length;
    };
    const at = new Date(last).getTime();
    expect(await dials(new Date(at - 1000))).toBe(1);
    expect(await dials(new Date(at))).toBe(0);
  },
);
