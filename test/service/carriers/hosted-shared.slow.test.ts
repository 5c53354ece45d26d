import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Sql } from "../../../src/service/store/postgres/sql.ts";
import { HostedWorld } from "../../support/carriers/hosted-world.ts";
import { numberOf } from "../../support/dialing/dialing-world.ts";
import { openPglite } from "../../support/process/pglite.ts";
import { openViews } from "../../support/process/postgres.ts";

let sql: Sql;
let world: HostedWorld | undefined;
beforeAll(async () => {
  sql = await openPglite();
});
afterEach(() => world?.close());
afterAll(() => sql.close());

const numbers = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => numberOf(n + 1));

/** Two processes with the carrier `hosted` on one PostgreSQL database. */
async function openTwo(setup: Parameters<typeof HostedWorld.open>[0]): Promise<HostedWorld> {
  const [first, second] = await openViews(sql, 2);
  if (!first || !second) throw new Error("There are two");
  const opened = await HostedWorld.open({ ...setup, store: first });
  world = opened;
  await opened.startBeside(second);
  return opened;
}

test("of a batch on which two processes dial no more calls wait at the provider than a wave has, and everybody is called once", async () => {
  const w = await openTwo({ waveSize: 4, settings: { startsPerSecond: 4 } });
  w.phones.queueMs = 15_000;
  let most = 0;
  w.api.onTaken = ({ path }) => {
    if (!path.endsWith("/execute")) return;
    const handedOver = [...w.api.batches.values()].filter(({ status }) => /sent|completed/i.test(status));
    most = Math.max(most, handedOver.reduce((n, { tasks }) => n + tasks.length, 0) - w.rung.length);
  };
  const batchId = await w.addBatch({ recipients: 12 });
  for (let look = 0; look < 10; look += 1) {
    expect((await w.facts(batchId)).mayStillRing ?? 0).toBeLessThanOrEqual(4);
    await w.clock.advance({ seconds: 3 });
  }
  await w.clock.advance({ minutes: 2 });
  expect(w.rung.toSorted()).toEqual(numbers(12).toSorted());
  expect((await w.batch(batchId)).status).toBe("completed");
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(4);
});

test("a pause that one of two processes answers lets at most the wave ring that was handed over, as it says", async () => {
  const w = await openTwo({ waveSize: 3 });
  w.phones.queueMs = 20_000;
  const batchId = await w.addBatch({ recipients: 12 });
  await w.clock.advance({ seconds: 5 });
  // It waits until no process has an attempt between its last check and the provider.
  const paused = w.pause(batchId);
  await w.clock.advance({ seconds: 3 });
  await paused;
  const { mayStillRing } = await w.facts(batchId);
  await w.clock.advance({ minutes: 1 });
  expect(w.rung).toHaveLength(mayStillRing ?? 0);
  expect(mayStillRing).toBe(3);
  await w.resume(batchId);
  await w.clock.advance({ minutes: 4 });
  expect(w.rung.toSorted()).toEqual(numbers(12).toSorted());
});
