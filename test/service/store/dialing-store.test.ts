import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openDatabase } from "../../../src/lib/sqlite.ts";
import { openSqliteStore } from "../../../src/service/store/sqlite/store.ts";
import { DialingWorld } from "../../support/dialing/dialing-world.ts";
import { describeAnswers } from "./answers-suite.ts";
import { describeDialStore } from "./dialing-suite.ts";
import { describeFallbacks } from "./fallback-suite.ts";
import { describeOtherCalls } from "./other-calls-suite.ts";
import { describeRecentCalls } from "./recent-calls-suite.ts";
import { describeRecipientClocks } from "./recipient-clock-suite.ts";
import { describeSends } from "./sends-suite.ts";

describeDialStore("SQLite store, dialing", async () => openSqliteStore(":memory:"), 100);
describeFallbacks("SQLite store, fallback numbers", async () => openSqliteStore(":memory:"));
describeRecipientClocks("SQLite store, recipients' clocks", async () => openSqliteStore(":memory:"));
describeOtherCalls("SQLite store, other calls to a number", async () => openSqliteStore(":memory:"));
describeSends("SQLite store, sends", async () => openSqliteStore(":memory:"));
describeAnswers("SQLite store, answers", async () => openSqliteStore(":memory:"));
describeRecentCalls("SQLite store, recent calls", async () => openSqliteStore(":memory:"));

test("a batch whose end was lost is ended when the service starts", async () => {
  const folder = await mkdtemp(join(tmpdir(), "batch-call-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "service.sqlite");
  const world = new DialingWorld({ store: openSqliteStore(path) });
  const batchId = await world.addBatch();
  const running = await world.addBatch({ firstNumber: 2, scheduledAt: new Date("2027-01-01T00:00:00Z") });
  const outside = openDatabase(path);
  outside.exec(`UPDATE tasks SET status = 'completed' WHERE batch_id = '${batchId}'`);
  outside.close();
  await world.start();
  expect((await world.batch(batchId)).status).toBe("completed");
  expect((await world.batch(running)).status).toBe("scheduled");
  expect(world.carrier.rings).toEqual([]);
});
