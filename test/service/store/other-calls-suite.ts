import { describe, expect, test } from "vitest";
import type { CallResult } from "../../../src/contract/records.ts";
import type { RetryDecision } from "../../../src/domain/retry-rules.ts";
import type { ServiceSettings } from "../../../src/service/dialing/dialing.ts";
import type { Claim, ClaimResult } from "../../../src/service/store/dial-store.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { DialingWorld, numberOf, organizationId } from "../../support/dialing/dialing-world.ts";

const ended: RetryDecision = { kind: "final", status: "completed", reason: "over" };
const seconds = (world: DialingWorld, n: number): Date => new Date(world.clock.now().getTime() + n * 1000);

function claim(world: DialingWorld, limit = 50, now = world.clock.now()): Promise<ClaimResult> {
  return world.store.claim({ now, isOpen: () => true, limit, ...world.settings });
}

async function claimOne(world: DialingWorld): Promise<Claim> {
  const [first, ...others] = (await claim(world)).claims;
  if (!first || others.length > 0) throw new Error(`One was due, and ${others.length + 1} were claimed`);
  return first;
}

/** Commits the outcome; the carrier says that the call ended so many seconds ago. */
function end(world: DialingWorld, over: Claim, outcome: CallResult["outcome"] | "unknown", secondsAgo = 0) {
  const endedAt = seconds(world, -secondsAgo);
  const result = outcome === "unknown" ? outcome : { outcome, startedAt: endedAt, endedAt, ringMs: 0, talkMs: 0 };
  return world.store.complete(over, result, ended, world.clock.now());
}

function nextDueAt(world: DialingWorld): Promise<Date | undefined> {
  return world.store.nextDueAt({ now: world.clock.now(), opensAt: (_batch, at) => at });
}

/** What every store must do about other calls to the number of a task. */
export function describeOtherCalls(name: string, openStore: () => Promise<Store>): void {
  const open = async (settings: Partial<ServiceSettings> = {}): Promise<DialingWorld> =>
    new DialingWorld({ settings, store: await openStore() });

  describe(name, () => {
    test("of two batches with one number one is claimed, and the other is due a minute later", async () => {
      const world = await open();
      const batches = [await world.addBatch(), await world.addBatch()];
      const first = await claimOne(world);
      expect(batches).toContain(first.batch.id);
      expect((await claim(world)).claims).toEqual([]);
      expect(await nextDueAt(world)).toEqual(seconds(world, 60));
    });

    test("another organization's calls to a number hold nobody back", async () => {
      const world = await open();
      await world.addBatch();
      await world.addBatch({ organizationId: "org_2" });
      expect((await claim(world)).claims).toHaveLength(2);
    });

    test("a number is claimed again a minute after the end of the call before it, and no sooner", async () => {
      const world = await open();
      await world.addBatch();
      await world.addBatch();
      const first = await claimOne(world);
      await world.clock.advance({ minutes: 5 });
      await end(world, first, "busy");
      expect((await claim(world)).claims).toEqual([]);
      expect(await nextDueAt(world)).toEqual(seconds(world, 60));
      await world.clock.advance({ ms: 59_999 });
      expect((await claim(world)).claims).toEqual([]);
      await world.clock.advance({ ms: 1 });
      expect((await claim(world)).claims).toHaveLength(1);
    });

    test("a carrier whose clock is behind brings no call forward", async () => {
      const world = await open();
      await world.addBatch();
      await end(world, await claimOne(world), "busy", 5 * 3600);
      await world.addBatch();
      expect((await claim(world)).claims).toEqual([]);
      expect(await nextDueAt(world)).toEqual(seconds(world, 60));
    });

    test("while a call goes on, the other is due a minute after its end, to the millisecond", async () => {
      const world = await open();
      await world.addBatch();
      await world.addBatch();
      const first = await claimOne(world);
      for (const wait of [0, 60_000, 60_000]) {
        await world.clock.advance({ ms: wait });
        expect((await claim(world)).claims).toEqual([]);
      }
      await world.clock.advance({ ms: 12_345 });
      const over = seconds(world, 60);
      await end(world, first, "answered");
      await world.clock.advance({ ms: 60_000 - 12_345 });
      expect((await claim(world)).claims).toEqual([]);
      expect(await nextDueAt(world)).toEqual(over);
    });

    test("an attempt that the carrier never took holds nobody back", async () => {
      const world = await open();
      const batchId = await world.addBatch();
      await world.store.release(await claimOne(world), "not_placed", world.clock.now());
      await world.addBatch();
      await world.store.cancelBatch(organizationId, batchId, { status: ["sent"] }, world.clock.now());
      expect((await claim(world)).claims).toHaveLength(1);
    });

    test("a clock that was set back lets a number be called a minute later, and no sooner", async () => {
      const world = await open();
      await world.addBatch();
      await end(world, await claimOne(world), "answered");
      await world.addBatch();
      await world.clock.step(-3600);
      expect((await claim(world)).claims).toEqual([]);
      expect(await nextDueAt(world)).toEqual(seconds(world, 60));
      await world.clock.advance({ minutes: 1 });
      expect((await claim(world)).claims).toHaveLength(1);
    });

    test("a claim looks at no more tasks than its limit, and tells that it was cut short", async () => {
      const world = await open({ maxConcurrent: 100, startsPerSecond: 100 });
      await world.addBatch({ recipients: 30 });
      expect((await claim(world)).claims).toHaveLength(30);
      const held = await world.addBatch({ recipients: 30 });
      expect(await claim(world, 20)).toEqual({ claims: [], isCut: true });
      const due = (await world.tasks(held)).filter(({ dueAt }) => dueAt === undefined);
      expect(due).toHaveLength(10);
      expect(await claim(world, 20)).toEqual({ claims: [], isCut: false });
    });

    describe("with a least number of hours between the batches that call a number", () => {
      const openWith = (minHoursBetweenBatches: number) => open({ minHoursBetweenBatches });

      test.each(["answered", "voicemail", "unknown"] as const)("%s counts as reached", async (outcome) => {
        const world = await openWith(24);
        await world.addBatch();
        await end(world, await claimOne(world), outcome);
        await world.addBatch();
        expect((await claim(world)).claims).toEqual([]);
        expect(await nextDueAt(world)).toEqual(seconds(world, 24 * 3600));
        await world.clock.advance({ ms: 24 * 3_600_000 - 1 });
        expect((await claim(world)).claims).toEqual([]);
        await world.clock.advance({ ms: 1 });
        expect((await claim(world)).claims).toHaveLength(1);
      });

      test("a number that the operator named for tests is claimed again a minute later", async () => {
        const world = await open({ minHoursBetweenBatches: 24, testNumbers: [numberOf(1)] });
        await world.addBatch();
        await end(world, await claimOne(world), "answered");
        await world.addBatch();
        expect((await claim(world)).claims).toEqual([]);
        await world.clock.advance({ minutes: 1 });
        expect((await claim(world)).claims).toHaveLength(1);
      });

      test.each(["no_answer", "busy", "failed"] as const)("%s does not count", async (outcome) => {
        const world = await openWith(24);
        await world.addBatch();
        await end(world, await claimOne(world), outcome);
        await world.addBatch();
        await world.clock.advance({ minutes: 1 });
        expect((await claim(world)).claims).toHaveLength(1);
      });

      test("a call of the batch itself does not count", async () => {
        const world = await openWith(24);
        await world.addBatch();
        const first = await claimOne(world);
        const again: RetryDecision = { kind: "retry", dueAt: seconds(world, 60), reason: "voicemail" };
        const now = world.clock.now();
        const result = { outcome: "voicemail", startedAt: now, endedAt: now, ringMs: 0, talkMs: 0 } as const;
        await world.store.complete(first, result, again, now);
        await world.clock.advance({ minutes: 1 });
        expect((await claim(world)).claims).toHaveLength(1);
      });

      test("0 is none", async () => {
        const world = await openWith(0);
        await world.addBatch();
        await end(world, await claimOne(world), "answered");
        await world.addBatch();
        await world.clock.advance({ minutes: 1 });
        expect((await claim(world)).claims).toHaveLength(1);
      });
    });
  });
}
