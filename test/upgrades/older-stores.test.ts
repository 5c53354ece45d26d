import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openNamedTokens } from "../../src/access/named-tokens.ts";
import { campaignSchemaSteps, openCampaignDatabase } from "../../src/campaigns/records/database.ts";
import { silentLog } from "../../src/lib/log.ts";
import { openDatabase } from "../../src/lib/sqlite.ts";
import { listSchemaSteps, openListDatabase } from "../../src/lists/list-database.ts";
import { openSimulatedLedger } from "../../src/service/carriers/simulated/ledger.ts";
import { openPostgresLedger } from "../../src/service/carriers/simulated/postgres-ledger.ts";
import { createSimulatedCarrier } from "../../src/service/carriers/simulated/simulated-carrier.ts";
import { createDialer } from "../../src/service/dialing/dialer.ts";
import { startService } from "../../src/service/service.ts";
import { postgresSchemaSteps } from "../../src/service/store/postgres/schema.ts";
import type { Sql } from "../../src/service/store/postgres/sql.ts";
import { openPostgresStore } from "../../src/service/store/postgres/store.ts";
import { sqliteSchemaSteps } from "../../src/service/store/sqlite/schema.ts";
import { openSqliteStore } from "../../src/service/store/sqlite/store.ts";
import {
  type AllRows,
  lostRows,
  type OlderStore,
  olderStatements,
  olderStores,
  rowsOfDatabase,
  rowsOfFile,
  schemaOfFile,
  shapeOfFile,
  unpackOlder,
} from "../support/older-stores.ts";
import { createDatabase, givenTime, type TestDatabase, testServerUrl } from "../support/process/postgres.ts";
import { TestClock } from "../support/test-clock.ts";

const settings = { maxConcurrent: 3, startsPerSecond: 20 };
const of = (store: OlderStore["store"]) => olderStores.filter((older) => older.store === store);
const schemasOf = (store: OlderStore["store"]) => of(store).map(({ schema }) => schema);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "batch-call-upgrade-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Schemas that came together with the next one. */
const neverAlone = { service: [], postgres: [7], ledger: [], lists: [] };
const firstOfWholeProgram = { service: 2, postgres: 1, ledger: 3, lists: 1 };

test.each([
  ["service", sqliteSchemaSteps],
  ["postgres", postgresSchemaSteps],
  ["ledger", campaignSchemaSteps],
  ["lists", listSchemaSteps],
] as const)("there is a store of every older schema: %s", (store, steps) => {
  const first = firstOfWholeProgram[store];
  const all = Array.from({ length: steps.length - first }, (_, n) => first + n);
  expect(schemasOf(store)).toEqual(
    expect.arrayContaining(all.filter((schema) => !neverAlone[store].some((one) => one === schema))),
  );
});

describe("the service's file", () => {
  test.each(of("service"))("of schema $schema ($commit) keeps every row", async ({ file }) => {
    const path = join(folder, "service.sqlite");
    await unpackOlder(file, path);
    const before = rowsOfFile(path);
    expect(before.get("tasks")).toHaveLength(4 + 4 + 2 + 4 + 8 + 16);
    await openSqliteStore(path).close();
    await openSqliteStore(path).close();
    expect(lostRows(before, rowsOfFile(path), [])).toEqual([]);
    await openSqliteStore(join(folder, "new.sqlite")).close();
    expect(shapeOfFile(path)).toEqual(shapeOfFile(join(folder, "new.sqlite")));
  });

  test.each(of("service"))(
    "of schema $schema ($commit) dials those alone who were not dialed yet, once",
    async (older) => {
      await unpackOlder(older.file, join(folder, "service.sqlite"));
      await unpackOlder(older.file.replace("service", "carrier"), join(folder, "carrier.sqlite"));
      const before = rowsOfFile(join(folder, "service.sqlite"));
      const calledBefore = numbersCalled(rowsOfFile(join(folder, "carrier.sqlite")).get("calls"));
      const keys = { organization_id: ownerOf(before), api_key: "sk_upgrade", api_secret: "s3cr3t_of_the_upgrade" };
      await writeFile(join(folder, "credentials.json"), JSON.stringify([keys]));
      const clock = new TestClock(older.writtenAt);
      const ledger = openSimulatedLedger(join(folder, "carrier.sqlite"));
      const carrier = createSimulatedCarrier({ ledger, clock, seed: 1, speed: 30 });
      const parts = { dataDir: folder, carrier, clock, settings, log: silentLog, host: "127.0.0.1", port: 0 };
      const service = await startService(parts);
      clock.settleWith(() => service.idle());
      const idOf = (name: string) => batchNamed(before, name);
      const post = async (path: string, body: object) => {
        const headers = {
          "X-API-KEY": keys.api_key,
          "X-API-SECRET": keys.api_secret,
          "Content-Type": "application/json",
        };
        const reply = await fetch(new URL(path, service.url), { method: "POST", headers, body: JSON.stringify(body) });
        expect(reply.status, await reply.text()).toBe(200);
        await clock.settle();
      };
      try {
        await clock.advance({ minutes: 5 });
        const afterRun = rowsOfFile(join(folder, "service.sqlite"));
        expect(statusesOf(afterRun)).toEqual({ ...asLeft, Running: "completed" });
        expect(openTasks(afterRun, idOf("Running"))).toEqual([]);
        const others = ["Draft", "Scheduled", "Cancelled"].flatMap((name) => numbersOf(afterRun, idOf(name)));
        const called = () => numbersCalled(rowsOfFile(join(folder, "carrier.sqlite")).get("calls"));
        expect(called().filter((number) => others.includes(number))).toEqual([]);
        const paused = numbersOf(afterRun, idOf("Paused"));
        expect(
          called()
            .filter((number) => paused.includes(number))
            .toSorted(),
        ).toEqual(calledBefore.filter((number) => paused.includes(number)).toSorted());

        await post(`/batch-call/${idOf("Paused")}/resume`, {});
        await post(`/batch-call/${idOf("Draft")}/execute`, {});
        await clock.advance({ minutes: 5 });
        const atTheEnd = rowsOfFile(join(folder, "service.sqlite"));
        expect(statusesOf(atTheEnd)).toEqual({
          ...asLeft,
          Running: "completed",
          Paused: "completed",
          Draft: "completed",
        });
        const wanted = ["Draft", "Finished", "Paused", "Running"].flatMap((name) => numbersOf(atTheEnd, idOf(name)));
        expect(called().toSorted()).toEqual(wanted.toSorted());
        const calls = rowsOfFile(join(folder, "carrier.sqlite")).get("calls") ?? [];
        expect(calls.filter(({ dials }) => dials !== 1)).toEqual([]);
        expect(numbersOf(atTheEnd, idOf("Running")).every((number) => called().includes(number))).toBe(true);
        expect(atTheEnd.get("do_not_call")).toHaveLength(2);
      } finally {
        await service.stop();
      }
    },
  );

  test("of a newer schema is refused by name, and left as it is", async () => {
    const path = join(folder, "service.sqlite");
    await openSqliteStore(path).close();
    await expectRefused(path, sqliteSchemaSteps.length, () => openSqliteStore(path));
  });
});

const asLeft = {
  Draft: "draft",
  Scheduled: "scheduled",
  Cancelled: "cancelled",
  Finished: "completed",
  Paused: "sent",
  Running: "sent",
};

describe("the campaign ledger", () => {
  test.each(of("ledger"))("of schema $schema ($commit) keeps every row, and what it knows holds", async ({ file }) => {
    const path = join(folder, "ledger.sqlite");
    await unpackOlder(file, path);
    const before = rowsOfFile(path);
    expect(before.get("intents")).toHaveLength(3);
    expect(before.get("approvals")).toHaveLength(2);
    expect(before.get("launches")).toHaveLength(1);
    openCampaignDatabase(path).close();
    openCampaignDatabase(path).close();
    const after = rowsOfFile(path);
    expect(lostRows(before, after, ["pauses"])).toEqual([]);
    expect(after.get("launched_numbers")).toHaveLength(3);
    openCampaignDatabase(join(folder, "new.sqlite")).close();
    expect(shapeOfFile(path)).toEqual(shapeOfFile(join(folder, "new.sqlite")));
  });

  test("of a newer schema is refused by name, and left as it is", async () => {
    const path = join(folder, "ledger.sqlite");
    openCampaignDatabase(path).close();
    await expectRefused(path, campaignSchemaSteps.length, () => openCampaignDatabase(path));
  });
});

describe("the file of lists", () => {
  test.each(of("lists"))("of schema $schema ($commit) keeps every row", async ({ file }) => {
    const path = join(folder, "lists.sqlite");
    await unpackOlder(file, path);
    const before = rowsOfFile(path);
    openListDatabase(path).close();
    expect(lostRows(before, rowsOfFile(path), [])).toEqual([]);
    openListDatabase(join(folder, "new.sqlite")).close();
    expect(shapeOfFile(path)).toEqual(shapeOfFile(join(folder, "new.sqlite")));
  });

  test("of a newer schema is refused by name, and left as it is", async () => {
    const path = join(folder, "lists.sqlite");
    openListDatabase(path).close();
    await expectRefused(path, listSchemaSteps.length, () => openListDatabase(path));
  });
});

test.each([
  ["the simulated carrier's ledger", (path: string) => openSimulatedLedger(path)],
  ["the tokens", (path: string) => openNamedTokens(path)],
])("%s of a newer schema is refused by name, and left as it is", async (_what, open) => {
  const path = join(folder, "other.sqlite");
  open(path).close();
  await expectRefused(path, schemaOfFile(path), () => open(path));
});

describe.skipIf(!testServerUrl)("the PostgreSQL store", () => {
  let database: TestDatabase;
  let pools: readonly [Sql, Sql];
  beforeEach(async () => {
    database = await createDatabase(testServerUrl ?? "");
    pools = [await database.connect(), await database.connect()];
  });
  afterEach(async () => {
    await Promise.all(pools.map((sql) => sql.close()));
    await database.drop();
  });

  test.each(of("postgres"))(
    "of schema $schema ($commit) is brought up once by two that start at once, and goes on dialing",
    async (older) => {
      const [first, second] = pools;
      await first.script(await olderStatements(older.file));
      await first.script("SET search_path TO DEFAULT");
      const before = await rowsOfDatabase(first);
      const open = (sql: Sql, owner: string) => openPostgresStore({ ...sql, close: async () => {} }, owner, givenTime);
      const [store] = await Promise.all([open(first, "worker_a"), open(second, "worker_b")]);
      expect(lostRows(before, await rowsOfDatabase(first), ["schema_version"])).toEqual([]);
      expect(await store.schemaVersion()).toBe(postgresSchemaSteps.length);

      const clock = new TestClock(older.writtenAt);
      const ledger = await openPostgresLedger(first);
      const carrier = createSimulatedCarrier({ ledger, clock, seed: 1, speed: 30 });
      const dialer = createDialer({ store, carrier, clock, settings, log: silentLog });
      clock.settleWith(() => dialer.idle());
      const calls = async () => await first.query("SELECT to_number, dials FROM carrier.calls");
      const calledBefore = numbersCalled(await calls());
      try {
        await dialer.start();
        await clock.advance({ minutes: 5 });
        const after = await rowsOfDatabase(first);
        expect(statusesOf(after)).toEqual({ ...asLeft, Running: "completed" });
        const running = numbersOf(after, batchNamed(after, "Running"));
        const wanted = [...new Set([...calledBefore, ...running])];
        expect(numbersCalled(await calls()).toSorted()).toEqual(wanted.toSorted());
        expect((await calls()).filter(({ dials }) => dials !== 1)).toEqual([]);
      } finally {
        await dialer.stop();
      }
    },
  );
});

async function expectRefused(path: string, known: number, open: () => unknown): Promise<void> {
  const newer = openDatabase(path);
  newer.exec(`PRAGMA user_version = ${known + 1}`);
  newer.close();
  const bytes = await readFile(path);
  expect(open).toThrow(
    new RegExp(
      `^(?=.*newer (copy|version))(?=.*schema ${known + 1}\\b)(?=.*knows (schema )?${known}\\b).*Update this copy`,
    ),
  );
  expect((await readFile(path)).equals(bytes)).toBe(true);
}

function statusesOf(rows: AllRows): Record<string, unknown> {
  return Object.fromEntries((rows.get("batches") ?? []).map(({ name, status }) => [String(name), status]));
}

function batchNamed(rows: AllRows, wanted: string): string {
  return String((rows.get("batches") ?? []).find(({ name }) => name === wanted)?.["id"]);
}

function ownerOf(rows: AllRows): string {
  return String(rows.get("batches")?.[0]?.["organization_id"]);
}

function tasksOf(rows: AllRows, batchId: string) {
  return (rows.get("tasks") ?? []).filter(({ batch_id: id }) => id === batchId);
}

const numbersOf = (rows: AllRows, batchId: string) => tasksOf(rows, batchId).map(({ to_number: to }) => String(to));

const openTasks = (rows: AllRows, batchId: string) =>
  tasksOf(rows, batchId).filter(({ status }) => status === "pending" || status === "calling");

function numbersCalled(calls: readonly Readonly<Record<string, unknown>>[] = []): readonly string[] {
  return calls.map(({ to_number: to }) => String(to));
}
