import { describe, expect, test } from "vitest";
import type { RetryDecision } from "../../../src/domain/retry-rules.ts";
import type { Claim } from "../../../src/service/store/dial-store.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { agreed } from "../../support/agreed.ts";
import { newTasks, storedBatch } from "./store-suite.ts";

const start = new Date("2026-03-02T15:00:00Z");
const later = (ms: number): Date => new Date(start.getTime() + ms);
const org = "org_1";
const all = { page: 0 };
const nothingHeld = new Set<string>();
const answered: RetryDecision = { kind: "final", status: "completed", reason: "answered" };
const again: RetryDecision = { kind: "retry", dueAt: later(3_600_000), reason: "busy" };

function result(outcome: "answered" | "busy", now: Date) {
  return { outcome, startedAt: now, endedAt: now, ringMs: 0, talkMs: 0 };
}

async function addRunning(store: Store, recipients: number, fromNumber?: string, firstNumber = 1): Promise<string> {
  const batch = storedBatch({ status: "sent", ...(fromNumber && { fromNumber }) });
  await store.createBatch(batch, newTasks(recipients, firstNumber), undefined, agreed);
  return batch.id;
}

function claim(store: Store, now = start, limit = 50, limits = {}) {
  const roomy = { maxConcurrent: 1000, startsPerSecond: 1000 };
  return store.claim({ now, isOpen: () => true, limit, ...roomy, ...limits });
}

async function claimOne(store: Store, now = start): Promise<Claim> {
  const [first] = (await claim(store, now, 1)).claims;
  if (!first) throw new Error("Nothing was due");
  return first;
}

function leasesOf({ leases }: Store) {
  if (!leases) throw new Error("The store has no leases");
  return leases;
}

/**
 * What a store that several processes dial on must do besides. `open` answers that many processes' views of one empty
 * store; `rounds` is how often a race is tried.
 */
export function describeSharedStore(name: string, open: (processes: number) => Promise<Store[]>, rounds: number): void {
  const openTwo = async (): Promise<[Store, Store]> => {
    const [first, second] = await open(2);
    if (!first || !second) throw new Error("Two were asked for");
    return [first, second];
  };

  describe(name, () => {
    test("what a process that died left is taken over when its lease has ended, and not before", async () => {
      const [dead, alive] = await openTwo();
      await addRunning(dead, 1);
      const left = await claimOne(dead);
      const { durationMs } = leasesOf(dead);
      expect(await alive.openAttempts(nothingHeld, later(durationMs - 1))).toEqual([]);
      const [taken, ...others] = await alive.openAttempts(nothingHeld, later(durationMs));
      expect(others).toEqual([]);
      expect(taken).toMatchObject({ attempt: left.attempt, task: left.task });
      expect(taken?.fence).toBeGreaterThan(left.fence);
    });

    test("an outcome is taken from a process whose attempt has passed into other hands; a guess is not", async () => {
      const [slow, other] = await openTwo();
      await addRunning(slow, 1);
      const left = await claimOne(slow);
      const now = later(leasesOf(slow).durationMs);
      const [taken] = await other.openAttempts(nothingHeld, now);
      if (!taken) throw new Error("It was not taken over");
      const final = { kind: "final", status: "completed", reason: "answered" } as const;
      expect(await slow.complete(left, "unknown", { ...final, status: "unknown" }, now)).toBe(false);
      expect(await slow.complete(left, result("answered", now), final, now)).toBe(true);
      expect(await other.complete(taken, result("busy", now), final, now)).toBe(false);
      expect((await other.getClaim(left.attempt.token))?.attempt).toMatchObject({
        state: "ended",
        outcome: "answered",
      });
    });

    test("a process that renews its lease keeps what it holds; one that ends it leaves it to others at once", async () => {
      const [first, second] = await openTwo();
      await addRunning(first, 1);
      const { attempt } = await claimOne(first);
      await leasesOf(first).renew(later(9_000));
      expect(await second.openAttempts(nothingHeld, later(15_000))).toEqual([]);
      await leasesOf(first).release();
      expect(await second.openAttempts(nothingHeld, later(15_000))).toMatchObject([{ attempt }]);
    });

    test("a process that was only slow can do nothing with what was taken from it", async () => {
      const [slow, other] = await openTwo();
      const batchId = await addRunning(slow, 1);
      const stale = await claimOne(slow);
      const now = later(20_000);
      const [taken] = await other.openAttempts(nothingHeld, now);
      if (!taken) throw new Error("Nothing was taken over");

      expect(await slow.markDialing(stale, now, 1000)).toBe("taken_over");
      expect(await other.markDialing(taken, now, 1000)).toBeUndefined();
      await slow.markPlaced(stale, now);
      await slow.release(stale, "stopping", now);
      expect(await slow.complete(stale, "unknown", { kind: "final", status: "unknown", reason: "unknown" }, now)).toBe(
        false,
      );
      expect(await other.listCalls(org, {}, all)).toMatchObject({ rows: [{ state: "starting" }] });
      expect(await other.complete(taken, result("answered", now), answered, now)).toBe(true);
      expect((await other.getBatch(org, batchId))?.status).toBe("completed");
    });

    test("an older claim has no effect on a newer one of the same token", async () => {
      const [slow, other] = await openTwo();
      await addRunning(slow, 1);
      const stale = await claimOne(slow);
      const now = later(20_000);
      const [taken] = await other.openAttempts(nothingHeld, now);
      if (!taken) throw new Error("Nothing was taken over");
      await other.release(taken, "not_placed", now);
      const renewed = await claimOne(slow, now);
      expect(renewed.attempt.token).toBe(stale.attempt.token);
      expect(await slow.markDialing(stale, now, 1000)).toBe("taken_over");
      expect(await slow.markDialing(renewed, now, 1000)).toBeUndefined();
    });

    test("a claim whose answer was lost is found by the process that made it, unless it knows of it", async () => {
      const [store] = await openTwo();
      await addRunning(store, 2);
      const [known, lost] = (await claim(store)).claims;
      if (!known || !lost) throw new Error("Two were due");
      const held = new Set([known.attempt.token]);
      const { durationMs } = leasesOf(store);
      await leasesOf(store).renew(later(durationMs - 1));
      expect(await store.openAttempts(held, later(durationMs - 1))).toEqual([]);
      expect(await store.openAttempts(held, later(durationMs))).toMatchObject([{ attempt: lost.attempt }]);
      expect(await store.markDialing(lost, later(durationMs), 1000)).toBe("taken_over");
    });

    test("of processes that take over at once, one gets each attempt", async () => {
      for (let round = 0; round < rounds; round += 1) {
        const [dead, ...others] = await open(8);
        if (!dead) throw new Error("No store");
        await addRunning(dead, 40);
        await claim(dead);
        const taken = await Promise.all(others.map((store) => store.openAttempts(nothingHeld, later(60_000))));
        const tokens = taken.flat().map(({ attempt }) => attempt.token);
        expect(tokens).toHaveLength(40);
        expect(new Set(tokens).size).toBe(40);
      }
    });

    test("eight that claim at once never exceed any limit, and leave no place free", async () => {
      const stores = await open(8);
      const [store] = stores;
      if (!store) throw new Error("No store");
      const recipients = 20 * rounds;
      const [first, second] = [
        await addRunning(store, recipients),
        await addRunning(store, recipients, "+14155550111", 1 + recipients),
      ];
      const limits = { maxConcurrent: 23, maxConcurrentPerBatch: 17, startsPerSecond: 14 };
      for (let round = 0; round < rounds; round += 1) {
        const now = later(round * 1000);
        const claims = (await Promise.all(stores.map((each) => claim(each, now, 50, limits)))).flatMap(
          (answer) => answer.claims,
        );
        const of = (batchId: string) => claims.filter(({ batch }) => batch.id === batchId).length;
        expect(claims).toHaveLength(limits.maxConcurrent);
        expect(Math.max(of(first), of(second))).toBeLessThanOrEqual(limits.startsPerSecond);
        expect(new Set(claims.map(({ attempt }) => attempt.token)).size).toBe(claims.length);
        await Promise.all(claims.map((each) => store.complete(each, result("busy", now), again, now)));
      }
    });

    test("eight that claim at once never have two calls to one number", async () => {
      for (let round = 0; round < rounds; round += 1) {
        const stores = await open(8);
        const [store] = stores;
        if (!store) throw new Error("No store");
        for (let n = 0; n < 6; n += 1) await addRunning(store, 10);
        const claimed = (await Promise.all(stores.map((each) => claim(each)))).flatMap(({ claims }) => claims);
        const numbers = claimed.map(({ attempt }) => attempt.toNumber);
        expect(numbers).toHaveLength(10);
        expect(new Set(numbers).size).toBe(10);
      }
    });

    test("eight that dial at once, long after their claims, begin no more than a second may have", async () => {
      for (let round = 0; round < rounds; round += 1) {
        const stores = await open(8);
        const [store] = stores;
        if (!store) throw new Error("No store");
        await addRunning(store, 40);
        const { claims } = await claim(store);
        expect(claims.length).toBeGreaterThan(8);
        const answers = await Promise.all(
          claims.map((each, n) => (stores[n % 8] ?? store).markDialing(each, start, 5)),
        );
        expect(answers.filter((why) => why === undefined)).toHaveLength(5);
        expect(new Set(answers)).toEqual(new Set([undefined, "pace"]));
      }
    });

    test("a pause that was answered sees every attempt that was let through, and none is let through after it", async () => {
      for (let round = 0; round < rounds; round += 1) {
        const [dialing, pausing] = await openTwo();
        const batchId = await addRunning(dialing, 8);
        const { claims } = await claim(dialing);
        const pause = pausing
          .changeBatch(org, batchId, { status: ["sent"] }, () => ({ isPaused: true }), start)
          .then(async () => (await pausing.listCalls(org, { batchId }, all)).rows);
        const begun = await Promise.all(
          claims.map(async (each) => ((await dialing.markDialing(each, start, 1000)) ? [] : [each.attempt.token])),
        );
        const atAnswer = (await pause).filter(({ state }) => state === "starting").map(({ token }) => token);
        expect(atAnswer.sort()).toEqual(begun.flat().sort());
        expect(await leasesOf(pausing).isStarting(batchId)).toBe(atAnswer.length > 0);
      }
    });

    test("an opt-out that was answered sees every attempt that was let through, and none is let through after it", async () => {
      for (let round = 0; round < rounds; round += 1) {
        const [dialing, listing] = await openTwo();
        const batchId = await addRunning(dialing, 8);
        const { claims } = await claim(dialing);
        const numbers = claims.map(({ attempt }) => attempt.toNumber);
        const optOut = listing
          .addDoNotCall(
            org,
            numbers.map((phoneNumber) => ({ phoneNumber })),
            start,
          )
          .then(() => listing.batchesThatDial(org, numbers))
          .then(async (ids) => ({ ids, calls: (await listing.listCalls(org, { batchId }, all)).rows }));
        const begun = await Promise.all(
          claims.map(async (each) => ((await dialing.markDialing(each, start, 1000)) ? [] : [each.attempt.token])),
        );
        const { ids, calls } = await optOut;
        const atAnswer = calls.filter(({ state }) => state === "starting").map(({ token }) => token);
        expect(atAnswer.sort()).toEqual(begun.flat().sort());
        expect(ids).toEqual(atAnswer.length > 0 ? [batchId] : []);
      }
    });

    test("a batch whose last attempts end at once, in several processes, is completed", async () => {
      for (let round = 0; round < rounds; round += 1) {
        const stores = await open(4);
        const [store] = stores;
        if (!store) throw new Error("No store");
        const batchId = await addRunning(store, 4);
        const { claims } = await claim(store);
        await Promise.all(
          claims.map((each, n) => (stores[n] ?? store).complete(each, result("answered", start), answered, start)),
        );
        expect((await store.getBatch(org, batchId))?.status).toBe("completed");
      }
    });

    test("cancelling while attempts end with a retry, or are taken back, leaves nobody waiting", async () => {
      for (let round = 0; round < rounds; round += 1) {
        const [dialing, cancelling] = await openTwo();
        const batchId = await addRunning(dialing, 8);
        const { claims } = await claim(dialing, start, 6);
        await Promise.all([
          cancelling.cancelBatch(org, batchId, { status: ["sent"] }, start),
          ...claims.map((each, n) =>
            n % 2 === 0
              ? dialing.complete(each, result("busy", start), again, start)
              : dialing.release(each, "not_placed", start),
          ),
        ]);
        const counts = (await cancelling.facts([batchId], start)).get(batchId)?.counts;
        expect(counts).toMatchObject({ pending: 0, calling: 0, total: 8 });
        expect((await cancelling.getBatch(org, batchId))?.status).toBe("cancelled");
      }
    });

    test("fifty requests at once with one key create one batch", async () => {
      const stores = await open(5);
      const key = { key: "k", bodyHash: "aa" };
      const create = (n: number) => stores[n % stores.length]?.createBatch(storedBatch(), newTasks(3), key);
      const results = await Promise.all(Array.from({ length: 50 }, (_, n) => create(n)));
      expect(results.filter((each) => each?.kind === "created")).toHaveLength(1);
      expect(results.filter((each) => each?.kind === "replayed")).toHaveLength(49);
    });
  });
}
