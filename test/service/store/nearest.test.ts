import { expect, test } from "vitest";
import { unlimited } from "../../../src/domain/batch/steering.ts";
import type { SlotUsage } from "../../../src/service/store/allocate-slots.ts";
import { nearestInTurn } from "../../../src/service/store/postgres/dialing/nearest.ts";
import type { StoredBatch } from "../../../src/service/store/records.ts";

const now = new Date("2026-03-02T15:00:00Z");
const request = { now, isOpen: () => true, limit: 200, maxConcurrent: 10, startsPerSecond: 5 };

function batchesOf(organizationId: string, count: number): StoredBatch[] {
  return Array.from({ length: count }, (_, n) => ({
    id: `${organizationId}/${n}`,
    organizationId,
    fromNumber: "+14155550100",
    name: "",
    agentId: "agent_1",
    timezone: "UTC",
    status: "sent",
    isPaused: false,
    stateVersion: 0,
    // The later ones were dialed longer ago.
    lastDialAt: new Date(now.getTime() - n * 1000),
    rules: {},
    duplicatesRemoved: 0,
    createdAt: now,
    updatedAt: now,
    listDigest: "",
    contentDigest: "",
    maxAttempts: 1,
  }));
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

test("the lines that are read are those of the batches with the fewest calls, then of those dialed the longest ago", () => {
  const batches = batchesOf("a", 100);
  const { nearest, othersWait } = nearestInTurn(batches, usageOf({ "a/99": 1, "a/98": 1 }), request);
  expect(nearest.map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_, n) => `a/${97 - n}`));
  expect(othersWait(Array.from({ length: 7 }, () => "a"))).toBe(true);
  expect(othersWait(Array.from({ length: 8 }, () => "a"))).toBe(false);
});

test("none of them may have more than one call more than the next one whose line was not read", () => {
  const batches = batchesOf("a", 100);
  const { roomOf } = nearestInTurn(batches, usageOf({}), request);
  expect(roomOf?.("a/99")).toBe(1);
  const asked = { ...request, roomOf: () => 0 };
  expect(nearestInTurn(batches, usageOf({}), asked).roomOf?.("a/99")).toBe(0);
  const few = nearestInTurn(batches.slice(0, 50), usageOf({}), request);
  expect(few.roomOf).toBeUndefined();
  expect(few.othersWait([])).toBe(false);
});

test("an organization without a place has no line read, and takes none from another one", () => {
  const batches = [...batchesOf("a", 60), ...batchesOf("b", 60)];
  const { nearest, othersWait } = nearestInTurn(batches, usageOf({ "a/0": 10 }), request);
  expect(new Set(nearest.map(({ organizationId }) => organizationId))).toEqual(new Set(["b"]));
  expect(nearest).toHaveLength(50);
  expect(othersWait(Array.from({ length: 10 }, () => "b"))).toBe(false);
});
