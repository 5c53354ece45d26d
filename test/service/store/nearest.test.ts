import fc from "fast-check";
import { expect, test } from "vitest";
import { unlimited } from "../../../src/domain/batch/steering.ts";
import { allocateSlots, type SlotUsage, toSlotQueue } from "../../../src/service/store/allocate-slots.ts";
import type { DueTask } from "../../../src/service/store/due-task.ts";
import { nearestInTurn } from "../../../src/service/store/postgres/dialing/nearest.ts";
import type { StoredBatch } from "../../../src/service/store/records.ts";

const firstOfAll = { isRetry: false, dueMs: 0, row: 1 };
const due = (batches: readonly StoredBatch[]) => batches.map((one) => ({ batch: one, turn: firstOfAll }));

const now = new Date("2026-03-02T15:00:00Z");
const request = { now, isOpen: () => true, limit: 200, maxConcurrent: 10, startsPerSecond: 1000 };

/** The later ones were dialed longer ago. */
function batchesOf(organizationId: string, count: number): StoredBatch[] {
  return Array.from({ length: count }, (_, n) => batch(organizationId, n, now.getTime() - n * 1000));
}

function batch(organizationId: string, n: number, dialedMs: number): StoredBatch {
  return {
    id: `${organizationId}/${n}`,
    organizationId,
    fromNumber: "+14155550100",
    name: "",
    agentId: "agent_1",
    timezone: "UTC",
    status: "sent",
    isPaused: false,
    stateVersion: 0,
    ...(dialedMs > 0 && { lastDialAt: new Date(dialedMs) }),
    rules: {},
    duplicatesRemoved: 0,
    createdAt: now,
    updatedAt: now,
    listDigest: "",
    contentDigest: "",
    maxAttempts: 1,
  };
}

function usageOf(open: Readonly<Record<string, number>>): SlotUsage {
  const sum = (isCounted: (id: string) => boolean): number =>
    Object.entries(open).reduce((all, [id, n]) => (isCounted(id) ? all + n : all), 0);
  return {
    openOfOrganization: (organizationId) => sum((id) => id.startsWith(`${organizationId}/`)),
    openOfBatch: (id) => open[id] ?? 0,
    startsOf: () => [],
    openOfCampaign: () => 0,
    startsOfCampaign: () => [],
    allowanceOf: () => unlimited,
  };
}

function line(owner: StoredBatch, people: number, firstRow: number): DueTask[] {
  return Array.from({ length: people }, (_, n) => {
    const row = firstRow + n;
    return { batch: owner, taskId: `${owner.id}/${row}`, toNumber: `+1201555${row}`, isRetry: false, dueMs: 0, row };
  });
}

test("the lines that are read are those of the batches with the fewest calls, then of those dialed the longest ago", () => {
  const batches = batchesOf("a", 100);
  const { nearest, othersWait } = nearestInTurn(due(batches), usageOf({ "a/99": 1, "a/98": 1 }), request);
  expect(nearest.map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_, n) => `a/${48 + n}`));
  expect(othersWait(Array.from({ length: 7 }, () => "a"))).toBe(true);
  expect(othersWait(Array.from({ length: 8 }, () => "a"))).toBe(false);
});

test("an organization without a place has no line read, and takes none from another one", () => {
  const batches = [...batchesOf("a", 60), ...batchesOf("b", 60)];
  const { nearest, othersWait } = nearestInTurn(due(batches), usageOf({ "a/0": 10 }), request);
  expect(new Set(nearest.map(({ organizationId }) => organizationId))).toEqual(new Set(["b"]));
  expect(nearest).toHaveLength(50);
  expect(othersWait(Array.from({ length: 10 }, () => "b"))).toBe(false);
});

test("who gets a place is who would get it with all lines read, and a place that was left free is told", () => {
  const batchFacts = fc.record({
    open: fc.nat(2),
    isNew: fc.boolean(),
    people: fc.integer({ min: 1, max: 5 }),
    row: fc.integer({ min: 1, max: 3 }),
    // Most cannot take a call: the others are given several.
    room: fc.constantFrom(0, 0, 0, 0, 5),
  });
  const facts = fc.array(batchFacts, { minLength: 51, maxLength: 150 });
  const limits = fc.record({
    places: fc.integer({ min: 1, max: 40 }),
    maxConcurrentPerBatch: fc.integer({ min: 1, max: 6 }),
  });
  fc.assert(
    fc.property(facts, limits, (all, { places, maxConcurrentPerBatch }) => {
      // Some were never dialed; of the others each at an instant of its own.
      const dialedMs = (n: number) => 1 + ((n * 37) % 997);
      const batches = all.map(({ isNew, open }, n) => batch("a", n, isNew && open === 0 ? 0 : dialedMs(n)));
      const usage = usageOf(Object.fromEntries(all.map(({ open }, n) => [`a/${n}`, open])));
      const factsOf = (id: string) => all[Number(id.slice(2))] ?? { people: 0, row: 1, room: 0 };
      const maxConcurrent = usage.openOfOrganization("a") + places;
      const asked = { ...request, maxConcurrent, maxConcurrentPerBatch, roomOf: (id: string) => factsOf(id).room };
      const dealt = (read: readonly StoredBatch[], roomOf: (id: string) => number = asked.roomOf): string[] => {
        const ids: string[] = [];
        const queues = read.map((one) => {
          const { people, row } = factsOf(one.id);
          return toSlotQueue(one, line(one, people, row));
        });
        allocateSlots(queues, usage, { ...asked, roomOf }, ({ taskId }) => ids.push(taskId) > 0);
        return ids;
      };
      const { nearest, roomOf, othersWait } = nearestInTurn(
        batches.map((one) => ({ batch: one, turn: { ...firstOfAll, row: factsOf(one.id).row } })),
        usage,
        asked,
      );
      const [some, everything] = [dealt(nearest, roomOf), dealt(batches)];
      expect(some).toEqual(everything.slice(0, some.length));
      expect(some.length === everything.length || othersWait(some.map(() => "a"))).toBe(true);
    }),
    { numRuns: 300 },
  );
});
