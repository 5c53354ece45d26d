import { expect, test } from "vitest";
import { editBatch } from "../../../src/service/batches/batch-edits.ts";
import { openSqliteStore } from "../../../src/service/store/sqlite/store.ts";
import { TestClock } from "../../support/test-clock.ts";
import { newTasks, storedBatch } from "../store/store-suite.ts";

test("of two edits at once none is lost: what is scheduled is scheduled for the new time", async () => {
  const clock = new TestClock("2026-03-02T15:00:00Z");
  const store = openSqliteStore(":memory:");
  const parts = {
    store,
    clock,
    dialing: {
      wake() {},
      settled: async () => {},
      stopped: async () => {},
      carrierRest: () => undefined,
      lineWaitOf: () => undefined,
    },
    account: async () => ({ agents: [], phoneNumbers: [] }),
    environment: "live" as const,
  };
  const [before, after] = [new Date("2026-03-02T16:00:00Z"), new Date("2026-03-02T17:00:00Z")];
  const batch = storedBatch({ scheduledAt: before });
  await store.createBatch(batch, newTasks(1));
  await Promise.all([
    editBatch(parts, batch.organizationId, batch.id, { scheduledAt: after }),
    editBatch(parts, batch.organizationId, batch.id, { start: "scheduled" }),
  ]);
  expect(await store.getBatch(batch.organizationId, batch.id)).toMatchObject({
    status: "scheduled",
    scheduledAt: after,
  });
  await store.close();
});
