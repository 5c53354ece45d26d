import { describe, expect, test } from "vitest";
import type { CallResult } from "../../../src/contract/records.ts";
import type { RetryDecision } from "../../../src/domain/retry-rules.ts";
import type { Claim } from "../../../src/service/store/dial-store.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { type BatchSetup, DialingWorld, numberOf, organizationId } from "../../support/dialing/dialing-world.ts";

const hourMs = 60 * 60 * 1000;
const ended: RetryDecision = { kind: "final", status: "completed", reason: "over" };

/** What every store tells of the last calls to numbers. */
export function describeRecentCalls(name: string, openStore: () => Promise<Store>): void {
  const open = async (): Promise<DialingWorld> => new DialingWorld({ store: await openStore() });

  async function claim(world: DialingWorld): Promise<readonly Claim[]> {
    const { claims } = await world.store.claim({
      now: world.clock.now(),
      isOpen: () => true,
      limit: 50,
      ...world.settings,
    });
    return claims;
  }

  /** Ends the calls that are due, each by its number. */
  async function call(world: DialingWorld, outcomes: Readonly<Record<string, CallResult["outcome"] | "unknown">>) {
    const now = world.clock.now();
    for (const one of await claim(world)) {
      const outcome = outcomes[one.attempt.toNumber];
      const times = { startedAt: now, endedAt: now, ringMs: 0, talkMs: 0 };
      if (outcome === "unknown") await world.store.complete(one, outcome, ended, now);
      else if (outcome) await world.store.complete(one, { outcome, ...times }, ended, now);
    }
  }

  const sorted = <T extends { readonly toNumber: string }>(calls: readonly T[]) =>
    calls.toSorted((a, b) => (a.toNumber < b.toNumber ? -1 : 1));

  describe(name, () => {
    test("each number has its last call, and the last one that reached somebody, or may have", async () => {
      const world = await open();
      const [answered, missed, unknown, going, never] = [1, 2, 3, 4, 5].map(numberOf) as [
        string,
        string,
        string,
        string,
        string,
      ];
      const batchId = await world.addBatch({ recipients: 4 });
      const at = world.clock.now();
      await call(world, { [answered]: "answered", [missed]: "no_answer", [unknown]: "unknown" });
      const query = { numbers: [answered, missed, unknown, going, never], since: new Date(at.getTime() - 1000) };
      const call_ = { calledAt: at, batchId };
      const reached = { at, batchId };
      const over = { reached, reachedAndOver: reached };
      expect(sorted(await world.store.recentCalls(organizationId, query))).toEqual([
        { toNumber: answered, ...call_, ...over },
        { toNumber: missed, ...call_ },
        { toNumber: unknown, ...call_, ...over },
        { toNumber: going, ...call_, reached },
      ]);
      expect(await world.store.recentCalls("org_2", query)).toEqual([]);
      expect(await world.store.recentCalls(organizationId, { ...query, exceptBatchIds: [batchId] })).toEqual([]);
    });

    test("a later batch that reached nobody does not hide whom an earlier one reached", async () => {
      const world = await open();
      const first = await world.addBatch();
      const firstAt = world.clock.now();
      await call(world, { [numberOf(1)]: "voicemail" });
      await world.clock.advance({ hours: 30 });
      const second = await world.addBatch();
      const secondAt = world.clock.now();
      await call(world, { [numberOf(1)]: "busy" });
      const ask = (since: Date, exceptBatchId?: string) =>
        world.store.recentCalls(organizationId, {
          numbers: [numberOf(1)],
          since,
          ...(exceptBatchId !== undefined && { exceptBatchIds: [exceptBatchId] }),
        });
      const last = { toNumber: numberOf(1), calledAt: secondAt, batchId: second };
      const reached = { at: firstAt, batchId: first };
      expect(await ask(new Date(0))).toEqual([{ ...last, reached, reachedAndOver: reached }]);
      expect(await ask(new Date(firstAt.getTime() + 1))).toEqual([last]);
      expect(await ask(new Date(secondAt.getTime() + 1))).toEqual([]);
      expect(await ask(new Date(0), first)).toEqual([last]);
    });

    test("who waits is told by the batch that reached their number last, and until when", async () => {
      const world = await open();
      const first = await world.addBatch({ recipients: 3 });
      const firstAt = world.clock.now();
      await call(world, { [numberOf(1)]: "answered", [numberOf(2)]: "voicemail", [numberOf(3)]: "no_answer" });
      await world.clock.advance({ hours: 2 });
      const second = await world.addBatch();
      const secondAt = world.clock.now();
      await call(world, { [numberOf(1)]: "answered" });
      const later = { toNumber: numberOf(2), variables: {}, notBefore: new Date(firstAt.getTime() + 25 * hourMs) };
      const held = async (tasks: BatchSetup["tasks"], changes: object = {}) => {
        const batch = await world.store.getBatch(organizationId, await world.addBatch({ ...(tasks && { tasks }) }));
        if (!batch) throw new Error("The batch is gone");
        const from = world.clock.now();
        return world.store.heldByCalls(batch, { from, hours: 24, exceptNumbers: [], isLookedAt: false, ...changes });
      };
      const everybody = [1, 2, 3, 4].map((n) => ({ toNumber: numberOf(n), variables: {} }));
      const until = (at: Date) => ({
        first: new Date(at.getTime() + 24 * hourMs),
        last: new Date(at.getTime() + 24 * hourMs),
      });
      const bySecond = { batchId: second, recipients: 1, ...until(secondAt) };
      const both = [{ batchId: first, recipients: 1, ...until(firstAt) }, bySecond];
      expect((await held(everybody)).toSorted((a, b) => a.last.getTime() - b.last.getTime())).toEqual(both);
      expect(await held(everybody, { exceptNumbers: [numberOf(2)] })).toEqual([bySecond]);
      expect(await held(everybody, { from: new Date(secondAt.getTime() + 24 * hourMs) })).toEqual([]);
      expect(await held(everybody, { isLookedAt: true })).toEqual([]);
      expect(await held([later])).toEqual([]);
    });

    test("a call counts that an older version made to a form which a country has retired", async () => {
      const world = await open();
      const batchId = await world.addBatch({ tasks: [{ toNumber: "+5215512345678", variables: {} }] });
      await call(world, { "+5215512345678": "answered" });
      const query = { numbers: ["+525512345678"], since: new Date(0) };
      expect(await world.store.recentCalls(organizationId, query)).toMatchObject([
        { toNumber: "+525512345678", batchId },
      ]);
    });
  });
}
