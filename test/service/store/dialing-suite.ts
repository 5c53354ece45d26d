import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CallResult } from "../../../src/contract/records.ts";
import type { Outcome } from "../../../src/domain/batch/outcome.ts";
import type { RetryDecision } from "../../../src/domain/retry-rules.ts";
import type { ServiceSettings } from "../../../src/service/dialing/dialing.ts";
import type { BatchChange, GrantChange } from "../../../src/service/store/batch-store.ts";
import type { Claim, DueQuery } from "../../../src/service/store/dial-store.ts";
import type { NewTask, StoredBatch } from "../../../src/service/store/records.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { agreed, termsOf } from "../../support/agreed.ts";
import { DialingWorld, numberOf, organizationId } from "../../support/dialing/dialing-world.ts";

const answered: RetryDecision = { kind: "final", status: "completed", reason: "answered" };
const later = (world: DialingWorld): RetryDecision => ({
  kind: "retry",
  dueAt: new Date(world.clock.now().getTime() + 60_000),
  reason: "busy",
});

function result(world: DialingWorld, outcome: CallResult["outcome"] = "answered"): CallResult {
  const now = world.clock.now();
  return { outcome, startedAt: now, endedAt: now, ringMs: 0, talkMs: 0 };
}

function claim(world: DialingWorld, limit = 50, isOpen: () => boolean = () => true) {
  return world.store.claim({ now: world.clock.now(), isOpen, limit, ...world.settings });
}

async function claimOne(world: DialingWorld): Promise<Claim> {
  const { claims } = await claim(world, 1);
  if (!claims[0]) throw new Error("Nothing was due");
  return claims[0];
}

const change = (world: DialingWorld, batchId: string, isPaused: boolean) =>
  world.store.changeBatch(organizationId, batchId, { status: ["sent"] }, () => ({ isPaused }), world.clock.now());

const edit = (world: DialingWorld, batchId: string, change: BatchChange, list?: readonly NewTask[]) =>
  world.store.changeBatch(organizationId, batchId, { status: ["sent"] }, () => change, world.clock.now(), list);

const retryOnce = { enabled: true, maxAttempts: 2 };

/** What every store must do for the dialing half. `runs` is how often the property about limits is tried. */
export function describeDialStore(name: string, openStore: () => Promise<Store>, runs: number): void {
  const open = async (setup: { settings?: ServiceSettings } = {}): Promise<DialingWorld> =>
    new DialingWorld({ ...setup, store: await openStore() });

  describe(name, () => {
    test("a claim commits the attempt and the state of its task before anything is dialed", async () => {
      const world = await open();
      const batchId = await world.addBatch({ recipients: 2 });
      const claimed = await claimOne(world);
      const { attempt, task, batch } = claimed;
      expect(task).toMatchObject({ status: "calling", attemptCount: 1, row: 1, callId: attempt.callId });
      expect(attempt).toMatchObject({ token: `${task.id}:1`, state: "claimed", claimedAt: world.clock.now() });
      expect(batch.id).toBe(batchId);
      expect(await world.attempts(batchId)).toEqual([attempt]);
      expect(await world.store.getClaim(attempt.token)).toEqual(claimed);
      expect(await world.store.getClaim("task_none:1")).toBeUndefined();
    });

    test("of the attempts without an outcome those that nobody holds are handed out again", async () => {
      const world = await open();
      await world.addBatch({ recipients: 3 });
      const [first, second, third] = (await claim(world)).claims;
      if (!first || !second || !third) throw new Error("Three were due");
      await world.store.complete(third, result(world), answered, world.clock.now());
      await world.clock.advance({ minutes: 1 });
      const left = await world.store.openAttempts(new Set([first.attempt.token]), world.clock.now());
      expect(left).toMatchObject([{ attempt: second.attempt, task: second.task, batch: { id: second.batch.id } }]);
    });

    test("nothing is claimed of a batch that is paused, not running or closed at this hour", async () => {
      const world = await open();
      const paused = await world.addBatch();
      await change(world, paused, true);
      await world.addBatch({ scheduledAt: world.clock.now() });
      expect(await claim(world)).toEqual({ claims: [], isCut: false });
      await world.addBatch();
      expect(await claim(world, 50, () => false)).toEqual({ claims: [], isCut: false });
      expect((await claim(world)).claims).toHaveLength(1);
    });

    test("a claim tells until when its calls were agreed to, before anything is claimed and afterwards", async () => {
      const world = await open();
      const until = new Date("2026-03-02T16:00:00Z");
      await world.addBatch({ agreedUntil: until });
      const asked: (Date | undefined)[] = [];
      const { claims } = await world.store.claim({
        now: world.clock.now(),
        isOpen: ({ agreedUntil }) => asked.push(agreedUntil) > 0,
        limit: 5,
        ...world.settings,
      });
      // Whoever it was that was asked of before it was read.
      expect(asked.at(-1)).toEqual(until);
      expect(claims.map(({ batch }) => batch.agreedUntil)).toEqual([until]);
    });

    test("those never dialed are claimed before retries, even when they are due later", async () => {
      const world = await open();
      const retried = await world.addBatch();
      const first = await claimOne(world);
      await world.store.complete(first, result(world, "busy"), later(world), world.clock.now());
      const postponed = await world.addBatch({ firstNumber: 11 });
      const taken = await claimOne(world);
      const notBefore = new Date(world.clock.now().getTime() + 120_000);
      await world.store.release(taken, "not_placed", world.clock.now(), notBefore);
      await world.clock.advance({ minutes: 3 });
      const { claims } = await claim(world);
      expect(claims.map(({ batch }) => batch.id)).toEqual([postponed, retried]);
    });

    test("a number that two batches of an organization call is claimed for one of them at a time", async () => {
      const world = await open();
      await world.addBatch();
      await world.addBatch({ fromNumber: "+14155550111" });
      await world.addBatch({ organizationId: "org_2", fromNumber: "+14155550122" });
      const { claims } = await claim(world);
      expect(claims.map(({ batch }) => batch.organizationId).sort()).toEqual([organizationId, "org_2"].sort());
      const [first] = claims.filter(({ batch }) => batch.organizationId === organizationId);
      if (!first) throw new Error("One was due");
      // It is not due before the first may be over, so nothing looks for it until then.
      const { now: nowMs } = { now: world.clock.now().getTime() };
      expect(await world.store.nextDueAt({ now: world.clock.now(), opensAt: (_, at) => at })).toEqual(
        new Date(nowMs + 60_000),
      );
      await world.clock.advance({ minutes: 1 });
      expect(await claim(world)).toEqual({ claims: [], isCut: false });
      await world.store.complete(first, result(world), answered, world.clock.now());
      await world.clock.advance({ minutes: 1 });
      const [second, ...others] = (await claim(world)).claims;
      expect(others).toEqual([]);
      expect(second?.attempt.toNumber).toBe(first.attempt.toNumber);
      expect(second?.batch.id).not.toBe(first.batch.id);
    });

    test("an attempt that passed its last check still may be dialed until something changes", async () => {
      const world = await open();
      const batchId = await world.addBatch({ recipients: 3 });
      const { claims } = await claim(world);
      const [first, second, third] = claims;
      if (!first || !second || !third) throw new Error("Three were due");
      const still = (of: Claim) => world.store.mayStillDial(of, world.clock.now());
      expect(await still(first)).toBe(false);
      for (const one of claims) await world.store.markDialing(one, world.clock.now(), 1000);
      expect(await Promise.all(claims.map(still))).toEqual([true, true, true]);
      await world.store.markPlaced(first, world.clock.now());
      expect(await still(first)).toBe(false);
      await world.store.addDoNotCall(organizationId, [{ phoneNumber: second.attempt.toNumber }], world.clock.now());
      expect([await still(second), await still(third)]).toEqual([false, true]);
      await change(world, batchId, true);
      expect(await still(third)).toBe(false);
    });

    test("what was handed over and has no outcome is told by its token, for whichever process asks", async () => {
      const world = await open();
      const batchId = await world.addBatch({ recipients: 4 });
      await world.addBatch({ firstNumber: 11 });
      const claims = (await claim(world)).claims.filter(({ batch }) => batch.id === batchId);
      const [first, second, third] = claims;
      if (!first || !second || !third) throw new Error("Three were due");
      for (const one of [first, second, third]) await world.store.markDialing(one, world.clock.now(), 1000);
      await world.store.markPlaced(second, world.clock.now());
      await world.store.complete(third, result(world), answered, world.clock.now());
      expect(await world.store.handedOver(batchId)).toEqual([first.attempt.token, second.attempt.token].toSorted());
    });

    test("two attempts to a number begin at least a minute apart, whatever the retry says", async () => {
      const world = await open();
      await world.addBatch();
      const first = await claimOne(world);
      await world.store.markDialing(first, world.clock.now(), 1000);
      const atOnce: RetryDecision = { kind: "retry", dueAt: world.clock.now(), reason: "busy" };
      await world.store.complete(first, result(world, "busy"), atOnce, world.clock.now());
      await world.clock.advance({ ms: 59_999 });
      expect(await claim(world)).toEqual({ claims: [], isCut: false });
      await world.clock.advance({ ms: 1 });
      expect((await claim(world)).claims).toHaveLength(1);
    });

    test("what is held back leaves its place in the claim to others", async () => {
      const world = await open({ settings: { maxConcurrent: 10, startsPerSecond: 10 } });
      await world.addBatch({ recipients: 3 });
      const inProgress = await claim(world);
      const batchId = await world.addBatch({ recipients: 6, fromNumber: "+14155550111" });
      const { claims } = await claim(world);
      expect(inProgress.claims).toHaveLength(3);
      expect(claims.map(({ attempt }) => attempt.toNumber)).toEqual([4, 5, 6].map(numberOf));
      expect(claims.every(({ batch }) => batch.id === batchId)).toBe(true);
    });

    test("a clock that was set back by hours does not hold back a number until then", async () => {
      const world = await open();
      await world.addBatch();
      const first = await claimOne(world);
      await world.store.complete(first, result(world), answered, world.clock.now());
      await world.clock.step(-3 * 3600);
      await world.addBatch();
      expect((await claim(world)).claims).toEqual([]);
      await world.clock.advance({ minutes: 1 });
      expect((await claim(world)).claims).toHaveLength(1);
    });

    test("a number that may never be called ends its task, and the batch when it was the last", async () => {
      const world = await open();
      const batchId = await world.addBatch();
      await world.store.release(await claimOne(world), "not_callable", world.clock.now());
      expect(await world.task(batchId)).toMatchObject({ status: "cancelled", reason: "not_callable", attemptCount: 0 });
      expect(await world.attempts(batchId)).toEqual([]);
      expect((await world.batch(batchId)).status).toBe("completed");
    });

    test("a claim fills its places from one long line among many short ones", async () => {
      const world = await open({ settings: { maxConcurrent: 100, startsPerSecond: 100 } });
      const long = await world.addBatch({ recipients: 60 });
      for (let n = 0; n < 29; n += 1) await world.addBatch({ firstNumber: 101 + n });
      const { claims } = await claim(world);
      expect(claims).toHaveLength(50);
      expect(claims.filter(({ batch }) => batch.id === long)).toHaveLength(21);
    });

    test("a claim takes no more of a batch than the carrier has room for, however many others leave their places free", async () => {
      const world = await open();
      const oldest = await world.addBatch({ recipients: 3 });
      await world.clock.step(1);
      for (let n = 1; n <= 50; n += 1) await world.addBatch({ recipients: 1, firstNumber: 100 + n });
      const roomOf = (id: string): number => (id === oldest ? 1 : 0);
      const request = { now: world.clock.now(), isOpen: () => true, limit: 50, roomOf, ...world.settings };
      const { claims } = await world.store.claim(request);
      expect(claims.map(({ attempt }) => attempt.batchId)).toEqual([oldest]);
    });

    test("a batch with a canary comes in its turn, however many younger ones wait behind it", async () => {
      const world = await open({ settings: { maxConcurrent: 5, startsPerSecond: 5 } });
      const canary = { count: 1, pauseIf: [], afterwards: "pause" } as const;
      const oldest = await world.addBatch({ recipients: 3, rules: { canary } });
      await world.clock.step(1);
      for (let n = 1; n <= 50; n += 1) await world.addBatch({ recipients: 1, firstNumber: 100 + n });
      const { claims } = await claim(world);
      expect(claims).toHaveLength(5);
      expect(claims.filter(({ batch }) => batch.id === oldest)).toHaveLength(1);
    });

    test("a claim that pace cuts short tells when the caller id may start again", async () => {
      const world = await open({ settings: { maxConcurrent: 10, startsPerSecond: 2 } });
      await world.addBatch({ recipients: 3 });
      await claim(world, 1);
      await world.clock.advance({ ms: 400 });
      const { claims, paceOpensAt } = await claim(world);
      expect(claims).toHaveLength(1);
      expect(paceOpensAt?.toISOString()).toBe("2026-03-02T15:00:01.000Z");
    });

    test("a clock that was set back does not stop a caller id until the time of its last claim has come again", async () => {
      const world = await open({ settings: { maxConcurrent: 10, startsPerSecond: 1 } });
      await world.addBatch({ recipients: 2 });
      await claim(world, 1);
      const anHourAgo = new Date(world.clock.now().getTime() - 3_600_000);
      const { claims } = await world.store.claim({ now: anHourAgo, isOpen: () => true, limit: 1, ...world.settings });
      expect(claims).toHaveLength(1);
    });

    test("open attempts and starts within a second never exceed the settings, whatever is claimed, ended or taken back", async () => {
      const step = fc.oneof(
        fc.record({ kind: fc.constant("claim" as const), limit: fc.integer({ min: 1, max: 20 }) }),
        fc.record({ kind: fc.constant("end" as const), index: fc.nat(30) }),
        fc.record({ kind: fc.constant("withdraw" as const), index: fc.nat(30) }),
        fc.record({ kind: fc.constant("advance" as const), ms: fc.nat(1500) }),
      );
      const settings = fc.record({
        maxConcurrent: fc.integer({ min: 1, max: 9 }),
        startsPerSecond: fc.integer({ min: 1, max: 5 }),
      });
      await fc.assert(
        fc.asyncProperty(settings, fc.array(step, { maxLength: 60 }), async (settings, steps) => {
          const world = await open({ settings });
          const callerIds = ["+14155550100", "+14155550111"];
          for (const fromNumber of callerIds) await world.addBatch({ recipients: 40, fromNumber });
          const underWay: Claim[] = [];
          let starts: Claim[] = [];
          for (const step of steps) {
            if (step.kind === "advance") await world.clock.advance({ ms: step.ms });
            if (step.kind === "claim") {
              const { claims } = await claim(world, step.limit);
              underWay.push(...claims);
              starts.push(...claims);
            }
            const [chosen] = step.kind === "end" || step.kind === "withdraw" ? underWay.splice(step.index, 1) : [];
            if (chosen && step.kind === "end")
              await world.store.complete(chosen, result(world), answered, world.clock.now());
            if (chosen && step.kind === "withdraw") {
              await world.store.release(chosen, "outside_hours", world.clock.now());
              starts = starts.filter(({ attempt }) => attempt.callId !== chosen.attempt.callId);
            }
            expect(underWay.length).toBeLessThanOrEqual(settings.maxConcurrent);
            const since = world.clock.now().getTime() - 1000;
            for (const fromNumber of callerIds) {
              const recent = starts.filter(
                ({ attempt }) => attempt.fromNumber === fromNumber && attempt.claimedAt.getTime() > since,
              );
              expect(recent.length).toBeLessThanOrEqual(settings.startsPerSecond);
            }
          }
        }),
        { numRuns: runs },
      );
    });

    test("begin lets an attempt through once, and only once", async () => {
      const world = await open();
      const batchId = await world.addBatch();
      const claimed = await claimOne(world);
      expect(await world.store.markDialing(claimed, world.clock.now(), 1000)).toBeUndefined();
      expect((await world.batch(batchId)).lastDialAt).toEqual(world.clock.now());
      expect(await world.store.markDialing(claimed, world.clock.now(), 1000)).toBe("batch_not_running");
    });

    test("begin lets no more through for a caller id than a second may have, however late after their claims", async () => {
      const world = await open();
      await world.addBatch({ recipients: 4 });
      await world.addBatch({ recipients: 1, firstNumber: 9, fromNumber: "+14155550122" });
      const { claims } = await claim(world);
      const ofOther = claims.find(({ attempt }) => attempt.fromNumber === "+14155550122");
      const [first, second, third, fourth] = claims.filter((one) => one !== ofOther);
      if (!first || !second || !third || !fourth || !ofOther) throw new Error("Five were due");
      const begin = (one: Claim) => world.store.markDialing(one, world.clock.now(), 2);
      expect(await begin(first)).toBeUndefined();
      await world.clock.advance({ ms: 600 });
      expect([await begin(second), await begin(third), await begin(ofOther)]).toEqual([undefined, "pace", undefined]);
      expect((await world.store.getClaim(third.attempt.token))?.attempt.state).toBe("claimed");
      await world.clock.advance({ ms: 399 });
      expect(await begin(third)).toBe("pace");
      await world.clock.advance({ ms: 1 });
      expect([await begin(third), await begin(fourth)]).toEqual([undefined, "pace"]);
      // What was dialed before the clock was set back holds nobody until then.
      await world.clock.step(-3600);
      expect(await begin(fourth)).toBeUndefined();
    });

    test("begin refuses when the batch was paused, cancelled or deleted after the claim", async () => {
      const world = await open();
      const batchId = await world.addBatch({ recipients: 2 });
      const claimed = await claimOne(world);
      await change(world, batchId, true);
      expect(await world.store.markDialing(claimed, world.clock.now(), 1000)).toBe("batch_not_running");
      await change(world, batchId, false);
      await world.store.cancelBatch(organizationId, batchId, { status: ["sent"] }, world.clock.now());
      expect(await world.store.markDialing(claimed, world.clock.now(), 1000)).toBe("batch_not_running");
      await world.store.deleteBatch(organizationId, batchId, { status: ["cancelled"] });
      expect(await world.store.markDialing(claimed, world.clock.now(), 1000)).toBe("batch_not_running");
    });

    test("begin refuses a number that joined the organization's own do-not-call list after the claim", async () => {
      const world = await open();
      await world.addBatch();
      const claimed = await claimOne(world);
      await world.store.addDoNotCall(organizationId, [{ phoneNumber: numberOf(1) }], world.clock.now());
      expect(await world.store.markDialing(claimed, world.clock.now(), 1000)).toBe("do_not_call");

      await world.addBatch({ organizationId: "org_2" });
      const ofAnother = await claimOne(world);
      expect(await world.store.markDialing(ofAnother, world.clock.now(), 1000)).toBeUndefined();
    });

    test("an attempt that is taken back leaves its task as it was, and is claimed again under the same token", async () => {
      const world = await open();
      const batchId = await world.addBatch();
      const before = await world.task(batchId);
      const first = await claimOne(world);
      await world.store.release(first, "outside_hours", world.clock.now());
      expect(await world.task(batchId)).toEqual(before);
      expect(await world.attempts(batchId)).toEqual([]);
      expect((await claimOne(world)).attempt.token).toBe(first.attempt.token);
    });

    test("a retry that is taken back keeps the result and the call of the attempt before", async () => {
      const world = await open();
      const batchId = await world.addBatch();
      const first = await claimOne(world);
      await world.store.complete(first, result(world, "busy"), later(world), world.clock.now());
      await world.clock.advance({ minutes: 1 });
      const before = await world.task(batchId);
      const second = await claimOne(world);
      await world.store.release(second, "not_placed", world.clock.now(), new Date("2026-03-02T16:00:00Z"));
      expect(await world.task(batchId)).toEqual({ ...before, dueAt: new Date("2026-03-02T16:00:00Z") });
      expect(before.callId).toBe(first.attempt.callId);
    });

    test("taking back the last attempt of a cancelled batch, or of a listed number, leaves nobody pending", async () => {
      const world = await open();
      const cancelled = await world.addBatch();
      const first = await claimOne(world);
      await world.store.cancelBatch(organizationId, cancelled, { status: ["sent"] }, world.clock.now());
      await world.store.release(first, "batch_not_running", world.clock.now());
      expect(await world.task(cancelled)).toMatchObject({
        status: "cancelled",
        reason: "batch_cancelled",
        attemptCount: 0,
      });
      expect((await world.batch(cancelled)).status).toBe("cancelled");

      const listed = await world.addBatch();
      const second = await claimOne(world);
      await world.store.release(second, "do_not_call", world.clock.now());
      expect(await world.task(listed)).toMatchObject({ status: "cancelled", reason: "do_not_call" });
      expect((await world.batch(listed)).status).toBe("completed");
    });

    describe("when the rules were changed while an attempt was under way", () => {
      const thrice = { retryConfig: { enabled: true, maxAttempts: 3 } };
      const lower = (world: DialingWorld, batchId: string) =>
        edit(world, batchId, { rules: { retryConfig: { enabled: true, maxAttempts: 1 } }, grant: agreed });
      const afterBusy = async (world: DialingWorld): Promise<string> => {
        const batchId = await world.addBatch({ recipients: 1, rules: thrice });
        await world.store.complete(await claimOne(world), result(world, "busy"), later(world), world.clock.now());
        await world.clock.advance({ minutes: 2 });
        return batchId;
      };

      test("what follows it is decided by the new ones", async () => {
        const world = await open();
        const batchId = await world.addBatch({ rules: thrice });
        const claimed = await claimOne(world);
        await lower(world, batchId);
        const decideBy = ({ rules }: { readonly rules: StoredBatch["rules"] }): RetryDecision =>
          rules.retryConfig?.maxAttempts === 1 ? answered : later(world);
        await world.store.complete(claimed, result(world, "busy"), decideBy, world.clock.now());
        expect(await world.task(batchId)).toMatchObject({ status: "completed" });
      });

      test("a retry that is taken back and was one too many is over", async () => {
        const world = await open();
        const batchId = await afterBusy(world);
        const second = await claimOne(world);
        await lower(world, batchId);
        await world.store.release(second, "batch_not_running", world.clock.now());
        expect(await world.task(batchId)).toMatchObject({ status: "failed", attemptCount: 1 });
        expect((await world.batch(batchId)).status).toBe("completed");
      });

      test("who waits and has no attempt left waits no more", async () => {
        const world = await open();
        const batchId = await afterBusy(world);
        await lower(world, batchId);
        expect(await world.task(batchId)).toMatchObject({ status: "failed", attemptCount: 1 });
      });

      test("who is called again because nobody knows how the call ended waits on", async () => {
        const world = await open();
        const batchId = await world.addBatch({ rules: thrice });
        const unknown = { kind: "final", status: "unknown", reason: "?" } as const;
        await world.store.complete(await claimOne(world), "unknown", unknown, world.clock.now());
        await world.store.redialUnknown(organizationId, batchId, () => ({ grant: agreed }), world.clock.now());
        await lower(world, batchId);
        expect(await world.task(batchId)).toMatchObject({ status: "pending" });
      });
    });

    describe("a list that is changed", () => {
      const take = (world: DialingWorld, batchId: string, toNumber: string) =>
        world.store.changeList(
          organizationId,
          batchId,
          { status: ["sent"] },
          {
            plan: (_batch, list) => ({
              added: [],
              changed: [],
              removed: list.filter((task) => task.toNumber === toNumber && task.status === "pending"),
              leaving: list.filter((task) => task.toNumber === toNumber && task.status !== "pending"),
            }),
            change: ({ contentDigest: from }) => ({ grant: { kind: "narrow", from, why: "fewer" } }),
          },
          world.clock.now(),
        );

      test("by fewer people is called on under the same agreement", async () => {
        const world = await open();
        const batchId = await world.addBatch({ recipients: 3 });
        const [, , third] = await world.tasks(batchId);
        const changed = await take(world, batchId, third?.toNumber ?? "");
        expect(changed?.list.removed).toMatchObject([{ id: third?.id }]);
        const { claims } = await claim(world);
        expect(claims.map(({ task }) => task.row)).toEqual([1, 2]);
        for (const one of claims) expect(await world.store.markDialing(one, world.clock.now(), 1000)).toBeUndefined();
      });

      test("after it was changed past its agreement stays without one", async () => {
        const world = await open();
        const batchId = await world.addBatch({ recipients: 3 });
        await edit(world, batchId, { agentId: "agent_2" });
        await take(world, batchId, numberOf(3));
        expect((await claim(world)).claims).toEqual([]);
      });

      describe("by somebody who is being called", () => {
        const leave = async () => {
          const world = await open();
          const batchId = await world.addBatch();
          const one = await claimOne(world);
          await take(world, batchId, one.task.toNumber);
          return { world, batchId, one };
        };

        test("keeps the outcome, and they are not called again", async () => {
          const { world, batchId, one } = await leave();
          await world.store.complete(one, result(world, "busy"), later(world), world.clock.now());
          const reason = "removed; busy, and not called again";
          expect(await world.task(batchId)).toMatchObject({ status: "failed", outcome: "busy", reason });
          expect((await world.batch(batchId)).status).toBe("completed");
        });

        test("lets nobody call them again whose call has an end that nobody knows", async () => {
          const { world, batchId, one } = await leave();
          const unknown = { kind: "final", status: "unknown", reason: "?" } as const;
          await world.store.complete(one, "unknown", unknown, world.clock.now());
          expect(await world.task(batchId)).toMatchObject({ status: "unknown", reason: "removed; ?" });
          await world.store.redialUnknown(organizationId, batchId, () => ({ grant: agreed }), world.clock.now());
          expect(await world.task(batchId)).toMatchObject({ status: "unknown" });
        });

        test("does not dial a call that is not dialed yet", async () => {
          const { world, one } = await leave();
          expect(await world.store.markDialing(one, world.clock.now(), 1000)).toBe("check_expired");
        });

        test("lets a carrier that has not handed their call over yet drop it", async () => {
          const world = await open();
          const batchId = await world.addBatch();
          const one = await claimOne(world);
          expect(await world.store.markDialing(one, world.clock.now(), 1000)).toBeUndefined();
          expect(await world.store.mayStillDial(one, world.clock.now())).toBe(true);
          await take(world, batchId, one.task.toNumber);
          expect(await world.store.mayStillDial(one, world.clock.now())).toBe(false);
        });

        test("gives the batch another time of change, once", async () => {
          const world = await open();
          const batchId = await world.addBatch();
          const one = await claimOne(world);
          await world.clock.advance({ minutes: 1 });
          await take(world, batchId, one.task.toNumber);
          const { updatedAt } = await world.batch(batchId);
          expect(updatedAt).toEqual(world.clock.now());
          await world.clock.advance({ minutes: 1 });
          await take(world, batchId, one.task.toNumber);
          expect((await world.batch(batchId)).updatedAt).toEqual(updatedAt);
        });

        test("takes them out where the call is taken back", async () => {
          const { world, batchId, one } = await leave();
          await world.store.release(one, "not_now", world.clock.now());
          expect(await world.task(batchId)).toMatchObject({ status: "cancelled", reason: "removed", attemptCount: 0 });
        });
      });
    });

    test("an attempt that ended cannot be taken back, ended again or placed again", async () => {
      const world = await open();
      const batchId = await world.addBatch();
      const claimed = await claimOne(world);
      await world.store.markDialing(claimed, world.clock.now(), 1000);
      expect(await world.store.complete(claimed, result(world), answered, world.clock.now())).toBe(true);
      const before = [await world.tasks(batchId), await world.attempts(batchId), await world.batch(batchId)];
      await world.clock.advance({ seconds: 5 });

      expect(await world.store.complete(claimed, result(world, "busy"), later(world), world.clock.now())).toBe(false);
      expect(await world.store.complete(claimed, "unknown", answered, world.clock.now())).toBe(false);
      await world.store.release(claimed, "not_placed", world.clock.now());
      await world.store.markPlaced(claimed, world.clock.now());
      expect([await world.tasks(batchId), await world.attempts(batchId), await world.batch(batchId)]).toEqual(before);
    });

    test("an unknown attempt is final, has no outcome, and keeps the batch from counting as failed", async () => {
      const world = await open();
      const batchId = await world.addBatch();
      const claimed = await claimOne(world);
      await world.store.complete(
        claimed,
        "unknown",
        { kind: "final", status: "unknown", reason: "lost" },
        world.clock.now(),
      );
      const task = await world.task(batchId);
      expect(task).toMatchObject({ status: "unknown", reason: "lost" });
      expect(task.outcome).toBeUndefined();
      expect((await world.batch(batchId)).status).toBe("completed");
    });

    describe("a call that ended as unknown and whose end is known later", () => {
      const lost = { kind: "final", status: "unknown", reason: "lost" } as const;
      const late = (world: DialingWorld, one: Claim, outcome: Outcome = "answered") =>
        world.store.complete(
          one,
          result(world, outcome),
          (_batch, _hasFallback, isLate) => (isLate ? answered : later(world)),
          world.clock.now(),
        );

      test("has the outcome that it ended with, once", async () => {
        const world = await open();
        const batchId = await world.addBatch();
        const one = await claimOne(world);
        await world.store.complete(one, "unknown", lost, world.clock.now());
        await world.clock.advance({ hours: 1 });
        expect(await late(world, one)).toBe(true);
        expect(await world.task(batchId)).toMatchObject({ status: "completed", outcome: "answered", attemptCount: 1 });
        expect((await world.attempts(batchId))[0]).toMatchObject({ outcome: "answered", endedAt: world.clock.now() });
        const { counts, outcomes } = await world.facts(batchId);
        expect({ counts, outcomes }).toMatchObject({
          counts: { total: 1, completed: 1, unknown: 0 },
          outcomes: { answered: 1 },
        });
        const before = [await world.tasks(batchId), await world.attempts(batchId), await world.batch(batchId)];
        await world.clock.advance({ seconds: 5 });
        expect(await late(world, one, "busy")).toBe(false);
        expect(await world.store.complete(one, "unknown", lost, world.clock.now())).toBe(false);
        expect([await world.tasks(batchId), await world.attempts(batchId), await world.batch(batchId)]).toEqual(before);
      });

      test("changes nothing of what a person agreed to meanwhile: who waits to be called again waits on, and a newer call is the last one", async () => {
        const world = await open();
        const batchId = await world.addBatch();
        const one = await claimOne(world);
        await world.store.complete(one, "unknown", lost, world.clock.now());
        await world.store.redialUnknown(organizationId, batchId, () => ({ grant: agreed }), world.clock.now());
        expect(await late(world, one)).toBe(true);
        expect(await world.task(batchId)).toMatchObject({ status: "pending", attemptCount: 1 });
        expect((await world.attempts(batchId))[0]).toMatchObject({ outcome: "answered" });
      });

      test("leaves its recipient unknown when its recipient's next call ended as unknown too", async () => {
        const world = await open();
        const batchId = await world.addBatch();
        const one = await claimOne(world);
        await world.store.complete(one, "unknown", lost, world.clock.now());
        await world.store.redialUnknown(organizationId, batchId, () => ({ grant: agreed }), world.clock.now());
        await world.clock.advance({ minutes: 1 });
        await world.store.complete(await claimOne(world), "unknown", lost, world.clock.now());
        expect(await late(world, one)).toBe(true);
        expect(await world.task(batchId)).toMatchObject({ status: "unknown", attemptCount: 2 });
      });
    });

    test("what falls due next is told across batches, each at an hour when it may dial", async () => {
      const world = await open();
      const now = world.clock.now();
      const at = (minutes: number): Date => new Date(now.getTime() + minutes * 60_000);
      const nextDueAt = (opensAt: DueQuery["opensAt"] = (_batch, due) => due) =>
        world.store.nextDueAt({ now, opensAt });
      expect(await nextDueAt()).toBeUndefined();

      await world.addBatch({ scheduledAt: at(90) });
      expect(await nextDueAt()).toEqual(at(90));

      const timezone = "America/Chicago";
      const closed = await world.addBatch({ timezone });
      expect(await nextDueAt()).toEqual(at(90));
      expect(await nextDueAt((batch, due) => (batch.timezone === timezone ? at(60) : due))).toEqual(at(60));

      const claimed = await claimOne(world);
      await world.store.complete(claimed, result(world, "busy"), { kind: "retry", dueAt: at(30), reason: "busy" }, now);
      expect(await nextDueAt()).toEqual(at(30));
      expect(await nextDueAt((_batch, due) => (due < at(45) ? at(45) : due))).toEqual(at(45));

      await change(world, closed, true);
      expect(await nextDueAt()).toEqual(at(90));
    });

    describe("without an open agreement to the calls of a batch", () => {
      const anotherDigest: GrantChange = {
        kind: "open",
        terms: (granted) => ({ ...termsOf(granted), contentDigest: "0".repeat(64) }),
      };
      const untilNow = (world: DialingWorld): GrantChange => ({
        kind: "open",
        terms: (granted) => ({ ...termsOf(granted), lastAt: world.clock.now() }),
      });
      const cases: readonly (readonly [string, (world: DialingWorld) => BatchChange])[] = [
        ["that rests", () => ({ grant: { kind: "suspend", why: "paused" } })],
        ["that is over", () => ({ grant: { kind: "end", why: "edited" } })],
        ["that is to other content", () => ({ grant: anotherDigest })],
        ["whose last minute has come", (world) => ({ grant: untilNow(world) })],
        ["after a change of the agent that did not end it", () => ({ agentId: "agent_2" })],
        ["after a change of the rules that did not end it", () => ({ rules: { retryConfig: retryOnce } })],
      ];

      test.each(cases)("%s, nobody is claimed", async (_what, changeOf) => {
        const world = await open();
        const batchId = await world.addBatch({ recipients: 2 });
        await edit(world, batchId, changeOf(world));
        expect((await claim(world)).claims).toEqual([]);
        expect(await world.store.nextDueAt({ now: world.clock.now(), opensAt: (_batch, at) => at })).toBeUndefined();
      });

      test.each(cases)("%s, what was claimed before is not dialed", async (_what, changeOf) => {
        const world = await open();
        const batchId = await world.addBatch();
        const claimed = await claimOne(world);
        expect(claimed.attempt.grantId).toBe((await world.batch(batchId)).grantId);
        await edit(world, batchId, changeOf(world));
        expect(await world.store.markDialing(claimed, world.clock.now(), 1000)).toBe("batch_not_running");
      });

      test("that somebody agreed to anew since, what was claimed before is claimed again under that", async () => {
        const world = await open();
        const batchId = await world.addBatch();
        const claimed = await claimOne(world);
        await edit(world, batchId, { rules: { retryConfig: retryOnce }, grant: agreed });
        expect(await world.store.markDialing(claimed, world.clock.now(), 1000)).toBe("batch_not_running");
        await world.store.release(claimed, "batch_not_running", world.clock.now());
        const again = await claimOne(world);
        expect(again.attempt).toMatchObject({ token: claimed.attempt.token });
        expect(await world.store.markDialing(again, world.clock.now(), 1000)).toBeUndefined();
      });

      test("a batch that only has another name is called on", async () => {
        const world = await open();
        const batchId = await world.addBatch();
        await edit(world, batchId, { name: "Other" });
        expect((await claim(world)).claims).toHaveLength(1);
      });

      test("another list is other content, in its variables as well", async () => {
        const world = await open();
        const batchId = await world.addBatch();
        const list = [{ row: 1, toNumber: numberOf(1), variables: { first_name: "you owe us" } }];
        await edit(world, batchId, {}, list);
        expect((await claim(world)).claims).toEqual([]);
      });
    });

    test("a stop holds what runs and what is paused for a while, and lets nobody be claimed until the release", async () => {
      const world = await open();
      const [running, paused] = [await world.addBatch(), await world.addBatch({ firstNumber: 2 })];
      const claimed = await claimOne(world);
      const other = await world.addBatch({ organizationId: "org_2", firstNumber: 3, fromNumber: "+14155550122" });
      const resumableUntil = new Date(world.clock.now().getTime() + 60_000);
      await edit(world, paused, { isPaused: true, grant: { kind: "suspend", why: "paused", resumableUntil } });
      const held = await world.store.setKillSwitch(organizationId, true, "stopped", world.clock.now());
      expect(held.toSorted()).toEqual([running, paused].toSorted());
      expect(await world.store.stoppedSince(organizationId)).toEqual(world.clock.now());
      expect(await world.store.markDialing(claimed, world.clock.now(), 1000)).toBe("batch_not_running");
      expect((await claim(world)).claims.map(({ batch }) => batch.id)).toEqual([other]);
      for (const id of [running, paused]) {
        expect(await world.batch(id)).toMatchObject({ isPaused: true, heldReason: "stopped" });
        expect((await world.store.facts([id], world.clock.now())).get(id)?.grant?.state).toBe("ended");
      }
      // As a process leaves it that was killed between the switch and the last batch.
      const unheld = { isPaused: false, heldReason: undefined, pausedAt: undefined, grant: agreed };
      await edit(world, running, unheld);
      expect((await claim(world)).claims).toEqual([]);
      await world.store.setKillSwitch(organizationId, false, "stopped", world.clock.now());
      expect(await world.store.stoppedSince(organizationId)).toBeUndefined();
      expect(await world.batch(running)).toMatchObject({ isPaused: true, heldReason: "stopped" });
      await edit(world, running, unheld);
      expect(await world.store.setKillSwitch(organizationId, false, "stopped", world.clock.now())).toEqual([]);
      await world.store.release(claimed, "stopped", world.clock.now());
      expect((await claim(world)).claims).toHaveLength(1);

      const draft = await world.addBatch({ firstNumber: 4 });
      await edit(world, draft, { status: "draft", grant: { kind: "end", why: "taken back" } });
      const { stateVersion } = await world.batch(draft);
      await world.store.setKillSwitch("org_3", true, "theirs", world.clock.now());
      expect((await world.batch(draft)).stateVersion).toBe(stateVersion);
      await world.store.setKillSwitch("*", true, "everybody", world.clock.now());
      expect((await world.batch(draft)).stateVersion).toBeGreaterThan(stateVersion);
      expect(await world.store.stoppedSince("org_2")).toEqual(world.clock.now());
      expect(await world.batch(other, "org_2")).toMatchObject({ heldReason: "everybody" });
    });

    test("only a scheduled, unpaused batch whose time has come is started", async () => {
      const world = await open();
      const now = world.clock.now();
      const later = await world.addBatch({ scheduledAt: new Date(now.getTime() + 1) });
      expect(await world.store.startScheduled(later, now)).toBe(false);
      const due = await world.addBatch({ scheduledAt: now });
      expect((await world.store.runningBatches()).map(({ id }) => id).sort()).toEqual([later, due].sort());
      const hold = (id: string, why?: string) => world.store.hold({ organizationId, id }, () => why, now);
      expect(await hold(due)).toBeUndefined();
      expect(await hold(due, "too late")).toBe("too late");
      expect(await world.batch(due)).toMatchObject({ isPaused: true, heldReason: "too late", pausedAt: now });
      expect(await world.store.startScheduled(due, now)).toBe(false);
      expect(await hold(due, "once more")).toBeUndefined();
      expect(await world.batch(due)).toMatchObject({ heldReason: "too late" });
    });
  });
}
