import { describe, expect, test } from "vitest";
import { goneFromNumbers } from "../../../src/domain/batch/caller-ids.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { DialingWorld, numberOf, organizationId, retryAfter } from "../../support/dialing/dialing-world.ts";

const sanFrancisco = "+14155550100";
const newYork = "+12125550100";
const london = "+442079460100";

/** What every store must do for batches that call from several numbers. */
export function describeCallerIds(name: string, openStore: () => Promise<Store>): void {
  async function start(settings: ConstructorParameters<typeof DialingWorld>[0] = {}): Promise<DialingWorld> {
    // One process dials: nobody has to be told every other second that it lives, and those of earlier tests hear nothing.
    const { leases: _, watch: _watch, ...store } = await openStore();
    const world = new DialingWorld({ ...settings, store });
    await world.start();
    return world;
  }

  const people = (...numbers: readonly string[]) => numbers.map((toNumber) => ({ toNumber, variables: {} }));
  const inLondon = (count: number) => Array.from({ length: count }, (_, n) => `+4420794601${10 + n}`);
  const inNewYork = (count: number) => Array.from({ length: count }, (_, n) => `+121255501${10 + n}`);

  /** The most dials of one caller id within any second. */
  function fastest(world: DialingWorld, callerId: string): number {
    const times = world.carrier.dials.flatMap(({ fromNumber, at }) => (fromNumber === callerId ? [at.getTime()] : []));
    return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + 1000).length));
  }

  const from = (world: DialingWorld, toNumber: string) =>
    world.carrier.rings.filter((ring) => ring.toNumber === toNumber).map(({ fromNumber }) => fromNumber);

  describe(name, () => {
    test("each person is called from the nearest one, and the attempt says from which", async () => {
      const world = await start();
      const tasks = people("+12125550123", "+442079460123", "+14155550123", "+493023125001");
      const rules = { moreFromNumbers: [newYork, london] };
      const batchId = await world.addBatch({ tasks, rules });
      await world.clock.advance({ minutes: 2 });
      expect(tasks.flatMap(({ toNumber }) => from(world, toNumber))).toEqual([
        newYork,
        london,
        sanFrancisco,
        sanFrancisco,
      ]);
      const attempts = await world.attempts(batchId);
      expect(attempts.map(({ fromNumber }) => fromNumber)).toEqual([newYork, london, sanFrancisco, sanFrancisco]);
    });

    test("each keeps its own pace, and the batch rings as many as all of them have room for", async () => {
      const world = await start({ settings: { maxConcurrent: 100, startsPerSecond: 2 } });
      // Those of one country stand in front of all the others.
      const tasks = people(...inNewYork(12), ...inLondon(12));
      await world.addBatch({ tasks, fromNumber: newYork, rules: { moreFromNumbers: [london] } });
      expect(world.carrier.dials.map(({ fromNumber }) => fromNumber).toSorted()).toEqual([
        newYork,
        newYork,
        london,
        london,
      ]);
      await world.clock.advance({ seconds: 6 });
      expect(world.carrier.dials).toHaveLength(24);
      expect([fastest(world, newYork), fastest(world, london)]).toEqual([2, 2]);
      expect(new Set(world.rung).size).toBe(24);
      expect(inLondon(12).flatMap((toNumber) => from(world, toNumber))).toEqual(Array(12).fill(london));
    });

    test("one without room gives way to another one of the country, and not to one abroad", async () => {
      const world = await start({ settings: { maxConcurrent: 100, startsPerSecond: 1 } });
      await world.addBatch({ tasks: people(...inNewYork(4)), rules: { moreFromNumbers: [london, newYork] } });
      expect(new Set(world.carrier.dials.map(({ fromNumber }) => fromNumber))).toEqual(
        new Set([newYork, sanFrancisco]),
      );
      expect(world.carrier.dials).toHaveLength(2);
      await world.clock.advance({ seconds: 3 });
      expect(world.carrier.dials).toHaveLength(4);
      expect(world.carrier.dials.some(({ fromNumber }) => fromNumber === london)).toBe(false);
    });

    test("its pace is shared by all batches that call from it", async () => {
      const world = await start({ settings: { maxConcurrent: 100, startsPerSecond: 2 } });
      await world.addBatch({ recipients: 6, fromNumber: newYork });
      await world.addBatch({
        recipients: 6,
        firstNumber: 101,
        fromNumber: london,
        rules: { moreFromNumbers: [newYork] },
      });
      await world.clock.advance({ seconds: 10 });
      expect(world.carrier.dials).toHaveLength(12);
      expect(fastest(world, newYork)).toBe(2);
    });

    test("who is called again is called from the same one, also when the nearest had no room at first", async () => {
      const world = await start({ settings: { maxConcurrent: 100, startsPerSecond: 1 } });
      const [first = "", second = ""] = inNewYork(2);
      for (const toNumber of [first, second]) world.carrier.script(toNumber, "busy");
      await world.addBatch({ tasks: people(first, second), rules: { ...retryAfter(10), moreFromNumbers: [newYork] } });
      await world.clock.advance({ hours: 1 });
      expect([from(world, first), from(world, second)]).toEqual([Array(3).fill(newYork), Array(3).fill(sanFrancisco)]);
    });

    test("one that the account does not have any more is left out, and holds the batch where none is left", async () => {
      const world = await start();
      world.carrier.gone.add(newYork);
      const rules = { moreFromNumbers: [sanFrancisco] };
      const batchId = await world.addBatch({ tasks: people(...inNewYork(8)), fromNumber: newYork, rules });
      await world.clock.advance({ seconds: 5 });
      expect(world.rung).toHaveLength(8);
      expect(world.carrier.rings.every(({ fromNumber }) => fromNumber === sanFrancisco)).toBe(true);
      world.carrier.gone.add(sanFrancisco);
      const held = await world.addBatch({ tasks: people(...inLondon(3)), fromNumber: newYork, rules });
      await world.clock.advance({ seconds: 5 });
      expect(await world.batch(held)).toMatchObject({ status: "sent", isPaused: true });
      expect((await world.batch(held)).heldReason).toMatch(
        /no such caller id.*update_batch.*more_from_numbers.*from_batch and another from_number.* Then resume the batch\.$/,
      );
      expect(world.rung).toHaveLength(8);
      world.carrier.gone.clear();
      await world.resume(held);
      await world.clock.advance({ minutes: 15 });
      expect(world.rung).toHaveLength(11);
      expect((await world.batch(batchId)).status).toBe("completed");
    });

    test("one that is left out is kept with the batch: a process that starts then leaves it out as well, and it is tried again in time", async () => {
      const world = await start({ settings: { maxConcurrent: 1, startsPerSecond: 5 } });
      world.carrier.gone.add(newYork);
      const setup = {
        tasks: people(...inNewYork(60)),
        fromNumber: newYork,
        rules: { moreFromNumbers: [sanFrancisco] },
      };
      const batchId = await world.addBatch(setup);
      await world.clock.advance({ minutes: 1 });
      const tried = () => world.carrier.dials.filter(({ fromNumber }) => fromNumber === newYork).length;
      const gone = async () => goneFromNumbers(await world.batch(batchId));
      expect([tried(), await gone()]).toEqual([1, [newYork]]);
      await world.start();
      await world.clock.advance({ minutes: 7 });
      expect([tried(), await gone()]).toEqual([1, [newYork]]);
      // Ten minutes after it was tried last it still is gone, ten minutes later it is back.
      await world.clock.advance({ minutes: 3 });
      expect([tried(), await gone()]).toEqual([2, [newYork]]);
      world.carrier.gone.clear();
      await world.clock.advance({ minutes: 10 });
      expect(world.carrier.rings.at(-1)?.fromNumber).toBe(newYork);
      expect(await gone()).toBeUndefined();
      await world.clock.advance({ hours: 1 });
      expect(new Set(world.rung).size).toBe(60);
      expect(world.rung).toHaveLength(60);
    });

    test("all of them are shown while a batch is held for them, and tried again when it is resumed or gets others", async () => {
      const world = await start();
      for (const number of [newYork, sanFrancisco]) world.carrier.gone.add(number);
      const rules = { moreFromNumbers: [sanFrancisco] };
      const batchId = await world.addBatch({ tasks: people(...inNewYork(3)), fromNumber: newYork, rules });
      await world.clock.advance({ seconds: 5 });
      expect((await world.batch(batchId)).heldReason).toContain("no such caller id");
      expect(goneFromNumbers(await world.batch(batchId))).toEqual([newYork, sanFrancisco]);
      const before = world.carrier.dials.length;
      await world.resume(batchId);
      await world.clock.advance({ seconds: 5 });
      const tried = world.carrier.dials.slice(before).map(({ fromNumber }) => fromNumber);
      expect(new Set(tried)).toEqual(new Set([newYork, sanFrancisco]));
      expect(await world.batch(batchId)).toMatchObject({ isPaused: true });
      const toLondon = { rules: { moreFromNumbers: [london] } };
      const { clock, store } = world;
      await store.changeBatch(organizationId, batchId, { status: ["sent"] }, () => toLondon, clock.now());
      expect(goneFromNumbers(await world.batch(batchId))).toBeUndefined();
      await world.resume(batchId);
      await world.clock.advance({ minutes: 1 });
      expect(inNewYork(3).flatMap((toNumber) => from(world, toNumber))).toEqual([london, london, london]);
      expect(goneFromNumbers(await world.batch(batchId))).toEqual([newYork]);
    });

    test("who is passed over stays in line, new people and retries alike", async () => {
      const world = await start({ settings: { maxConcurrent: 100, startsPerSecond: 1 } });
      const [retried = "", ...others] = inNewYork(15);
      world.carrier.script(retried, "busy");
      const tasks = people(retried, ...others, ...inLondon(2), numberOf(1));
      const rules = { ...retryAfter(1), moreFromNumbers: [london] };
      await world.addBatch({ tasks, fromNumber: newYork, rules });
      await world.clock.advance({ seconds: 1 });
      expect(inLondon(2).flatMap((toNumber) => from(world, toNumber))).toHaveLength(2);
      await world.clock.advance({ hours: 1 });
      expect(from(world, retried)).toHaveLength(3);
      expect(world.rung).toHaveLength(3 + 14 + 2 + 1);
    });
  });
}
