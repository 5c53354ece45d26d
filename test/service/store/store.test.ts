import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDatabase } from "../../../src/lib/sqlite.ts";
import { createCallStore } from "../../../src/service/store/shared/calls.ts";
import { sqlite } from "../../../src/service/store/shared/dialect.ts";
import { createSqliteRunner } from "../../../src/service/store/sqlite/run-work.ts";
import { sqliteSchemaSteps } from "../../../src/service/store/sqlite/schema.ts";
import { openSqliteStore } from "../../../src/service/store/sqlite/store.ts";
import { describeBatchStore, newTasks, storedBatch } from "./store-suite.ts";

describeBatchStore("SQLite store", async () => openSqliteStore(":memory:"));

async function withFile(work: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "batch-call-"));
  await work(join(folder, "service.sqlite"));
  await rm(folder, { recursive: true });
}

test("what was stored is there when the file is opened again", () =>
  withFile(async (path) => {
    const batch = storedBatch();
    const first = openSqliteStore(path);
    await first.createBatch(batch, newTasks(1000));
    await first.close();
    const second = openSqliteStore(path);
    expect(await second.getBatch("org_1", batch.id)).toMatchObject(batch);
    expect((await second.listTasks("org_1", batch.id, {}, { page: 0 })).totalCount).toBe(1000);
    await second.close();
  }));

test.each([
  ["all calls", {}, "attempts_of_organization"],
  ["the calls of an agent", { agentIds: ["agent_1"] }, "attempts_of_organization"],
  ["the calls of a batch", { batchId: "batch_1" }, "attempts_of_batch"],
])("a page of %s is read by an index, from its first row to its last", (_what, filter, index) =>
  withFile(async (path) => {
    await openSqliteStore(path).close();
    const database = openDatabase(path);
    const plans: string[] = [];
    const runner = createSqliteRunner({
      ...database,
      prepare(text: string) {
        const steps = database.prepare(`EXPLAIN QUERY PLAN ${text}`);
        plans.push(
          steps
            .all(...Array(text.split("?").length - 1).fill(null))
            .map(({ detail }) => String(detail))
            .join("; "),
        );
        return database.prepare(text);
      },
    } as typeof database);
    for (const after of [{}, { after: [1, "token"] }])
      await createCallStore(runner, sqlite).listCalls("org_1", filter, { page: 0, limit: 20, ...after });
    expect(plans).not.toEqual([]);
    for (const plan of plans) expect(plan).toMatch(new RegExp(`SEARCH main.attempts USING (COVERING )?INDEX ${index}`));
    if (index === "attempts_of_organization") expect(plans.join()).not.toContain("TEMP B-TREE");
    database.close();
  }),
);

test("a file of a newer copy is refused, named, and left as it is", () =>
  withFile(async (path) => {
    await openSqliteStore(path).close();
    const newer = openDatabase(path);
    newer.exec(`PRAGMA user_version = ${sqliteSchemaSteps.length + 1}`);
    newer.close();
    expect(() => openSqliteStore(path)).toThrow(
      expect.objectContaining({
        code: "unavailable",
        message: expect.stringMatching(
          new RegExp(`${path}.*newer copy.*schema ${sqliteSchemaSteps.length + 1}.*Update this copy`),
        ),
      }),
    );
    const after = openDatabase(path);
    expect(after.prepare("PRAGMA user_version").get()).toEqual({ user_version: sqliteSchemaSteps.length + 1 });
    after.close();
  }));

test("a file of an older copy keeps what is in it, calls a minute included", () =>
  withFile(async (path) => {
    const older = openDatabase(path);
    for (const step of sqliteSchemaSteps.slice(0, 2)) older.exec(step);
    older.exec(`
      PRAGMA user_version = 2;
      INSERT INTO batches (id, organization_id, name, from_number, agent_id, timezone, status, rules_json, created_at, updated_at)
      VALUES ('batch_1', 'org_1', 'Çedilla', '+14155550100', 'agent_1', 'UTC', 'sent', '{}', 1000, 1000);
      INSERT INTO tasks (id, batch_id, row_number, to_number, variables_json, status, attempt_count, created_at)
      VALUES ('task_1', 'batch_1', 1, '+14155550101', '{}', 'calling', 1, 1000);
      INSERT INTO attempts (token, task_id, batch_id, organization_id, attempt_number, call_id, from_number, to_number,
        agent_id, state, claimed_at, started_at)
      VALUES ('task_1:1', 'task_1', 'batch_1', 'org_1', 1, 'call_1', '+14155550100', '+14155550101', 'agent_1', 'placed', 2000, 3000);
    `);
    older.close();
    const store = openSqliteStore(path);
    expect((await store.facts(["batch_1"], new Date(60_000))).get("batch_1")?.callsPerMinute).toBe(1);
    const named = await store.listBatches("org_1", { name: ["çED"] }, { by: "name", order: "ascending" }, { page: 0 });
    expect(named.rows).toMatchObject([{ id: "batch_1", name: "Çedilla" }]);
    expect(await store.getAttemptByCallId("org_1", "call_1")).toMatchObject({ token: "task_1:1", state: "placed" });
    await store.close();
  }));

test.each(sqliteSchemaSteps.slice(1).map((_step, index) => index + 1))(
  "a file of schema %i with a batch in it is brought up to date, and its recipient is called",
  (version) =>
    withFile(async (path) => {
      const older = openDatabase(path);
      older.function("fold", { deterministic: true }, (name) => String(name).toLowerCase());
      for (const step of sqliteSchemaSteps.slice(0, version)) older.exec(step);
      older.exec(`
        PRAGMA user_version = ${version};
        INSERT INTO batches (id, organization_id, name, from_number, agent_id, timezone, status, rules_json, created_at, updated_at)
        VALUES ('batch_1', 'org_1', 'June', '+14155550100', 'agent_1', 'UTC', 'sent', '{}', 1000, 1000);
        INSERT INTO tasks (id, batch_id, row_number, to_number, variables_json, status, created_at)
        VALUES ('task_1', 'batch_1', 1, '+14155550101', '{}', 'pending', 1000);
      `);
      older.close();
      const store = openSqliteStore(path);
      const claim = { now: new Date(60_000), isOpen: () => true, maxConcurrent: 5, startsPerSecond: 5, limit: 5 };
      const { claims } = await store.claim(claim);
      expect(claims.map(({ task }) => task.toNumber)).toEqual(["+14155550101"]);
      await store.close();
    }),
);

test("today's form of an entry that an older schema kept in another one is listed beside it, once", () =>
  withFile(async (path) => {
    const older = openDatabase(path);
    older.function("fold", { deterministic: true }, (name) => String(name).toLowerCase());
    for (const step of sqliteSchemaSteps.slice(0, 5)) older.exec(step);
    older.exec(`
      PRAGMA user_version = 5;
      INSERT INTO do_not_call (organization_id, phone_number, reason, added_at) VALUES
        ('org_1', '+5215512345678', 'asked', 1000), ('org_1', '+4402079460958', NULL, 2000),
        ('org_1', '+15555550123', 'nobody', 3000), ('org_1', '+12015550101', NULL, 4000),
        ('org_2', '+5215512345678', 'other', 5000), ('org_2', '+525512345678', 'said today', 6000);
    `);
    older.close();
    const store = openSqliteStore(path);
    const of = async (organizationId: string) =>
      (await store.listDoNotCall(organizationId, { page: 0 })).rows.map(({ phoneNumber, reason, addedAt }) => [
        phoneNumber,
        reason,
        addedAt.getTime(),
      ]);
    expect(await of("org_1")).toEqual([
      ["+12015550101", undefined, 4000],
      ["+15555550123", "nobody", 3000],
      ["+4402079460958", undefined, 2000],
      ["+442079460958", undefined, 2000],
      ["+5215512345678", "asked", 1000],
      ["+525512345678", "asked", 1000],
    ]);
    expect(await of("org_2")).toEqual([
      ["+525512345678", "said today", 6000],
      ["+5215512345678", "other", 5000],
    ]);
    // Somebody agreed to calls again: that holds.
    await store.removeDoNotCall("org_1", ["+525512345678"]);
    await store.close();
    const again = openSqliteStore(path);
    expect(await again.findDoNotCall("org_1", ["+525512345678"])).toEqual(new Set());
    await again.close();
  }));

test("a batch whose list cannot be stored is not stored at all", async () => {
  const store = openSqliteStore(":memory:");
  const batch = storedBatch();
  const [task] = newTasks(1);
  await expect(store.createBatch(batch, task ? [task, task] : [])).rejects.toThrow(/UNIQUE/);
  expect(await store.getBatch("org_1", batch.id)).toBeUndefined();
  await store.close();
});

test("keys of creates that are 30 days old are deleted by a later create, and no other ones", () =>
  withFile(async (path) => {
    const store = openSqliteStore(path);
    const day = (n: number) => new Date(Date.UTC(2026, 0, 1 + n));
    const create = (key: string, createdAt: Date) =>
      store.createBatch({ ...storedBatch(), createdAt }, newTasks(1), { key, bodyHash: "aa" });
    for (const n of [0, 10, 29, 31]) await create(`day_${n}`, day(n));
    const file = openDatabase(path);
    const keys = file.prepare("SELECT key FROM idempotent_requests ORDER BY created_at").all();
    file.close();
    await store.close();
    expect(keys.map(({ key }) => key)).toEqual(["day_10", "day_29", "day_31"]);
  }));
