import { Secret } from "../../../src/domain/secret.ts";
import { silentLog } from "../../../src/lib/log.ts";
import type { DatabaseClock } from "../../../src/service/store/postgres/dialing/moment.ts";
import { openPool } from "../../../src/service/store/postgres/pool.ts";
import type { Sql } from "../../../src/service/store/postgres/sql.ts";
import { openPostgresStore } from "../../../src/service/store/postgres/store.ts";
import type { Store } from "../../../src/service/store/store.ts";

/** A server on which databases may be made; undefined where there is none. */
export const testServerUrl = process.env["BATCH_CALL_TEST_DATABASE_URL"];

export type TestDatabase = { readonly url: Secret; connect(): Promise<Sql>; drop(): Promise<void> };

/** Makes an empty database of its own on the server. */
export async function createDatabase(serverUrl: string): Promise<TestDatabase> {
  const name = `batch_call_test_${process.pid}_${Date.now()}_${Math.floor(Math.random() * 1e6)}`;
  const server = new Secret(serverUrl);
  await onServer(server, `CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const secret = new Secret(url.href);
  return {
    url: secret,
    connect: () => openPool(secret, silentLog),
    drop: () => onServer(server, `DROP DATABASE ${name} WITH (FORCE)`),
  };
}

async function onServer(url: Secret, statement: string): Promise<void> {
  const sql = await openPool(url, silentLog);
  try {
    await sql.script(statement);
  } finally {
    await sql.close();
  }
}

/** The time is the caller's: a clock that the test moves. */
export const givenTime: DatabaseClock = async (_session, given) => given;

const emptied = [
  "sent_calls",
  "sends",
  "attempts",
  "tasks",
  "grants",
  "batches",
  "workers",
  "do_not_call",
  "idempotent_requests",
  "kill_switches",
  "paces",
  "provider",
  "event_endpoints",
  "event_messages",
  "event_streams",
];

/** A store without any rows, on a connection that outlives it. */
export async function openEmptied(sql: Sql): Promise<Store> {
  // Processes of an earlier test hear of nothing any more: they would go on with what this one does.
  await Promise.all((listeners.get(sql) ?? []).splice(0).map((end) => end()));
  const store = await openView(sql, "worker_1");
  // A few rows are deleted sooner than each table gets new files. What refers to others stands before them.
  await sql.script(emptied.map((table) => `DELETE FROM batch_call.${table}`).join("; "));
  await sql.script("UPDATE batch_call.carrier_room SET times_full = 0, full_until = NULL, pace = NULL");
  return store;
}

/** What so many processes see of one store without any rows. */
export async function openViews(sql: Sql, processes: number): Promise<Store[]> {
  await openEmptied(sql);
  return Promise.all(Array.from({ length: processes }, (_, n) => openView(sql, `worker_${n + 1}`)));
}

const listeners = new WeakMap<Sql, (() => Promise<void>)[]>();

function openView(sql: Sql, owner: string): Promise<Store> {
  const ends = listeners.get(sql) ?? [];
  listeners.set(sql, ends);
  const listen: Sql["listen"] = (...given) => {
    const end = sql.listen(...given);
    ends.push(end);
    return end;
  };
  return openPostgresStore({ ...sql, listen, close: async () => {} }, owner, givenTime);
}
