import { expect, test } from "vitest";
import type { Batch, BatchStatus } from "../../../src/domain/batch/batch.ts";
import { mergeParts } from "../../../src/domain/batch/group.ts";

const facts = { groupId: "group_1", name: "June reminders", createdAt: new Date("2026-03-02T15:00:00Z") };

function statusOf(state: "created" | "cancelled", ...statuses: readonly BatchStatus[]): BatchStatus {
  const parts = statuses.map((status, n) => {
    const batchId = `batch_${n}`;
    const batch: Batch = { batchId, name: "June reminders", status, total: 10, isPaused: false };
    return { recipients: 10, batchId, batch };
  });
  return mergeParts({ ...facts, state }, parts).status;
}

test("a group whose cancel ended a part is cancelled, whatever other parts came to before", () => {
  expect(statusOf("cancelled", "cancelled", "completed")).toBe("cancelled");
  expect(statusOf("cancelled", "completed", "completed")).toBe("completed");
  expect(statusOf("cancelled", "sent", "cancelled")).toBe("sent");
});

test("a part that ended since nobody was left on its list cancels no group", () => {
  expect(statusOf("created", "completed", "cancelled")).toBe("completed");
  expect(statusOf("created", "cancelled", "cancelled")).toBe("cancelled");
});

test("a group has every caller id that the account of one of its open parts does not have, once", () => {
  const [first, second, third] = ["+12125550100", "+14155550100", "+442079460100"] as const;
  const partOf = (status: BatchStatus, goneFromNumbers: readonly string[]) => {
    const batch = { batchId: "batch_1", name: "June reminders", status, total: 10, isPaused: false, goneFromNumbers };
    return { recipients: 10, batchId: "batch_1", batch };
  };
  const parts = [partOf("sent", [first]), partOf("sent", [first, second]), partOf("completed", [third])];
  expect(mergeParts({ ...facts, state: "created" }, parts).goneFromNumbers).toEqual([first, second]);
  expect(mergeParts({ ...facts, state: "created" }, [partOf("sent", [])]).goneFromNumbers).toBeUndefined();
});
