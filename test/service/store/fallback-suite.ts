import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Outcome } from "../../../src/domain/batch/batch.ts";
import type { CallingRules } from "../../../src/domain/batch/plan.ts";
import { noDialGuard, type ServiceSettings } from "../../../src/service/dialing/dialing.ts";
import type { ListChange } from "../../../src/service/store/batch-store.ts";
import type { NewTask, StoredTask } from "../../../src/service/store/records.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { agreed } from "../../support/agreed.ts";
import { DialingWorld, numberOf, organizationId, retryAfter } from "../../support/dialing/dialing-world.ts";

const mobile = numberOf(1);
const home = numberOf(2);
const other = numberOf(3);
const running = { status: ["sent"] } as const;
const person: Omit<NewTask, "row"> = { toNumber: mobile, fallbackNumber: home, variables: {} };
const thrice = retryAfter(10);

/** What every store must do for recipients with a fallback number, as the dialer asks for it. */
export function describeFallbacks(name: string, openStore: () => Promise<Store>): void {
  async function start(settings: Partial<ServiceSettings> = {}): Promise<DialingWorld> {
    // One process dials, so nobody has to be told every other second, for hours, that it lives.
    const { leases: _, ...store } = await openStore();
    const world = new DialingWorld({ settings, store });
    await world.start();
    return world;
  }

  /** A batch of one person, whose mobile phone ends its calls as it is told to. */
  async function call(world: DialingWorld, outcomes: readonly Outcome[], rules: CallingRules = {}): Promise<string> {
    world.carrier.script(mobile, ...outcomes);
    return world.addBatch({ tasks: [person], rules });
  }

  const changeList = (
    world: DialingWorld,
    batchId: string,
    plan: (list: readonly StoredTask[]) => Partial<ListChange>,
  ) =>
    world.store.changeList(
      organizationId,
      batchId,
      running,
      {
        plan: (_batch, list) => ({ added: [], changed: [], removed: [], leaving: [], ...plan(list) }),
        change: () => ({ grant: agreed }),
      },
      world.clock.now(),
    );

  describe(name, () => {
    test("who is not reached on the first number by all its attempts is called on the second, as often", async () => {
      const world = await start();
      const batchId = await call(world, ["busy"], thrice);
      world.carrier.script(home, "busy", "answered");
      await world.clock.advance({ minutes: 21, seconds: 20 });
      expect(world.rung).toEqual([mobile, mobile, mobile]);
      // The third call has ended by now, and the second number follows at once.
      await world.clock.advance({ minutes: 1 });
      expect(world.rung).toEqual([mobile, mobile, mobile, home]);
      expect(await world.task(batchId)).toMatchObject({ toNumber: mobile, fallbackNumber: home, fallbackAfter: 3 });
      await world.clock.advance({ minutes: 9 });
      expect(world.rung).toHaveLength(4);
      await world.clock.advance({ minutes: 3 });
      expect(world.rung).toEqual([mobile, mobile, mobile, home, home]);
      const task = await world.task(batchId);
      expect(task).toMatchObject({ status: "completed", outcome: "answered", attemptCount: 5 });
      const attempts = await world.attempts(batchId);
      expect(attempts.map(({ token, toNumber }) => [token, toNumber])).toEqual([
        [`${task.id}:1`, mobile],
        [`${task.id}:2`, mobile],
        [`${task.id}:3`, mobile],
        [`${task.id}:4`, home],
        [`${task.id}:5`, home],
      ]);
      expect((await world.facts(batchId)).counts).toMatchObject({ total: 1, completed: 1 });
      expect((await world.batch(batchId)).status).toBe("completed");
    });

    test("a person whom no number reaches is one who was not reached", async () => {
      const world = await start();
      const batchId = await call(world, ["no_answer"]);
      world.carrier.script(home, "busy");
      await world.clock.advance({ hours: 5 });
      expect(world.rung).toEqual([mobile, home]);
      expect(await world.task(batchId)).toMatchObject({
        status: "failed",
        outcome: "busy",
        reason: "fallback number: busy on attempt 1 of 1",
      });
      expect(await world.facts(batchId)).toMatchObject({ counts: { total: 1, failed: 1 }, outcomes: { busy: 1 } });
    });

    test.each([
      ["answered", [mobile]],
      ["voicemail", [mobile]],
      ["no_answer", [mobile, home]],
      ["busy", [mobile, home]],
      ["failed", [mobile, home]],
    ] as const)("after the outcome %s of the last attempt, %j rang", async (outcome, rung) => {
      const world = await start();
      await call(world, [outcome]);
      await world.clock.advance({ hours: 5 });
      expect(world.rung).toEqual(rung);
    });

    test("of a call with an unknown end the second number is never the answer", async () => {
      const world = await start();
      world.carrier.faults.push("lost_for_good");
      const batchId = await call(world, ["no_answer"]);
      await world.clock.advance({ hours: 5 });
      expect(world.carrier.dials.map(({ toNumber }) => toNumber)).toEqual([mobile]);
      expect((await world.task(batchId)).status).toBe("unknown");
      await world.store.redialUnknown(organizationId, batchId, () => ({ grant: agreed }), world.clock.now());
      world.dialer.wake();
      await world.clock.advance({ hours: 5 });
      expect(world.rung).toEqual([mobile, home]);
    });

    test("a batch that is cancelled or paused while the first number rings does not call the second", async () => {
      const world = await start();
      const batchId = await call(world, ["no_answer"]);
      await world.pause(batchId);
      await world.clock.advance({ hours: 1 });
      expect(world.rung).toEqual([mobile]);
      expect(await world.task(batchId)).toMatchObject({ status: "pending", fallbackAfter: 1 });
      await world.cancel(batchId);
      await world.clock.advance({ hours: 1 });
      const cancelled = await world.addBatch({ tasks: [{ ...person, toNumber: other }] });
      world.carrier.script(other, "no_answer");
      await world.cancel(cancelled);
      await world.clock.advance({ hours: 1 });
      expect(world.rung).not.toContain(home);
      expect((await world.task(cancelled)).fallbackAfter).toBeUndefined();
    });

    test("nobody is called under a fallback number that nobody agreed to", async () => {
      const world = await start();
      const batchId = await call(world, ["no_answer"]);
      await world.store.changeList(
        organizationId,
        batchId,
        running,
        {
          plan: () => ({ added: [{ row: 2, toNumber: other, variables: {} }], changed: [], removed: [], leaving: [] }),
          change: () => ({}),
        },
        world.clock.now(),
      );
      await world.clock.advance({ minutes: 1 });
      expect((await world.task(batchId)).fallbackAfter).toBe(1);
      await world.clock.advance({ hours: 1 });
      expect(world.rung).toEqual([mobile]);
    });

    test.each([
      ["while the first number rings", mobile, "failed", undefined],
      ["while the first number rings", home, "failed", undefined],
      ["while the second number waits", mobile, "cancelled", "do_not_call"],
      ["while the second number waits", home, "cancelled", "do_not_call"],
    ] as const)("who opts out %s with %s is called no more", async (when, number, status, reason) => {
      const world = await start();
      const optOut = async () => {
        await world.store.addDoNotCall(organizationId, [{ phoneNumber: number }], world.clock.now());
        await world.store.completeFinished(world.clock.now());
      };
      // Another batch calls the second number, which waits for the end of that call.
      world.carrier.callMs = 10 * 60_000;
      const calling = await world.addBatch({ tasks: [{ toNumber: home, variables: {} }] });
      world.carrier.callMs = 30_000;
      const batchId = await call(world, ["no_answer"]);
      if (when === "while the first number rings") await optOut();
      await world.clock.advance({ minutes: 1 });
      if (when === "while the second number waits") await optOut();
      await world.clock.advance({ hours: 5 });
      expect((await world.attempts(batchId)).map(({ toNumber }) => toNumber)).toEqual([mobile]);
      expect((await world.attempts(calling)).map(({ toNumber }) => toNumber)).toEqual([home]);
      const task = await world.task(batchId);
      expect(task.status).toBe(status);
      if (reason) expect(task.reason).toBe(reason);
      expect((await world.batch(batchId)).status).toBe("completed");
    });

    test("other calls to the second number hold it back, and another batch that reached it does", async () => {
      const world = await start({ minHoursBetweenBatches: 24 });
      await world.addBatch({ tasks: [{ toNumber: home, variables: {} }] });
      await world.clock.advance({ minutes: 5 });
      expect(world.rung).toEqual([home]);
      const batchId = await call(world, ["no_answer"]);
      await world.clock.advance({ hours: 23 });
      expect(world.rung).toEqual([home, mobile]);
      await world.clock.advance({ hours: 1 });
      expect(world.rung).toEqual([home, mobile, home]);
      expect((await world.task(batchId)).status).toBe("completed");
    });

    test("two people of two batches with one fallback number are not called at once", async () => {
      const world = await start();
      world.carrier.script(other, "no_answer");
      world.carrier.script(home, "no_answer");
      await call(world, ["no_answer"]);
      await world.addBatch({ tasks: [{ toNumber: other, fallbackNumber: home, variables: {} }] });
      await world.clock.advance({ hours: 1 });
      const rings = world.carrier.rings.filter(({ toNumber }) => toNumber === home).map(({ at }) => at.getTime());
      expect(rings).toHaveLength(2);
      expect((rings[1] ?? 0) - (rings[0] ?? 0)).toBeGreaterThanOrEqual(90_000);
    });

    test("a number under which another recipient of the batch is called is nobody's fallback", async () => {
      const world = await start();
      world.carrier.script(mobile, "no_answer");
      const tasks = [person, { toNumber: home, variables: {} }];
      const batchId = await world.addBatch({ tasks });
      await world.clock.advance({ hours: 5 });
      // Both are claimed at once, and which of the two rings first is left open.
      expect([...world.rung].sort()).toEqual([mobile, home]);
      expect((await world.tasks(batchId)).map(({ status }) => status)).toEqual(["failed", "completed"]);
    });

    test("of two recipients with one fallback number one is called under it", async () => {
      const world = await start();
      world.carrier.script(mobile, "no_answer");
      world.carrier.script(other, "no_answer");
      const batchId = await world.addBatch({ tasks: [person, { ...person, toNumber: other }] });
      await world.clock.advance({ hours: 5 });
      expect(world.rung.filter((number) => number === home)).toHaveLength(1);
      expect((await world.facts(batchId)).counts).toMatchObject({ total: 2, pending: 0, calling: 0 });
    });

    test("who joins with a number that was called as somebody's fallback is not called under it again", async () => {
      const world = await start();
      world.carrier.script(mobile, "no_answer");
      world.carrier.script(other, "busy");
      const tasks = [
        { ...person, maxRetries: 0 },
        { toNumber: other, variables: {} },
      ];
      const batchId = await world.addBatch({ tasks, rules: retryAfter(60) });
      await world.clock.advance({ minutes: 1 });
      expect(world.rung).toContain(home);
      await changeList(world, batchId, () => ({ added: [{ row: 3, toNumber: home, variables: {} }] }));
      world.dialer.wake();
      await world.clock.advance({ hours: 5 });
      expect(world.rung.filter((number) => number === home)).toHaveLength(1);
      expect((await world.tasks(batchId))[2]).toMatchObject({ status: "cancelled", reason: "number_of_another" });
    });

    test("where the rules allow fewer attempts than were made, the second number follows", async () => {
      const world = await start();
      const batchId = await call(world, ["busy"], thrice);
      await world.clock.advance({ minutes: 1 });
      const rules = { ...thrice, retryConfig: { enabled: true, maxAttempts: 1 } };
      await world.store.changeBatch(
        organizationId,
        batchId,
        running,
        () => ({ rules, grant: agreed }),
        world.clock.now(),
      );
      world.dialer.wake();
      await world.clock.advance({ hours: 1 });
      expect(world.rung).toEqual([mobile, home]);
      expect((await world.task(batchId)).status).toBe("completed");
    });

    test("a fallback number that is corrected while it waits gets all its attempts, and one that is taken out none", async () => {
      const world = await start();
      const batchId = await call(world, ["no_answer"]);
      await world.clock.settle();
      await world.pause(batchId);
      await world.clock.advance({ minutes: 1 });
      const corrected = await changeList(world, batchId, (list) => ({
        changed: list.map((task) => ({ ...task, fallbackNumber: other, fallbackAfter: task.attemptCount })),
      }));
      expect(corrected?.batch.isPaused).toBe(true);
      await world.resume(batchId);
      await world.clock.advance({ hours: 1 });
      expect(world.rung).toEqual([mobile, other]);

      world.carrier.script(numberOf(10), "no_answer");
      const second = await world.addBatch({ tasks: [{ ...person, toNumber: numberOf(10) }] });
      await world.pause(second);
      await world.clock.advance({ minutes: 1 });
      await changeList(world, second, (list) => ({
        changed: list.map(({ fallbackNumber: _, ...task }) => task),
      }));
      expect((await world.batch(second)).status).toBe("completed");
      await world.clock.advance({ hours: 1 });
      expect(world.rung).toEqual([mobile, other, numberOf(10)]);
      expect((await world.task(second)).status).toBe("failed");
    });

    test("a fallback number that is corrected during the call before it is the corrected one", async () => {
      const world = await start();
      world.carrier.script(other, "no_answer");
      const batchId = await call(world, ["no_answer"]);
      const second = await world.addBatch({ tasks: [{ ...person, toNumber: other }] });
      await changeList(world, batchId, (list) => ({
        changed: list.map((task) => ({ ...task, fallbackNumber: numberOf(4) })),
      }));
      await changeList(world, second, (list) => ({ changed: list.map(({ fallbackNumber: _, ...task }) => task) }));
      await world.clock.advance({ hours: 1 });
      // The two first numbers may be claimed at once, in either order.
      expect([...world.rung].sort()).toEqual([mobile, other, numberOf(4)]);
      expect((await world.task(second)).status).toBe("failed");
    });

    test("a list without fallback numbers has the name that it had before there were any, and one with them another", async () => {
      const world = await start();
      const digestOf = async (task: Omit<NewTask, "row">) =>
        (await world.batch(await world.addBatch({ tasks: [task], scheduledAt: new Date("2026-04-01T00:00:00Z") })))
          .listDigest;
      const plain = await digestOf({ toNumber: mobile, variables: { a: 1 } });
      expect(plain).toBe(createHash("sha256").update(`1 ${mobile} null {"a":1}\n`).digest("hex"));
      const first = await digestOf({ toNumber: mobile, fallbackNumber: home, variables: { a: 1 } });
      const second = await digestOf({ toNumber: mobile, fallbackNumber: other, variables: { a: 1 } });
      expect(new Set([plain, first, second]).size).toBe(3);
    });

    test("a number rings at its own hours: the second waits for its own when the first may ring", async () => {
      const world = await start();
      const opensAt = new Date("2026-03-03T08:00:00Z");
      world.guard = { ...noDialGuard, mayDialAt: (number, now) => (number === home && now < opensAt ? opensAt : now) };
      await world.start();
      const batchId = await call(world, ["no_answer"]);
      await world.clock.advance({ hours: 1 });
      expect(world.rung).toEqual([mobile]);
      expect(await world.task(batchId)).toMatchObject({ status: "pending", attemptCount: 1, dueAt: opensAt });
      expect((await world.facts(batchId)).counts).toMatchObject({ total: 1, pending: 1 });
      await world.clock.advance({ hours: 24 });
      expect(world.carrier.rings.map(({ toNumber, at }) => [toNumber, at])).toEqual([
        [mobile, new Date("2026-03-02T15:00:00Z")],
        [home, opensAt],
      ]);
      expect(await world.task(batchId)).toMatchObject({ status: "completed", attemptCount: 2 });
    });

    test("a second number that may never be called ends the task, and the first keeps its attempt", async () => {
      const world = await start();
      world.guard = { ...noDialGuard, mayDialAt: (number, now) => (number === home ? "never" : now) };
      await world.start();
      const batchId = await call(world, ["no_answer"]);
      await world.clock.advance({ hours: 5 });
      expect(world.rung).toEqual([mobile]);
      expect(await world.task(batchId)).toMatchObject({ status: "cancelled", reason: "not_callable", attemptCount: 1 });
      expect((await world.batch(batchId)).status).toBe("completed");
    });

    test("a dialer that dies after the outcome of the first number leaves the second to be called once", async () => {
      const world = await start();
      const opensAt = new Date("2026-03-02T15:05:00Z");
      world.guard = { ...noDialGuard, mayDialAt: (number, now) => (number === home && now < opensAt ? opensAt : now) };
      await world.start();
      const batchId = await call(world, ["no_answer"]);
      await world.clock.advance({ minutes: 1 });
      await world.start();
      expect(await world.task(batchId)).toMatchObject({ status: "pending", fallbackAfter: 1 });
      await world.clock.advance({ hours: 1 });
      await world.start();
      await world.clock.advance({ hours: 1 });
      expect(world.rung).toEqual([mobile, home]);
    });

    test("a call to the second number with an unknown end is repeated only when somebody asks, on that number", async () => {
      const world = await start();
      const batchId = await call(world, ["no_answer"]);
      await world.clock.settle();
      world.carrier.faults.push("lost_for_good");
      await world.clock.advance({ hours: 5 });
      expect(world.carrier.dials.map(({ toNumber }) => toNumber)).toEqual([mobile, home]);
      expect((await world.facts(batchId)).counts).toMatchObject({ total: 1, unknown: 1 });
      await world.store.redialUnknown(organizationId, batchId, () => ({ grant: agreed }), world.clock.now());
      world.dialer.wake();
      await world.clock.advance({ hours: 5 });
      expect(world.carrier.dials.map(({ toNumber }) => toNumber)).toEqual([mobile, home, home]);
      expect((await world.task(batchId)).status).toBe("completed");
    });

    test("the retries of a recipient hold for each of their numbers", async () => {
      const world = await start();
      world.carrier.script(mobile, "busy");
      world.carrier.script(home, "busy");
      const batchId = await world.addBatch({ tasks: [{ ...person, maxRetries: 1 }], rules: thrice });
      expect((await world.batch(batchId)).maxAttempts).toBe(4);
      await world.clock.advance({ hours: 5 });
      expect(world.rung).toEqual([mobile, mobile, home, home]);
      expect((await world.task(batchId)).status).toBe("failed");
    });

    test("the attempts that somebody agrees to are those on both numbers", async () => {
      const world = await start();
      const batchId = await world.addBatch({
        tasks: [{ toNumber: other, variables: {} }, person],
        rules: thrice,
        scheduledAt: new Date("2026-04-01T00:00:00Z"),
      });
      expect((await world.batch(batchId)).maxAttempts).toBe(6);
      expect((await world.facts(batchId)).grant?.maxAttempts).toBe(6);
    });
  });
}
