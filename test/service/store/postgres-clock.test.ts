import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { settleKillSwitch, throwKillSwitch, untilNoneStarts } from "../../../src/service/store/postgres/kill-switch.ts";
import type { Sql } from "../../../src/service/store/postgres/sql.ts";
import { openPostgresStore } from "../../../src/service/store/postgres/store.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { agreed } from "../../support/agreed.ts";
import { openPglite } from "../../support/process/pglite.ts";
import { openEmptied } from "../../support/process/postgres.ts";
import { newTasks, storedBatch } from "./store-suite.ts";

// Times that processes read off clocks of their own; the database's says what it says.
const ahead = (): Date => new Date(Date.now() + 3_600_000);
const behind = (): Date => new Date(Date.now() - 3_600_000);
const limits = { isOpen: () => true, maxConcurrent: 1000, startsPerSecond: 5, limit: 50 };

let sql: Sql;
let fast: Store;
let slow: Store;
beforeAll(async () => {
  sql = await openPglite();
});
afterAll(() => sql.close());
beforeEach(async () => {
  await openEmptied(sql);
  const shared = { ...sql, close: async () => {} };
  fast = await openPostgresStore(shared, "worker_fast");
  slow = await openPostgresStore(shared, "worker_slow");
});

async function addRunning(recipients: number): Promise<string> {
  const batch = storedBatch({ status: "sent" });
  await fast.createBatch(batch, newTasks(recipients), undefined, agreed);
  return batch.id;
}

test("processes whose clocks differ share one pace: that of the database's clock", async () => {
  await addRunning(60);
  // The second in which the first one starts its five can end between two claims.
  const starts: number[] = [];
  for (const [store, now] of [
    [fast, ahead()],
    [slow, behind()],
    [fast, new Date()],
    [slow, ahead()],
  ] as const)
    for (const { attempt } of (await store.claim({ ...limits, now })).claims) starts.push(attempt.claimedAt.getTime());
  const withinASecond = starts.map((end) => starts.filter((at) => at > end - 1000 && at <= end).length);
  expect(starts.length).toBeGreaterThanOrEqual(5);
  expect(Math.max(...withinASecond)).toBe(5);
});

test("a clock that is ahead brings no retry and no scheduled start forward", async () => {
  await addRunning(1);
  const inAMinute = Date.now() + 60_000;
  await sql.query("UPDATE batch_call.tasks SET due_at = $1", [inAMinute]);
  expect((await fast.claim({ ...limits, now: ahead() })).claims).toEqual([]);
  const scheduled = storedBatch({ status: "scheduled", scheduledAt: new Date(inAMinute) });
  await fast.createBatch(scheduled, newTasks(1, 500), undefined, agreed);
  expect(await fast.startScheduled(scheduled.id, ahead())).toBe(false);
});

test("hours in which a batch may dial are those of the database's clock", async () => {
  await addRunning(1);
  const asked: number[] = [];
  const isOpen = (_batch: unknown, at: Date): boolean => asked.push(at.getTime()) > 0;
  await fast.claim({ ...limits, isOpen, now: ahead() });
  expect(asked[0]).toBeLessThan(Date.now() + 1_000);
});

test("nobody is taken for dead by a clock that is ahead, and a clock that is behind keeps its lease", async () => {
  await addRunning(1);
  await slow.claim({ ...limits, now: behind() });
  expect(await fast.openAttempts(new Set(), ahead())).toEqual([]);
});

test("the end of a call is recorded by the database's clock, so the next one to that number is not too soon", async () => {
  await addRunning(1);
  const [claim] = (await slow.claim({ ...limits, now: behind() })).claims;
  if (!claim) throw new Error("Nothing was due");
  const at = behind();
  const result = { outcome: "answered", startedAt: at, endedAt: at, ringMs: 0, talkMs: 0 } as const;
  await slow.complete(claim, result, { kind: "final", status: "completed", reason: "answered" }, at);
  const other = storedBatch({ status: "sent" });
  await fast.createBatch(other, newTasks(1), undefined, agreed);
  expect((await fast.claim({ ...limits, now: new Date() })).claims).toEqual([]);
});

test("a process whose schema a newer copy has changed dials nobody any more, and says why", async () => {
  await addRunning(2);
  const [claim] = (await fast.claim({ ...limits, now: new Date(), limit: 1 })).claims;
  if (!claim) throw new Error("Nothing was due");
  await sql.query("UPDATE batch_call.schema_version SET version = version + 1");
  await expect(fast.claim({ ...limits, now: new Date() })).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringMatching(/newer copy.*dials nobody any more.*Update this copy/),
  });
  expect(await fast.markDialing(claim, new Date(), 1000)).toBe("newer_schema");
  expect(await fast.schemaVersion()).toBe(fast.knownSchemaVersion + 1);
  await sql.query("UPDATE batch_call.schema_version SET version = version - 1");
  expect(await fast.markDialing(claim, new Date(), 1000)).toBeUndefined();
});

test("a stop in the database holds whatever version wrote it, and is over when the dial on its way has arrived", async () => {
  await addRunning(2);
  const [first, second] = (await fast.claim({ ...limits, now: new Date() })).claims;
  if (!first || !second) throw new Error("Two were due");
  expect(await fast.markDialing(first, new Date(), 1000)).toBeUndefined();
  await sql.query("UPDATE batch_call.schema_version SET version = version - 1");
  await throwKillSwitch(sql);
  expect(await settleKillSwitch(sql, true, "stopped")).toBeUndefined();
  expect(await slow.markDialing(second, new Date(), 1000)).toBe("batch_not_running");
  let isOver = false;
  const over = untilNoneStarts(sql).then(() => {
    isOver = true;
  });
  await slow.stoppedSince("org_1");
  expect(isOver).toBe(false);
  await fast.markPlaced(first, new Date());
  await over;
  await sql.query("UPDATE batch_call.schema_version SET version = version + 1");
  expect(await settleKillSwitch(sql, true, "stopped")).toBe(1);
  expect(await settleKillSwitch(sql, false, "stopped")).toBe(0);
  expect(await fast.stoppedSince("org_1")).toBeUndefined();
});
