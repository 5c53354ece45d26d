import { describe, expect, test } from "vitest";
import type { SentCall } from "../../../src/service/store/send-ledger.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { DialingWorld, numberOf } from "../../support/dialing/dialing-world.ts";

const now = new Date("2026-03-02T15:00:00Z");
const later = new Date("2026-03-02T15:10:00Z");

function call(n: number, token = `task_${n}:1`): SentCall {
  return { token, fromNumber: "+14155550100", toNumber: numberOf(n), agentId: "agent_1" };
}

/** What every store must do for a carrier that keeps its sends in it. */
export function describeSends(name: string, openStore: () => Promise<Store>): void {
  describe(name, () => {
    test("a send is found by the token of each of its calls, with what the provider calls them", async () => {
      const { sends } = await openStore();
      await sends.prepare("wave_1", [call(1), call(2)], now);
      await sends.move("wave_1", {
        from: ["prepared"],
        to: "sending",
        providerId: "b_1",
        sentAt: now,
        settlesAt: later,
      });
      await sends.nameCall("task_2:1", "call_9");
      const send = {
        reference: "wave_1",
        state: "sending",
        providerId: "b_1",
        preparedAt: now,
        sentAt: now,
        settlesAt: later,
      };
      expect(await sends.find("task_1:1")).toEqual({ send, call: call(1) });
      expect(await sends.find("task_2:1")).toEqual({ send, call: { ...call(2), providerCallId: "call_9" } });
      expect(await sends.find("task_3:1")).toBeUndefined();
    });

    test.each(["prepared", "sending", "accepted", "in_doubt", "refused"] as const)(
      "a token whose send is %s is not sent again, and nothing of the new send is kept",
      async (state) => {
        const { sends } = await openStore();
        await sends.prepare("wave_1", [call(1)], now);
        await sends.move("wave_1", { from: ["prepared"], to: state });
        await expect(sends.prepare("wave_2", [call(2), call(1)], now)).rejects.toThrow(/task_1:1 is with the provider/);
        expect((await sends.find("task_1:1"))?.send).toMatchObject({ reference: "wave_1", state });
        expect(await sends.find("task_2:1")).toBeUndefined();
        expect(await sends.move("wave_2", { from: ["prepared"], to: "sending" })).toBe(false);
      },
    );

    test("one whose send came to nothing is sent again, under another reference", async () => {
      const { sends } = await openStore();
      await sends.prepare("wave_1", [call(1)], now);
      await sends.nameCall("task_1:1", "call_9");
      await sends.move("wave_1", { from: ["prepared"], to: "not_now", isLeft: true });
      await sends.prepare("wave_2", [call(1)], later);
      expect(await sends.find("task_1:1")).toEqual({
        send: { reference: "wave_2", state: "prepared", preparedAt: later },
        call: call(1),
      });
      expect((await sends.left()).map(({ reference }) => reference)).toEqual(["wave_1"]);
    });

    test("of a batch no more calls are on the way than a wave has, also when two processes prepare at once; what rings or is over is not", async () => {
      const store = await openStore();
      const { sends } = store;
      const world = new DialingWorld({ store });
      const batchId = await world.addBatch({ recipients: 9 });
      const { claims } = await store.claim({
        ...world.settings,
        startsPerSecond: 100,
        maxConcurrent: 100,
        now: world.clock.now(),
        isOpen: () => true,
        limit: 9,
      });
      const calls = claims.map(({ attempt: { token, fromNumber, toNumber, agentId } }) => ({
        token,
        fromNumber,
        toNumber,
        agentId,
      }));
      const prepare = (reference: string, from: number, to: number) =>
        sends.prepare(reference, calls.slice(from, to), now, { batchId, most: 3 });
      const both = await Promise.all([prepare("wave_1", 0, 2), prepare("wave_2", 2, 4)]);
      expect(both.toSorted()).toEqual([false, true]);
      const mine = both[0] ? "wave_1" : "wave_2";
      const [first = calls[0], second = calls[1]] = both[0] ? calls : calls.slice(2);
      expect((await store.facts([batchId], now)).get(batchId)?.mayStillRing).toBeUndefined();
      await sends.move(mine, { from: ["prepared"], to: "accepted" });
      expect((await sends.onTheWay(batchId)).map(({ call: { token } }) => token)).toHaveLength(2);
      expect((await store.facts([batchId], now)).get(batchId)?.mayStillRing).toBe(2);
      expect(await prepare("wave_3", 4, 6)).toBe(false);
      await sends.noteRang(first?.token ?? "", now);
      expect((await store.facts([batchId], now)).get(batchId)?.mayStillRing).toBe(1);
      expect(await prepare("wave_4", 4, 6)).toBe(true);
      await sends.move("wave_4", { from: ["prepared"], to: "not_now" });
      const over = claims.find(({ attempt }) => attempt.token === second?.token);
      if (!over) throw new Error("No claim");
      await store.complete(over, "unknown", { kind: "final", status: "unknown", reason: "" }, now);
      expect(await sends.onTheWay(batchId)).toEqual([]);
      // Who is sent again has not rung yet.
      expect(await prepare("wave_5", 4, 7)).toBe(true);
      expect(await sends.onTheWay(batchId)).toHaveLength(3);
    });

    test("of two who move a send at once one does", async () => {
      const { sends } = await openStore();
      await sends.prepare("wave_1", [call(1)], now);
      const moved = await Promise.all([
        sends.move("wave_1", { from: ["prepared"], to: "sending" }),
        sends.move("wave_1", { from: ["prepared"], to: "not_now" }),
      ]);
      expect(moved.filter((isMine) => isMine)).toHaveLength(1);
      expect((await sends.find("task_1:1"))?.send.state).toBe(moved[0] ? "sending" : "not_now");
    });

    test("what came to nothing and may lie at the provider is told until it was removed", async () => {
      const { sends } = await openStore();
      for (const n of [1, 2, 3]) await sends.prepare(`wave_${n}`, [call(n)], new Date(now.getTime() + n));
      await sends.move("wave_3", { from: ["prepared"], to: "not_now", isLeft: true });
      await sends.move("wave_1", { from: ["prepared"], to: "refused", providerId: "b_1", isLeft: true, reason: "no" });
      await sends.move("wave_2", { from: ["prepared"], to: "not_now" });
      expect(await sends.left()).toMatchObject([
        { reference: "wave_1", providerId: "b_1", reason: "no" },
        { reference: "wave_3" },
      ]);
      await sends.removed("wave_1");
      expect((await sends.left()).map(({ reference }) => reference)).toEqual(["wave_3"]);
    });

    test("sends between two numbers are told, with what the provider calls them", async () => {
      const { sends } = await openStore();
      await sends.prepare("call_1", [call(1, "task_1:1")], now);
      await sends.prepare("call_2", [call(1, "task_1:2")], now);
      await sends.prepare("call_3", [call(2)], now);
      await sends.prepare("call_4", [{ ...call(1, "task_4:1"), fromNumber: "+14155550101" }], now);
      await sends.move("call_2", { from: ["prepared"], to: "accepted", providerId: "CA2" });
      const between = await sends.between("+14155550100", numberOf(1));
      expect(between.toSorted((a, b) => (a.reference < b.reference ? -1 : 1))).toEqual([
        { reference: "call_1", state: "prepared", preparedAt: now },
        { reference: "call_2", state: "accepted", preparedAt: now, providerId: "CA2" },
      ]);
    });

    test("the first who places calls of a store decides who does", async () => {
      const { sends } = await openStore();
      expect(await sends.bind("hosted", { knowsEarlierCalls: false })).toBeUndefined();
      expect(await sends.bind("hosted", { knowsEarlierCalls: false })).toBeUndefined();
      expect(await sends.bind("http", { knowsEarlierCalls: true })).toBe("hosted");
    });

    test("who knows nothing of calls that are under way does not take a store over", async () => {
      const store = await openStore();
      const world = new DialingWorld({ store });
      await world.addBatch();
      await store.claim({ ...world.settings, now: world.clock.now(), isOpen: () => true, limit: 1 });
      expect(await store.sends.bind("hosted", { knowsEarlierCalls: false })).toBe("somebody");
      expect(await store.sends.bind("http", { knowsEarlierCalls: true })).toBeUndefined();
      expect(await store.sends.bind("hosted", { knowsEarlierCalls: false })).toBe("http");
    });
  });
}
