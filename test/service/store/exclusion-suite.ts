import { describe, expect, test } from "vitest";
import type { Outcome } from "../../../src/domain/batch/batch.ts";
import type { RecentExclusion } from "../../../src/domain/batch/recent-exclusion.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { DialingWorld, numberOf, organizationId, retryAfter } from "../../support/dialing/dialing-world.ts";

const mobile = numberOf(1);
const home = numberOf(2);
const person = { toNumber: mobile, fallbackNumber: home, variables: {} };
const week: RecentExclusion = { calledWithinDays: 7 };

/** What every store must do for batches that leave out whom others called lately, as the dialer asks for it. */
export function describeExclusions(name: string, openStore: () => Promise<Store>): void {
  async function start(): Promise<DialingWorld> {
    // One process dials, so nobody has to be told every other second, for days, that it lives.
    const { leases: _, ...store } = await openStore();
    const world = new DialingWorld({ store });
    await world.start();
    return world;
  }

  /** Another batch calls that number, which ends as it is told to, and time goes on. */
  async function callBefore(world: DialingWorld, toNumber: string, outcome: Outcome = "no_answer"): Promise<string> {
    world.carrier.script(toNumber, outcome);
    const batchId = await world.addBatch({ tasks: [{ toNumber, variables: {} }] });
    await world.clock.advance({ minutes: 5 });
    return batchId;
  }

  /** Starts in an hour, so that what happens before that happens between start and dial. */
  const inAnHour = (world: DialingWorld) => new Date(world.clock.now().getTime() + 3_600_000);

  async function schedule(world: DialingWorld, exclude: RecentExclusion, tasks = [person]): Promise<string> {
    return world.addBatch({ tasks, rules: { exclude }, scheduledAt: inAnHour(world) });
  }

  describe(name, () => {
    test.each([
      ["called", mobile, week, "busy", true],
      ["called on their other number", home, week, "busy", true],
      ["reached", mobile, { reachedWithinDays: 7 }, "voicemail", true],
      ["called, and not reached", mobile, { reachedWithinDays: 7 }, "busy", false],
    ] as const)(
      "who was %s after the batch was agreed to is as its rule says",
      async (_, number, exclude, outcome, isOut) => {
        const world = await start();
        const batchId = await schedule(world, exclude);
        const waits = await schedule(world, {}, [{ ...person, toNumber: numberOf(8), fallbackNumber: numberOf(9) }]);
        await callBefore(world, number, outcome);
        world.carrier.script(mobile, "answered");
        await world.clock.advance({ hours: 2 });
        expect(world.rung.slice(1).includes(mobile)).toBe(!isOut);
        expect((await world.batch(batchId)).status).toBe("completed");
        expect((await world.batch(waits)).status).toBe("completed");
        const told = isOut
          ? { status: "cancelled", reason: "excluded", attemptCount: 0 }
          : { status: "completed", outcome: "answered" };
        expect(await world.task(batchId)).toMatchObject(told);
        expect(await world.facts(batchId)).toMatchObject({ excluded: isOut ? 1 : 0, doNotCall: 0 });
      },
    );

    test("the days are counted back from the call, and calls of a batch that does not count exclude nobody", async () => {
      const world = await start();
      const earlier = await callBefore(world, mobile);
      await world.clock.advance({ hours: 24 });
      const late = await world.addBatch({ tasks: [person], rules: { exclude: { calledWithinDays: 1 } } });
      await world.clock.advance({ minutes: 5 });
      expect(await world.task(late)).toMatchObject({ attemptCount: 2 });
      const rules = { exclude: { ...week, exceptBatchIds: [earlier, late].toSorted() } };
      const again = await world.addBatch({ tasks: [person], rules });
      await world.clock.advance({ minutes: 5 });
      expect((await world.task(again)).attemptCount).toBeGreaterThan(0);
      const other = await world.addBatch({
        tasks: [person],
        rules: { exclude: { ...week, exceptBatchIds: [earlier] } },
      });
      await world.clock.advance({ minutes: 5 });
      expect(await world.task(other)).toMatchObject({ reason: "excluded", attemptCount: 0 });
    });

    test("a batch's own calls exclude none of its retries; another's between two of them does", async () => {
      const world = await start();
      world.carrier.script(mobile, "busy");
      const rules = { ...retryAfter(60), exclude: week };
      const batchId = await world.addBatch({ tasks: [{ toNumber: mobile, variables: {} }], rules });
      await world.clock.advance({ minutes: 70 });
      expect(world.rung).toEqual([mobile, mobile]);
      await world.addBatch({ tasks: [{ toNumber: mobile, variables: {} }] });
      await world.clock.advance({ hours: 3 });
      expect(world.rung).toEqual([mobile, mobile, mobile]);
      expect(await world.task(batchId)).toMatchObject({
        status: "cancelled",
        reason: "excluded",
        outcome: "busy",
        attemptCount: 2,
      });
    });

    test("of two batches that exclude each other's people one rings a person, on whichever number", async () => {
      const world = await start();
      const at = inAnHour(world);
      const one = await world.addBatch({ tasks: [person], rules: { exclude: week }, scheduledAt: at });
      const other = await world.addBatch({
        tasks: [{ toNumber: home, fallbackNumber: mobile, variables: {} }],
        rules: { exclude: week },
        scheduledAt: at,
      });
      await world.clock.advance({ hours: 2 });
      expect(world.rung).toHaveLength(1);
      const reasons = [await world.task(one), await world.task(other)].map(({ status, reason }) => [status, reason]);
      expect(reasons).toContainEqual(["cancelled", "excluded"]);
      expect(reasons.map(([status]) => status).toSorted()).toEqual(["cancelled", "completed"]);
    });

    test("is looked at again by a carrier that hands a call over later", async () => {
      const world = await start();
      world.carrier.checksAgain = true;
      world.carrier.acceptMs = 60_000;
      const batchId = await world.addBatch({ tasks: [person], rules: { exclude: week } });
      // Meanwhile another copy of the service calls their other number.
      world.carrier.acceptMs = 0;
      await world.addBatch({ tasks: [{ toNumber: home, variables: {} }] });
      await world.clock.advance({ minutes: 5 });
      expect(world.rung).toEqual([home]);
      expect(await world.task(batchId)).toMatchObject({ status: "cancelled", reason: "excluded" });
    });

    test("a call counts that an older version made to a form which a country has retired", async () => {
      const world = await start();
      await callBefore(world, "+5215512345678");
      const tasks = [{ toNumber: "+525512345678", variables: {} }];
      const batchId = await world.addBatch({ tasks, rules: { exclude: week } });
      await world.clock.advance({ minutes: 5 });
      expect(await world.task(batchId)).toMatchObject({ reason: "excluded" });
    });

    test("calls of another organization exclude nobody", async () => {
      const world = await start();
      await world.addBatch({ organizationId: "org_2", tasks: [{ toNumber: mobile, variables: {} }] });
      await world.clock.advance({ minutes: 5 });
      const batchId = await world.addBatch({ tasks: [person], rules: { exclude: week } });
      await world.clock.advance({ minutes: 5 });
      expect(await world.store.getBatch(organizationId, batchId)).toMatchObject({ status: "completed" });
      expect(world.rung).toEqual([mobile, mobile]);
    });
  });
}
