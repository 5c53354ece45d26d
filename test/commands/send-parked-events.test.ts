import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { runSendParkedEvents } from "../../src/commands/send-parked-events.ts";
import { parseSettings } from "../../src/config/settings.ts";
import { Secret } from "../../src/domain/secret.ts";
import { silentLog } from "../../src/lib/log.ts";
import { openDatabase } from "../../src/lib/sqlite.ts";
import { openPostgresStore } from "../../src/service/store/postgres/store.ts";
import { sqliteSchemaSteps } from "../../src/service/store/sqlite/schema.ts";
import { openSqliteStore } from "../../src/service/store/sqlite/store.ts";
import type { Store } from "../../src/service/store/store.ts";
import { endpointOf } from "../../src/service/webhooks/webhooks.ts";
import { webhookSecret } from "../support/http/webhook-receiver.ts";
import { createDatabase, testServerUrl } from "../support/process/postgres.ts";

const crm = "https://crm.example.com/a";
const erp = "https://erp.example.com/b";
const removed = "https://old.example.com/c";
const webhooks = { BATCH_CALL_WEBHOOK_URL: `${crm},${erp}`, BATCH_CALL_WEBHOOK_SECRET: webhookSecret };
const sentBy =
  "A service or worker with this URL sends them within seconds; where none runs, the next one that starts.";
const nothing = "Nothing is parked: no event was given up within the last 30 days.";

let dataDir: string;
let path: string;
beforeEach(async () => {
  dataDir = join(await mkdtemp(join(tmpdir(), "batch-call-")), "data");
  await mkdir(dataDir);
  path = join(dataDir, "service.sqlite");
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
});

async function send(env: Readonly<Record<string, string>> = webhooks) {
  const settings = parseSettings({ os: "linux", env: { BATCH_CALL_DATA_DIR: dataDir, ...env }, timezone: "UTC" });
  if ("errors" in settings) throw new Error(settings.errors.join("\n"));
  const lines: string[] = [];
  const exitCode = await runSendParkedEvents({ settings, log: silentLog, print: (line) => void lines.push(line) });
  return { exitCode, lines };
}

/** A statement that parks so many events of a batch. */
function parked(schema: string, url: string, batchId: string, count: number): string {
  const { id } = endpointOf(new Secret(url));
  const rows = Array.from(
    { length: count },
    (_, n) => `('evt_${n}', '${id}', '${batchId}', 'call.ended', '{}', 1, 2, 1)`,
  );
  return `INSERT INTO ${schema}.event_messages (id, endpoint_id, batch_id, type, data_json, recorded_at, settled_at, is_parked)
    VALUES ${rows.join(", ")}`;
}

async function waiting({ events }: Store, url: string) {
  const { id } = endpointOf(new Secret(url));
  const streams = await events.claim({ endpointId: id, after: "", limit: 10, now: new Date() });
  return streams.map(({ batchId, messages }) => [batchId, messages.map((message) => message.id)]);
}

describe("send-parked-events", () => {
  test("puts the events of the URLs that are set in line of the service that runs, and says how many stay", async () => {
    const store = openSqliteStore(path);
    onTestFinished(() => store.close());
    const beside = openDatabase(path);
    for (const [url, batch, count] of [
      [crm, "b1", 2],
      [crm, "b2", 1],
      [removed, "b1", 1],
    ] as const)
      beside.exec(parked("main", url, batch, count));
    beside.close();
    expect(await send()).toEqual({
      exitCode: 0,
      lines: [
        "3 events for crm.example.com: in line again.",
        "1 event stays parked: BATCH_CALL_WEBHOOK_URL does not have its URL.",
        sentBy,
      ],
    });
    expect(await waiting(store, crm)).toEqual([
      ["b1", ["evt_0", "evt_1"]],
      ["b2", ["evt_0"]],
    ]);
    expect(await store.events.counts()).toMatchObject({ waiting: 3, parked: 1 });
    expect((await send()).lines).toEqual(["1 event stays parked: BATCH_CALL_WEBHOOK_URL does not have its URL."]);
  });

  test("says that nothing is parked, with a store and without one", async () => {
    expect(await send()).toEqual({ exitCode: 0, lines: [nothing] });
    await openSqliteStore(path).close();
    expect(await send()).toEqual({ exitCode: 0, lines: [nothing] });
  });

  test("says that no URL is set", async () => {
    const { exitCode, lines } = await send({});
    expect(exitCode).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/^BATCH_CALL_WEBHOOK_URL is not set.*run this command again/)]);
  });

  test.each([
    [-1, /Start the service with this version first/],
    [1, /Update this copy/],
  ])("a file of another schema (%i) is left as it is", async (difference, advice) => {
    await openSqliteStore(path).close();
    const file = openDatabase(path);
    file.exec(`PRAGMA user_version = ${sqliteSchemaSteps.length + difference}`);
    file.close();
    await expect(send()).rejects.toThrow(/No event was sent again/);
    await expect(send()).rejects.toThrow(advice);
  });

  test("a database that is away is said without its password", async () => {
    const url = "postgres://caller:hunter2@127.0.0.1:9/calls";
    const refused = await send({ ...webhooks, BATCH_CALL_DATABASE_URL: url }).catch((error: Error) => error);
    expect(refused).toMatchObject({ code: "unavailable" });
    expect(String(refused)).not.toContain("hunter2");
  });

  test.skipIf(!testServerUrl)("does the same on a shared database", async () => {
    const database = await createDatabase(testServerUrl ?? "");
    onTestFinished(() => database.drop());
    const env = { ...webhooks, BATCH_CALL_DATABASE_URL: database.url.reveal() };
    expect((await send(env)).lines).toEqual([nothing]);
    const sql = await database.connect();
    const store = await openPostgresStore({ ...sql, close: async () => {} }, "worker_1");
    await sql.query(parked("batch_call", crm, "b1", 2));
    await sql.query(parked("batch_call", removed, "b1", 2));
    expect((await send(env)).lines).toEqual([
      "2 events for crm.example.com: in line again.",
      "2 events stay parked: BATCH_CALL_WEBHOOK_URL does not have their URL.",
      sentBy,
    ]);
    expect(await waiting(store, crm)).toEqual([["b1", ["evt_0", "evt_1"]]]);
    await sql.close();
  });
});
