import fc from "fast-check";
import { expect, test } from "vitest";
import { callerIdsFor, callerIdsOf } from "../../../src/domain/batch/caller-ids.ts";
import { unlimited } from "../../../src/domain/batch/steering.ts";
import {
  allocateSlots,
  type SlotLimits,
  type SlotUsage,
  toSlotQueue,
} from "../../../src/service/store/allocate-slots.ts";
import type { DueTask } from "../../../src/service/store/due-task.ts";
import type { StoredBatch } from "../../../src/service/store/records.ts";

const now = new Date("2026-03-02T15:00:00Z");
const roomy: SlotLimits = { now, limit: 50, maxConcurrent: 1000, startsPerSecond: 1000 };
const unused: SlotUsage = {
  openOfOrganization: () => 0,
  openOfBatch: () => 0,
  startsOf: () => [],
  openOfCampaign: () => 0,
  startsOfCampaign: () => [],
  allowanceOf: () => unlimited,
};

function batch(id: string, organizationId = "org_1", fromNumber = "+14155550100"): StoredBatch {
  return {
    id,
    organizationId,
    fromNumber,
    name: id,
    agentId: "agent_1",
    timezone: "UTC",
    status: "sent",
    isPaused: false,
    stateVersion: 0,
    rules: {},
    duplicatesRemoved: 0,
    createdAt: now,
    updatedAt: now,
    listDigest: "",
    contentDigest: "",
    maxAttempts: 1,
  };
}

function turnsOf(owner: StoredBatch, count: number, of: Partial<DueTask> = {}): DueTask[] {
  return Array.from({ length: count }, (_, n) => {
    return {
      batch: owner,
      taskId: `${owner.id}/${n + 1}`,
      toNumber: `+1201555${String(n).padStart(4, "0")}`,
      isRetry: false,
      dueMs: 0,
      row: n + 1,
      ...of,
    };
  });
}

function dealt(
  lines: readonly (readonly [StoredBatch, readonly DueTask[]])[],
  limits: Partial<SlotLimits>,
  usage = unused,
) {
  const turns: DueTask[] = [];
  const queues = lines.map(([owner, line]) => toSlotQueue(owner, line));
  const callerIds: string[] = [];
  const paceOpensAt = allocateSlots(queues, usage, { ...roomy, ...limits }, (turn, callerId) => {
    callerIds.push(callerId);
    return turns.push(turn) > 0;
  });
  return { turns, callerIds, ids: turns.map(({ taskId }) => taskId), paceOpensAt };
}

const countOf = (turns: readonly DueTask[], has: (owner: StoredBatch) => boolean): number =>
  turns.filter((turn) => has(turn.batch)).length;

const [large, small] = [batch("large"), batch("small")];

test("free places go to the batches by turns", () => {
  const lines = [[large, turnsOf(large, 100)] as const, [small, turnsOf(small, 2)] as const];
  expect(dealt(lines, { maxConcurrent: 5 }).ids).toEqual(["large/1", "small/1", "large/2", "small/2", "large/3"]);
});

test("a batch that has many calls in progress waits until the others have as many", () => {
  const usage = { ...unused, openOfOrganization: () => 8, openOfBatch: (id: string) => (id === "large" ? 8 : 0) };
  const lines = [[large, turnsOf(large, 100)] as const, [small, turnsOf(small, 5)] as const];
  expect(dealt(lines, { maxConcurrent: 10 }, usage).ids).toEqual(["small/1", "small/2"]);
});

test("between batches with as many calls those never dialed come before retries, then the earlier due", () => {
  const third = batch("third");
  const lines = [
    [large, turnsOf(large, 1, { isRetry: true, dueMs: 1 })],
    [small, turnsOf(small, 1, { dueMs: 9 })],
    [third, turnsOf(third, 1, { dueMs: 5 })],
  ] as const;
  expect(dealt(lines, {}).ids).toEqual(["third/1", "small/1", "large/1"]);
});

test("between batches with as many calls the one that was dialed the longest ago is first", () => {
  const recent = { ...large, lastDialAt: now };
  const older = { ...small, lastDialAt: new Date(now.getTime() - 1) };
  const lines = [[recent, turnsOf(recent, 1)] as const, [older, turnsOf(older, 1, { isRetry: true })] as const];
  expect(dealt(lines, { maxConcurrent: 1 }).ids).toEqual(["small/1"]);
});

test("a batch at its own limit, or whose caller id is at its pace, leaves the places to others", () => {
  const other = batch("other", "org_1", "+14155550111");
  const lines = [[large, turnsOf(large, 100)] as const, [other, turnsOf(other, 3)] as const];
  expect(dealt(lines, { maxConcurrentPerBatch: 1 }).ids).toEqual(["large/1", "other/1"]);
  const usage = { ...unused, startsOf: (from: string) => (from === large.fromNumber ? [now] : []) };
  expect(dealt(lines, { startsPerSecond: 2 }, usage).ids).toEqual(["large/1", "other/1", "other/2"]);
});

test("who is held back by pace alone opens when the oldest start that blocks leaves the second", () => {
  const ago = (ms: number): Date => new Date(now.getTime() - ms);
  const usage = { ...unused, startsOf: () => [ago(100), ago(300), ago(900)] };
  const lines = [[large, turnsOf(large, 1)] as const];
  expect(dealt(lines, { startsPerSecond: 2 }, usage).paceOpensAt).toEqual(ago(300 - 1000));
  expect(dealt(lines, { startsPerSecond: 2, maxConcurrent: 0 }, usage).paceOpensAt).toBeUndefined();
});

const line = fc.record({
  organizationId: fc.constantFrom("org_1", "org_2"),
  fromNumber: fc.constantFrom("+14155550100", "+14155550111", "+442079460018"),
  waiting: fc.nat(12),
  open: fc.nat(6),
});
const caps = fc.record({
  limit: fc.nat(20),
  maxConcurrent: fc.nat(12),
  maxConcurrentPerBatch: fc.nat(6),
  startsPerSecond: fc.nat(8),
});

test("no allocation exceeds a limit, leaves a place empty that somebody could take, or gives one batch more than its share", () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), caps, (setup, limits) => {
      const batches = setup.map((of, n) => ({ ...of, owner: batch(`b${n}`, of.organizationId, of.fromNumber) }));
      const openOf = (has: (of: (typeof batches)[number]) => boolean): number =>
        batches.filter(has).reduce((sum, { open }) => sum + open, 0);
      const usage: SlotUsage = {
        ...unused,
        openOfOrganization: (id) => openOf(({ organizationId }) => organizationId === id),
        openOfBatch: (id) => openOf(({ owner }) => owner.id === id),
      };
      const lines = batches.map(({ owner, waiting }) => [owner, turnsOf(owner, waiting)] as const);
      const { turns } = dealt(lines, limits, usage);

      const left = batches.map(({ owner, waiting, open, organizationId, fromNumber }) => {
        const taken = countOf(turns, ({ id }) => id === owner.id);
        const ofOrganization = countOf(turns, (other) => other.organizationId === organizationId);
        const inOrganization = limits.maxConcurrent - usage.openOfOrganization(organizationId) - ofOrganization;
        const starts = limits.startsPerSecond - countOf(turns, (other) => other.fromNumber === fromNumber);
        const inBatch = limits.maxConcurrentPerBatch - open - taken;
        if (taken > 0) expect(Math.min(inOrganization, inBatch, starts)).toBeGreaterThanOrEqual(0);
        const couldTake = waiting > taken && Math.min(inOrganization, inBatch) > 0 && starts > 0;
        return {
          taken,
          inProgress: open + taken,
          couldTake,
          canGrow: waiting > taken && inBatch > 0,
          fromNumber,
          organizationId,
        };
      });
      expect(turns.length).toBeLessThanOrEqual(limits.limit);
      if (turns.length < limits.limit) expect(left.some(({ couldTake }) => couldTake)).toBe(false);
      for (const winner of left.filter(({ taken }) => taken > 0)) {
        const alike = left.filter(
          ({ fromNumber, organizationId, canGrow }) =>
            canGrow && fromNumber === winner.fromNumber && organizationId === winner.organizationId,
        );
        for (const loser of alike) expect(winner.inProgress - loser.inProgress).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: 500 },
  );
});

const pool = ["+14155550100", "+12125550100", "+442079460018", "+442079460019"] as const;
const callee = fc.constantFrom("+12125550123", "+14155550123", "+442079460123", "+493023125001");
const severalLines = fc.array(
  fc.record({
    callerIds: fc.uniqueArray(fc.constantFrom(...pool), { minLength: 1 }),
    people: fc.array(fc.record({ toNumber: callee, kept: fc.option(fc.constantFrom(...pool), { nil: undefined }) }), {
      maxLength: 12,
    }),
  }),
  { maxLength: 4 },
);
const used = fc.record({
  starts: fc.array(fc.constantFrom(...pool), { maxLength: 10 }),
  most: fc.integer({ min: 1, max: 4 }),
});

test("no caller id gets more starts than its pace, nobody two of them, and none is idle that somebody could be called from", () => {
  fc.assert(
    fc.property(severalLines, used, (setup, { starts, most }) => {
      const lines = setup.map(({ callerIds: [first = "", ...more], people }, n) => {
        const owner = { ...batch(`b${n}`, "org_1", first), rules: { moreFromNumbers: more } };
        const turns = turnsOf(owner, people.length).map((turn, at) => {
          const { toNumber = "", kept } = people[at] ?? {};
          return { ...turn, toNumber, ...(kept !== undefined && { isRetry: true, keptNumber: kept }) };
        });
        return [owner, turns] as const;
      });
      const usage = { ...unused, startsOf: (from: string) => starts.filter((one) => one === from).map(() => now) };
      const { turns, callerIds } = dealt(lines, { startsPerSecond: most, limit: 1000 }, usage);
      expect(new Set(turns.map(({ taskId }) => taskId)).size).toBe(turns.length);
      const usedOf = (from: string) => [...starts, ...callerIds].filter((one) => one === from).length;
      const before = (from: string) => starts.filter((one) => one === from).length;
      for (const from of pool) expect(usedOf(from)).toBeLessThanOrEqual(Math.max(most, before(from)));
      const candidatesOf = ({ batch: owner, toNumber, keptNumber }: DueTask) =>
        callerIdsFor(toNumber, callerIdsOf(owner.fromNumber, owner.rules.moreFromNumbers), keptNumber);
      for (const [at, turn] of turns.entries()) expect(candidatesOf(turn)).toContain(callerIds[at]);
      const taken = new Set(turns.map(({ taskId }) => taskId));
      const waiting = lines.flatMap(([, line]) => line.filter(({ taskId }) => !taken.has(taskId)));
      for (const turn of waiting) expect(candidatesOf(turn).every((from) => usedOf(from) >= most)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});
