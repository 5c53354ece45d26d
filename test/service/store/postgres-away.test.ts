import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Problem } from "../../../src/domain/problem.ts";
import { Secret } from "../../../src/domain/secret.ts";
import { type Log, silentLog } from "../../../src/lib/log.ts";
import { mayAnswerLater, openPool } from "../../../src/service/store/postgres/pool.ts";
import type { Sql } from "../../../src/service/store/postgres/sql.ts";
import { StoreUnavailable } from "../../../src/service/store/store.ts";
import { createDatabase, type TestDatabase, testServerUrl } from "../../support/process/postgres.ts";

describe.skipIf(!testServerUrl)("a database that goes away", () => {
  let database: TestDatabase;
  let killer: Sql;
  beforeAll(async () => {
    database = await createDatabase(testServerUrl ?? "");
    killer = await openPool(new Secret(testServerUrl ?? ""), silentLog);
  });
  afterAll(async () => {
    await killer.close();
    await database.drop();
  });

  async function cutAll(): Promise<void> {
    await killer.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [
      new URL(database.url.reveal()).pathname.slice(1),
    ]);
  }

  test("a connection that is cut within a transaction fails that transaction, and the next one works", async () => {
    const sql = await database.connect();
    const cut = sql.transaction(async (session) => {
      await session.query("SELECT 1");
      await cutAll();
      // Until the driver has heard of it: nothing of ours is under way on the connection then.
      for (let turn = 0; turn < 50; turn += 1) await killer.query("SELECT 1");
      await session.query("SELECT 2");
    });
    await expect(cut).rejects.toBeInstanceOf(StoreUnavailable);
    expect(await sql.transaction((session) => session.query("SELECT 3 AS n"))).toEqual([{ n: 3 }]);
    await sql.close();
  });

  test("a cut connection is logged by its code and message, without the driver's objects", async () => {
    const logged: object[] = [];
    const log: Log = { ...silentLog, warn: (fields) => void logged.push(fields) };
    const sql = await openPool(database.url, log);
    await sql.query("SELECT 1");
    await cutAll();
    for (let turn = 0; turn < 50 && logged.length === 0; turn += 1) await killer.query("SELECT 1");
    expect(logged).toEqual([{ code: "57P01", reason: "terminating connection due to administrator command" }]);
    await sql.close();
  });

  test("listening that is ended while its connection is being made is over, at whatever step that is", async () => {
    const sql = await database.connect();
    for (let turns = 0; turns < 30; turns += 1) {
      const end = sql.listen("batch_call_changed", () => {});
      for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
      await end();
    }
    await sql.close();
  });

  test("what a statement did wrong is told apart, and without the row that it was about", async () => {
    const sql = await database.connect();
    await sql.script("CREATE TABLE numbers (n TEXT PRIMARY KEY)");
    await sql.query("INSERT INTO numbers VALUES ($1)", ["+12015550123"]);
    const failure: unknown = await sql
      .query("INSERT INTO numbers VALUES ($1)", ["+12015550123"])
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(failure).not.toBeInstanceOf(StoreUnavailable);
    expect(failure).toMatchObject({ code: "23505" });
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain("5550123");
    await sql.close();
  });
});

// Bytes of the protocol's version 3: "authentication ok", then "ready for a query".
const welcome = Buffer.from("5200000008000000005a0000000549", "hex");

test("a server that takes a statement and says nothing more is away, not waited for", async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.once("data", () => socket.write(welcome));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const url = new Secret(`postgres://somebody@127.0.0.1:${port}/calls?sslmode=disable`);
  const failure: unknown = await openPool(url, silentLog, 200).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Problem);
  expect(mayAnswerLater(failure)).toBe(true);
  for (const socket of sockets) socket.destroy();
  server.close();
});

test.each([
  ["28P01", false],
  ["3D000", false],
  ["ENOTFOUND", false],
  ["ECONNREFUSED", true],
  ["EAI_AGAIN", true],
  ["57P03", true],
])("a start that fails with %s waits for the database: %s", (code, isWaitedFor) => {
  expect(mayAnswerLater(Object.assign(new Error("it failed"), { code }))).toBe(isWaitedFor);
});
