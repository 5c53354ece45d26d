import { describe, expect, test } from "vitest";
import type { Outcome } from "../../../src/domain/batch/batch.ts";
import type { CallingRules } from "../../../src/domain/batch/plan.ts";
import type { Canary, Steering } from "../../../src/domain/batch/steering.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { DialingWorld, numberOf, organizationId, retryAfter } from "../../support/dialing/dialing-world.ts";

const tenth: Canary = { share: 10, pauseIf: [], afterwards: "pause" };

/** What every store must do for batches that are tried on few people first, end by themselves, and are given another pace. */
export function describeSteering(name: string, openStore: () => Promise<Store>): void {
  async function start(settings: ConstructorParameters<typeof DialingWorld>[0] = {}): Promise<DialingWorld> {
    // One process dials: nobody has to be told every other second that it lives, and those of earlier tests hear nothing.
    const { leases: _, watch: _watch, ...store } = await openStore();
    const world = new DialingWorld({ ...settings, store });
    await world.start();
    return world;
  }

  async function steer(world: DialingWorld, batchId: string, steering: Steering): Promise<void> {
    const now = world.clock.now();
    await world.store.changeBatch(organizationId, batchId, { status: ["sent"] }, () => ({ steering }), now);
    world.dialer.wake();
    await world.clock.settle();
  }

  function script(world: DialingWorld, outcome: Outcome, ...numbers: readonly number[]): void {
    for (const n of numbers) world.carrier.script(numberOf(n), outcome);
  }

  describe(name, () => {
    test("a canary calls its share and nobody else, then waits for a person, whose resume lets the others be called", async () => {
      const world = await start();
      const batchId = await world.addBatch({ recipients: 45, rules: { canary: tenth } });
      expect(world.rung).toHaveLength(5);
      await world.clock.advance({ hours: 3 });
      expect(world.rung.toSorted()).toEqual([1, 2, 3, 4, 5].map(numberOf));
      const held = await world.batch(batchId);
      expect(held).toMatchObject({ status: "sent", isPaused: true, steering: { canary: { state: "held" } } });
      expect(held.heldReason).toBe(
        "The first 5 people were called: 5 answered (100%), 0 failed (0%); they are to be looked at. Nobody else is called until resume_batch, which goes on with the other 40.",
      );
      expect((await world.facts(batchId)).grant?.state).toBe("ended");
      await world.resume(batchId);
      await world.clock.advance({ minutes: 30 });
      expect(world.rung).toHaveLength(45);
      expect((await world.batch(batchId)).status).toBe("completed");
    });

    test.each([
      ["failed", "failed", { measure: "failed", abovePercent: 20 }, 2, 3, "3 failed (30%), more than 20%"],
      ["answered", "busy", { measure: "answered", belowPercent: 50 }, 5, 6, "4 answered (40%), less than 50%"],
    ] as const)(
      "a canary holds its batch by its limit for %s, and goes on at the limit",
      async (_, outcome, limit, kept, broken, told) => {
        const canary: Canary = { count: 10, pauseIf: [limit], afterwards: "go_on" };
        for (const bad of [kept, broken]) {
          const world = await start();
          script(world, outcome, ...Array.from({ length: bad }, (_, n) => n + 1));
          const batchId = await world.addBatch({ recipients: 30, rules: { canary } });
          await world.clock.advance({ hours: 1 });
          const batch = await world.batch(batchId);
          expect(world.rung).toHaveLength(bad === kept ? 30 : 10);
          expect(batch.isPaused).toBe(bad === broken);
          expect(batch.steering?.canary?.state).toBe(bad === broken ? "held" : "passed");
          if (bad === broken) expect(batch.heldReason).toContain(`The first 10 people were called: ${told}.`);
        }
      },
    );

    test("a canary holds its batch when too many ask on the phone not to be called again", async () => {
      const world = await start();
      const limit = { measure: "opt_out", abovePercent: 2 } as const;
      world.carrier.say(numberOf(3), { optOut: true });
      const canary: Canary = { count: 20, pauseIf: [limit], afterwards: "go_on" };
      const batchId = await world.addBatch({ recipients: 40, rules: { canary } });
      await world.clock.advance({ hours: 1 });
      expect(world.rung).toHaveLength(20);
      expect((await world.batch(batchId)).heldReason).toContain("1 asked not to be called again (5%), more than 2%");
    });

    test("retries of the canary's people are called while it is open, and a list that it holds whole is not held", async () => {
      const world = await start();
      script(world, "busy", 1, 2, 3);
      world.carrier.callMs = 45 * 60_000;
      const canary: Canary = { count: 3, pauseIf: [], afterwards: "pause" };
      const batchId = await world.addBatch({ recipients: 3, rules: { canary, ...retryAfter(10) } });
      await world.clock.advance({ hours: 5 });
      expect(world.rung).toHaveLength(9);
      expect(await world.batch(batchId)).toMatchObject({ status: "completed", isPaused: false });
    });

    test("who of the canary could not be dialed makes room for the next", async () => {
      const world = await start();
      const canary: Canary = { count: 3, pauseIf: [], afterwards: "pause" };
      const at = new Date(world.clock.now().getTime() + 60_000);
      const batchId = await world.addBatch({ recipients: 9, rules: { canary }, scheduledAt: at });
      const blocked = { phoneNumber: numberOf(2), addedAt: world.clock.now() };
      await world.store.addDoNotCall(organizationId, [blocked], world.clock.now());
      await world.clock.advance({ hours: 1 });
      expect(world.rung.toSorted()).toEqual([1, 3, 4].map(numberOf));
      expect((await world.batch(batchId)).isPaused).toBe(true);
    });

    test("a budget is never exceeded, retries and refused dials included, and ends the batch with the reason", async () => {
      const world = await start();
      script(world, "busy", ...Array.from({ length: 40 }, (_, n) => n + 1));
      world.carrier.faults = ["refused", "refused", "lost_answer"];
      const rules: CallingRules = { ...retryAfter(1), stopWhen: { calls: 17 } };
      const batchId = await world.addBatch({ recipients: 12, rules });
      await world.clock.advance({ hours: 6 });
      expect(world.rung).toHaveLength(17);
      expect(await world.batch(batchId)).toMatchObject({
        status: "completed",
        steering: { stopped: "stop_when: all 17 calls of the budget were made" },
      });
      const reasons = (await world.tasks(batchId)).filter(({ status }) => status === "cancelled");
      expect(reasons.length).toBeGreaterThan(0);
      expect(reasons.every(({ reason }) => reason === "stop_when: all 17 calls of the budget were made")).toBe(true);
    });

    test("a batch ends when so many were answered: calls in progress go on, and no other begins", async () => {
      const world = await start({ settings: { maxConcurrent: 4 } });
      const rules: CallingRules = { stopWhen: { outcome: "answered", count: 6 } };
      const batchId = await world.addBatch({ recipients: 30, rules });
      await world.clock.advance({ hours: 1 });
      expect(world.rung.length).toBeGreaterThanOrEqual(6);
      expect(world.rung.length).toBeLessThan(6 + 4);
      expect((await world.batch(batchId)).steering?.stopped).toMatch(
        /^stop_when: \d of 6 people have the outcome answered$/,
      );
      expect((await world.batch(batchId)).status).toBe("completed");
    });

    test("a batch ends when so many gave an answer with that value", async () => {
      const world = await start({ settings: { maxConcurrent: 1 } });
      for (const n of [2, 3, 5, 6])
        world.carrier.answers.set(numberOf(n), [{ name: "confirmed", value: n === 3 ? "no" : "yes" }]);
      const rules: CallingRules = { stopWhen: { answer: "confirmed", value: "yes", count: 2 } };
      const batchId = await world.addBatch({ recipients: 9, rules });
      await world.clock.advance({ hours: 1 });
      expect(world.rung).toEqual([1, 2, 3, 4, 5].map(numberOf));
      expect((await world.batch(batchId)).steering?.stopped).toBe("stop_when: 2 of 2 people answered confirmed: yes");
    });

    test("a batch ends at its time, whatever is due then", async () => {
      const world = await start({ settings: { maxConcurrent: 1 } });
      script(world, "busy", 1);
      const at = world.clock.now().getTime() + 20 * 60_000;
      const rules: CallingRules = { ...retryAfter(60), stopWhen: { atMs: at } };
      const batchId = await world.addBatch({ recipients: 1, rules });
      await world.clock.advance({ minutes: 19 });
      expect((await world.batch(batchId)).status).toBe("sent");
      await world.clock.advance({ minutes: 2 });
      expect((await world.batch(batchId)).status).toBe("completed");
      expect(await world.task(batchId)).toMatchObject({ status: "cancelled", attemptCount: 1 });
    });

    test("pace holds at once on a running batch, up and down, and never above what the operator allows", async () => {
      const world = await start({ settings: { maxConcurrent: 8, startsPerSecond: 50 } });
      world.carrier.callMs = 10_000;
      const batchId = await world.addBatch({ recipients: 200 });
      const ongoing = async () => (await world.facts(batchId)).counts.calling;
      expect(await ongoing()).toBe(8);
      await steer(world, batchId, { pace: { atOnce: 4 } });
      await world.clock.advance({ seconds: 11 });
      expect(await ongoing()).toBe(4);
      await steer(world, batchId, { pace: { atOnce: 6 } });
      expect(await ongoing()).toBe(6);
      await steer(world, batchId, { pace: { atOnce: 100 } });
      expect(await ongoing()).toBe(8);
    });

    test("starts a second of a batch hold beside those of its caller id, and another batch keeps its own", async () => {
      const world = await start({ settings: { maxConcurrent: 100, startsPerSecond: 20 } });
      const slow = await world.addBatch({ recipients: 30, scheduledAt: new Date(world.clock.now().getTime() + 1000) });
      await world.store.changeBatch(
        organizationId,
        slow,
        { status: ["scheduled"] },
        () => ({ steering: { pace: { perSecond: 2 } } }),
        world.clock.now(),
      );
      const other = await world.addBatch({ recipients: 5, firstNumber: 101, fromNumber: "+14155550101" });
      await world.clock.advance({ seconds: 4 });
      const rings = world.carrier.rings.map(({ toNumber, at }) => ({ toNumber, at: at.getTime() }));
      const [first = 0] = rings.flatMap(({ toNumber, at }) => (toNumber === numberOf(1) ? [at] : []));
      const ofSlow = rings.filter(({ toNumber }) => toNumber < numberOf(101));
      for (const second of [0, 1, 2])
        expect(ofSlow.filter(({ at }) => Math.floor((at - first) / 1000) === second)).toHaveLength(2);
      expect((await world.facts(other)).sent).toBe(5);
    });

    /** Three batches of one campaign, of 20 people each, that begin together. */
    async function addCampaign(world: DialingWorld, rules: CallingRules, campaignId = "campaign_1"): Promise<string[]> {
      const scheduledAt = new Date(world.clock.now().getTime() + 60_000);
      const ids: string[] = [];
      for (const firstNumber of [1, 21, 41])
        ids.push(await world.addBatch({ recipients: 20, firstNumber, rules, campaignId, scheduledAt }));
      return ids;
    }

    const statesOf = (world: DialingWorld, ids: readonly string[]) =>
      Promise.all(ids.map(async (id) => (await world.facts(id)).grant?.state));

    test("the canary of a campaign is a share of all its people; it holds all batches at once, and each goes on when it is resumed", async () => {
      const world = await start();
      const ids = await addCampaign(world, { canary: tenth });
      const later = await world.addBatch({
        recipients: 20,
        firstNumber: 61,
        rules: { canary: tenth },
        campaignId: "campaign_1",
        scheduledAt: new Date(world.clock.now().getTime() + 4 * 3_600_000),
      });
      await world.clock.advance({ hours: 3 });
      expect(world.rung).toHaveLength(8);
      const why = "The first 8 people were called: 8 answered (100%), 0 failed (0%); they are to be looked at.";
      const heldReason = `${why} Nobody else is called until resume_batch, which goes on with the other 72.`;
      for (const id of [...ids, later])
        expect(await world.batch(id)).toMatchObject({ isPaused: true, heldReason, steering: { canary: { why } } });
      expect(await statesOf(world, [...ids, later])).toEqual(["ended", "ended", "ended", "ended"]);
      await world.clock.advance({ hours: 2 });
      expect(world.rung).toHaveLength(8);
      for (const id of ids) await world.resume(id);
      await world.clock.advance({ minutes: 30 });
      expect(world.rung).toHaveLength(60);
    });

    test("the canary of a campaign holds what was paused too, whose agreement could be taken up again, and makes a draft another state", async () => {
      const world = await start();
      const [paused = "", ...ids] = await addCampaign(world, { canary: tenth });
      await world.pause(paused);
      const change = () => ({ status: "draft" }) as const;
      const draft = ids.pop() ?? "";
      await world.store.changeBatch(organizationId, draft, { status: ["scheduled"] }, change, world.clock.now());
      const before = (await world.batch(draft)).stateVersion;
      await world.clock.advance({ hours: 1 });
      expect(world.rung).toHaveLength(6);
      expect(await world.batch(paused)).toMatchObject({
        isPaused: true,
        heldReason: expect.stringContaining("first 6"),
      });
      expect((await world.facts(paused)).grant?.state).toBe("ended");
      expect(await world.batch(draft)).toMatchObject({ status: "draft", steering: { canary: { state: "held" } } });
      expect((await world.batch(draft)).stateVersion).toBeGreaterThan(before);
    });

    test("the canary of a campaign passes once, and a batch that joins it later goes by that", async () => {
      const world = await start();
      const canary: Canary = { count: 6, pauseIf: [], afterwards: "go_on" };
      await addCampaign(world, { canary });
      await world.clock.advance({ hours: 1 });
      expect(world.rung).toHaveLength(60);
      const joined = await world.addBatch({
        recipients: 9,
        firstNumber: 61,
        rules: { canary },
        campaignId: "campaign_1",
      });
      await world.clock.advance({ minutes: 10 });
      expect((await world.batch(joined)).steering?.canary?.state).toBe("passed");
      expect(world.rung).toHaveLength(69);
    });

    test("the budget of a campaign is never exceeded, and ends what runs, what is paused and what is yet to begin", async () => {
      const world = await start();
      script(world, "busy", ...Array.from({ length: 60 }, (_, n) => n + 1));
      const rules: CallingRules = { ...retryAfter(1), stopWhen: { calls: 25 } };
      const ids = await addCampaign(world, rules);
      const later = await world.addBatch({
        recipients: 5,
        firstNumber: 61,
        rules,
        campaignId: "campaign_1",
        scheduledAt: new Date(world.clock.now().getTime() + 4 * 3_600_000),
      });
      await world.pause(ids[2] ?? "");
      const other = await world.addBatch({ recipients: 3, firstNumber: 101, campaignId: "campaign_2" });
      await world.clock.advance({ hours: 6 });
      expect(world.rung.filter((number) => number < numberOf(101))).toHaveLength(25);
      const states = await Promise.all([...ids, later].map(async (id) => (await world.batch(id)).status));
      expect(states).toEqual(["completed", "completed", "cancelled", "cancelled"]);
      for (const id of [...ids, later])
        expect((await world.batch(id)).steering?.stopped).toBe("stop_when: all 25 calls of the budget were made");
      expect((await world.facts(other)).sent).toBe(3);
    });

    test("a campaign ends when so many of all its people were answered", async () => {
      const world = await start({ settings: { maxConcurrent: 3 } });
      const ids = await addCampaign(world, { stopWhen: { outcome: "answered", count: 9 } });
      await world.clock.advance({ hours: 1 });
      expect(world.rung.length).toBeGreaterThanOrEqual(9);
      expect(world.rung.length).toBeLessThan(9 + 3);
      for (const id of ids) expect((await world.batch(id)).status).toBe("completed");
    });

    test("pace is that of the campaign: at once and a second are counted over all its batches, whichever of them it is given", async () => {
      const world = await start({ settings: { maxConcurrent: 12, startsPerSecond: 50 } });
      world.carrier.callMs = 10_000;
      const ids = await addCampaign(world, {});
      const [first = "", second = ""] = ids;
      const ongoing = async () => {
        const facts = await Promise.all(ids.map((id) => world.facts(id)));
        return facts.reduce((sum, { counts }) => sum + counts.calling, 0);
      };
      const setPace = async (id: string, pace: Steering["pace"]) => {
        await world.store.setPace(organizationId, id, pace ?? {}, world.clock.now());
        world.dialer.wake();
        await world.clock.settle();
      };
      await world.clock.advance({ minutes: 1 });
      expect(await ongoing()).toBe(12);
      await setPace(first, { atOnce: 6 });
      await world.clock.advance({ seconds: 11 });
      expect(await ongoing()).toBe(6);
      await setPace(second, { atOnce: 9 });
      expect(await ongoing()).toBe(9);
      await setPace(second, { perSecond: 2 });
      const from = world.clock.now().getTime();
      await world.clock.advance({ seconds: 11 });
      const rings = world.carrier.rings.map(({ at }) => at.getTime()).filter((at) => at > from + 1000);
      for (const at of rings) expect(rings.filter((other) => other >= at && other < at + 1000).length).toBeLessThan(3);
      expect(rings.length).toBeGreaterThan(0);
    });
  });
}
