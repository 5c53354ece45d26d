import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Secret } from "../../../src/domain/secret.ts";
import type { Sql } from "../../../src/service/store/postgres/sql.ts";
import { openSqliteStore } from "../../../src/service/store/sqlite/store.ts";
import { retryWaitMs } from "../../../src/service/webhooks/retry-wait.ts";
import { WebhookReceiver, webhookSecret } from "../../support/http/webhook-receiver.ts";
import { openPglite } from "../../support/process/pglite.ts";
import { createDatabase, openEmptied, type TestDatabase, testServerUrl } from "../../support/process/postgres.ts";
import { ServiceWorld, tasksOf } from "../../support/service-world.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { describeWebhooks } from "./webhooks-suite.ts";

describeWebhooks("webhooks on SQLite", async () => openSqliteStore(":memory:"));

// Where there is a server, it is asked the same below.
describe.skipIf(testServerUrl)("on PGlite", () => {
  let sql: Sql;
  beforeAll(async () => {
    sql = await openPglite();
  });
  afterAll(() => sql.close());
  describeWebhooks("webhooks on PostgreSQL", () => openEmptied(sql));
});

describe.skipIf(!testServerUrl)("on a PostgreSQL server", () => {
  let database: TestDatabase;
  let sql: Sql;
  beforeAll(async () => {
    database = await createDatabase(testServerUrl ?? "");
    sql = await database.connect();
  });
  afterAll(async () => {
    await sql.close();
    await database.drop();
  });
  describeWebhooks("webhooks on PostgreSQL", () => openEmptied(sql));
});

test("a service tells what REST did, and its figures count what waits", async () => {
  const receiver = await WebhookReceiver.start();
  receiver.conduct = () => ({ status: 500 });
  const webhooks = { urls: [new Secret(receiver.url)], secret: new Secret(webhookSecret) };
  const world = await ServiceWorld.start({ settings: { webhooks }, now: new Date().toISOString() });
  const id = await world.create({ status: undefined, send_now: true, tasks: tasksOf(1) });
  await world.call("POST", `/batch-call/${id}/pause`);
  const figure = async (series: string) => {
    const text = await (await fetch(new URL("/metrics", world.url))).text();
    return Number(
      text
        .split("\n")
        .find((line) => line.startsWith(`${series} `))
        ?.split(" ")[1],
    );
  };
  await waitUntil("the first event failed", async () => {
    await world.clock.advance({ seconds: 1 });
    return (await figure('batch_call_webhook_tries_total{result="failed",process="service"}')) > 0;
  });
  expect(await figure('batch_call_webhook_events{state="waiting",process="service"}')).toBeGreaterThanOrEqual(2);
  expect(await figure(`batch_call_webhook_oldest_waiting_seconds{process="service"}`)).toBeGreaterThan(0);
  receiver.conduct = () => "take";
  await world.call("POST", `/batch-call/${id}/cancel`);
  await world.restart();
  await waitUntil("all is told", async () => {
    await world.clock.advance({ seconds: 5 });
    return receiver.taken.some(({ event }) => event.type === "batch.cancelled");
  });
  expect(receiver.taken.map(({ event }) => event.type).filter((type) => type !== "call.ended")).toEqual([
    "batch.started",
    "batch.paused",
    "batch.cancelled",
  ]);
  await world.stop();
  await receiver.stop();
});

test("waits grow fourfold from 5 s to 6 h, spread by a fifth to either side", () => {
  expect([1, 2, 3, 4, 20].map((failures) => retryWaitMs(failures, 0.5) / 1000)).toEqual([5, 20, 80, 320, 21_600]);
  expect([0, 1].map((chance) => retryWaitMs(1, chance))).toEqual([4_000, 6_000]);
  expect(retryWaitMs(1, 0.5, 60_000)).toBe(60_000);
  expect(retryWaitMs(1, 0.5, 1e12)).toBe(21_600_000);
});
