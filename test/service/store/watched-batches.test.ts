import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDatabase } from "../../../src/lib/sqlite.ts";
import { BatchIndex } from "../../../src/service/store/batch-index.ts";
import { createClaiming } from "../../../src/service/store/sqlite/dialing/claim.ts";
import { createWatchedBatches, rereadWithinMs } from "../../../src/service/store/sqlite/dialing/watched-batches.ts";
import { openSqliteStore } from "../../../src/service/store/sqlite/store.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { DialingWorld, organizationId } from "../../support/dialing/dialing-world.ts";

let home: string;
let path: string;
let open: Store[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "watched-"));
  path = join(home, "store.sqlite");
  open = [];
});

afterEach(async () => {
  for (const store of open) await store.close();
  rmSync(home, { recursive: true });
});

/** Another connection to the file of every other one. */
function connect(): Store {
  const store = openSqliteStore(path);
  open.push(store);
  return store;
}

async function claimed(world: DialingWorld): Promise<readonly string[]> {
  const { claims } = await world.store.claim({
    now: world.clock.now(),
    isOpen: () => true,
    limit: 50,
    ...world.settings,
  });
  return claims.map(({ batch }) => batch.id);
}

test("what another connection creates, pauses and lets go on is seen at once", async () => {
  const world = new DialingWorld({ store: connect() });
  const other = new DialingWorld({ store: connect() });
  expect(await claimed(world)).toEqual([]);
  const id = await other.addBatch({ recipients: 3 });
  expect((await world.store.runningBatches()).map((batch) => batch.id)).toEqual([id]);

  const paused = { isPaused: true, pausedAt: world.clock.now() };
  await other.store.changeBatch(organizationId, id, { status: ["sent"] }, () => paused, world.clock.now());
  expect(await claimed(world)).toEqual([]);
  expect((await world.store.runningBatches())[0]?.isPaused).toBe(true);
  const goesOn = { isPaused: false, pausedAt: undefined };
  await other.store.changeBatch(organizationId, id, { status: ["sent"] }, () => goesOn, world.clock.now());
  expect(await claimed(world)).toEqual([id, id, id]);
});

test("people whom another connection makes due are found, though their batch stayed as it is", async () => {
  const world = new DialingWorld({ store: connect() });
  const id = await world.addBatch({ recipients: 1 });
  const later = world.clock.now().getTime() + 3_600_000;
  const database = openDatabase(path);
  database.prepare("UPDATE tasks SET due_at = ?").run(later);
  expect(await claimed(world)).toEqual([]);
  expect((await world.store.nextDueAt({ now: world.clock.now(), opensAt: (_, at) => at }))?.getTime()).toBe(later);
  database.prepare("UPDATE tasks SET due_at = NULL").run();
  database.close();
  expect(await claimed(world)).toEqual([id]);
});

test("a stop by another connection holds everybody back, and its release lets them be called", async () => {
  const world = new DialingWorld({ store: connect() });
  const id = await world.addBatch({ recipients: 1 });
  expect(await world.store.runningBatches()).toHaveLength(1);
  const database = openDatabase(path);
  database.prepare("INSERT INTO kill_switches VALUES ('*', 1)").run();
  expect(await claimed(world)).toEqual([]);
  database.prepare("DELETE FROM kill_switches").run();
  database.close();
  expect(await claimed(world)).toEqual([id]);
});

test("a switch thrown and released on the same connection is seen as well", async () => {
  const world = new DialingWorld({ store: connect() });
  const id = await world.addBatch({ recipients: 1 });
  await world.store.setKillSwitch("org_of_others", true, "stopped", world.clock.now());
  await world.store.setKillSwitch(organizationId, true, "stopped", world.clock.now());
  expect(await claimed(world)).toEqual([]);
  expect((await world.store.runningBatches())[0]?.heldReason).toBe("stopped");
  await world.store.setKillSwitch(organizationId, false, "stopped", world.clock.now());
  expect(await claimed(world)).toEqual([]);
  expect((await world.store.runningBatches())[0]?.id).toBe(id);
});

test("a claim whose transaction was undone, since another one in it failed, is made again", async () => {
  const world = new DialingWorld({ store: connect() });
  const id = await world.addBatch({ recipients: 1 });
  // Of one turn of the loop, so of one transaction.
  const claims = claimed(world);
  const isOpen = () => {
    throw new Error("closed");
  };
  const failing = world.store.claim({ now: world.clock.now(), isOpen, limit: 50, ...world.settings });
  const fails = expect(failing).resolves.toEqual({ claims: [], isCut: false });
  expect(await claims).toEqual([id]);
  await fails;
  expect(await claimed(world)).toEqual([]);
});

test("a memory that is wrong lets nobody be called", async () => {
  const world = new DialingWorld({ store: connect() });
  const now = world.clock.now();
  const id = await world.addBatch({ recipients: 1 });
  const [batch] = await world.store.runningBatches();
  const database = openDatabase(path);
  const request = { now, isOpen: () => true, limit: 50, ...world.settings };
  const looked: string[] = [];
  const turn = { isRetry: false, dueMs: 0, row: 1 };
  const index = new BatchIndex(() => ({ asOfMs: 0, laterMs: Number.POSITIVE_INFINITY, turn }));
  if (batch) index.put(batch);
  const claimFromMemory = createClaiming(database, {
    dueGroups: (...given) => index.dueGroups(...given),
    dueOf: (batchId) => index.dueOf(batchId),
    noteLine: (batchId) => looked.push(batchId),
  });
  const isClaimedAfter = (sql: string): boolean => {
    database.exec(`BEGIN; ${sql}`);
    const { claims } = claimFromMemory(request);
    database.exec("ROLLBACK");
    return claims.length > 0;
  };
  expect(isClaimedAfter("SELECT 1")).toBe(true);
  expect(isClaimedAfter("UPDATE batches SET is_paused = 1")).toBe(false);
  expect(isClaimedAfter("UPDATE batches SET status = 'cancelled'")).toBe(false);
  expect(isClaimedAfter("UPDATE grants SET state = 'suspended'")).toBe(false);
  expect(isClaimedAfter("UPDATE batches SET content_digest = 'another'")).toBe(false);
  expect(isClaimedAfter(`UPDATE grants SET last_at = ${now.getTime()}`)).toBe(false);
  expect(isClaimedAfter("UPDATE batches SET grant_id = NULL")).toBe(false);
  expect(isClaimedAfter("INSERT INTO kill_switches VALUES ('*', 1)")).toBe(false);
  expect(isClaimedAfter(`INSERT INTO kill_switches VALUES ('${organizationId}', 1)`)).toBe(false);
  expect(isClaimedAfter("DELETE FROM batches")).toBe(false);
  expect(looked).toEqual(Array.from({ length: 9 }, () => id));
  // Somebody left the line meanwhile: it is looked at again.
  expect(isClaimedAfter("UPDATE tasks SET status = 'cancelled'")).toBe(false);
  expect(looked).toHaveLength(10);
  database.close();
});

test("what notes changes is of the connection that has the memory, and no part of the file", () => {
  connect();
  const database = openDatabase(path);
  expect(database.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").all()).toEqual([]);
  database.close();
});

test("a change that was not noted is found within a minute, with few reads at a time", async () => {
  const world = new DialingWorld({ store: connect() });
  const database = openDatabase(path);
  let monotonicMs = 0;
  const batches = createWatchedBatches(database, () => monotonicMs);
  const ids: string[] = [];
  for (let n = 0; n < 5; n += 1) ids.push(await world.addBatch({ recipients: 1, firstNumber: n + 1 }));
  const due = () => batches.dueGroups(world.clock.now(), () => true).flatMap((group) => group.due.items);
  const ringing = () => due().map(({ batch }) => batch.id);
  expect(ringing().sort()).toEqual(ids.sort());
  for (const name of ["batch_joined", "batch_changed", "grant_changed", "line_changed", "line_left"])
    database.exec(`DROP TRIGGER temp.${name}`);

  // Of this connection, so that nothing tells of it.
  database.exec("UPDATE batches SET is_paused = 1");
  expect(ringing()).toHaveLength(5);
  const left: number[] = [];
  for (let n = 0; n < 5; n += 1) {
    monotonicMs += rereadWithinMs / 5;
    left.push(ringing().length);
  }
  expect(left).toEqual([4, 3, 2, 1, 0]);

  database.exec("UPDATE batches SET is_paused = 0; UPDATE tasks SET due_at = 1");
  monotonicMs += rereadWithinMs;
  expect(due().map(({ waiting }) => waiting?.turn?.dueMs)).toEqual([1, 1, 1, 1, 1]);
  database.exec("DELETE FROM tasks");
  monotonicMs += rereadWithinMs;
  expect(due()).toEqual([]);
  database.close();
});

test("a batch that joined, and a switch that was thrown, without a note are found as soon as it is time to look", async () => {
  const world = new DialingWorld({ store: connect() });
  const database = openDatabase(path);
  let monotonicMs = 0;
  const batches = createWatchedBatches(database, () => monotonicMs);
  const ringing = () => batches.batchesDue(world.clock.now(), () => true).map(({ id }) => id);
  const id = await world.addBatch({ recipients: 1 });
  database.exec("UPDATE batches SET status = 'draft'");
  expect(ringing()).toEqual([]);
  database.exec("DROP TRIGGER temp.batch_changed; DROP TRIGGER temp.switch_thrown");
  database.exec("UPDATE batches SET status = 'sent'");
  expect(ringing()).toEqual([]);
  monotonicMs += 100;
  expect(ringing()).toEqual([id]);
  database.exec("INSERT INTO kill_switches VALUES ('*', 1)");
  expect(ringing()).toEqual([id]);
  monotonicMs += 100;
  expect(ringing()).toEqual([]);
  database.close();
});
