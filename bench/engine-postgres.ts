import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Sql } from "../src/service/store/postgres/sql.ts";
import { openPostgresStore } from "../src/service/store/postgres/store.ts";
import { text } from "../src/service/store/rows.ts";
import { createDatabase, type TestDatabase } from "../test/support/process/postgres.ts";
import { fill } from "./engine-throughput.ts";
import { allEnded } from "./engine-world.ts";
import { median } from "./median.ts";

const rounds = 3;
const calls = 5000;
const claimsATime = 50;
const processCounts = [1, 2, 4];
const dialerProgram = fileURLToPath(new URL("./engine-postgres-dialer.js", import.meta.url));

/** Calls completed per second by several processes on one PostgreSQL database, beside the bare store. */
export async function benchPostgres(serverUrl: string | undefined): Promise<void> {
  if (!serverUrl) {
    console.log("PostgreSQL: left out, for want of --database URL (a server on which databases may be made)");
    return;
  }
  console.log("PostgreSQL, dialing processes: store and dialer in children of the bench, polling instead of pg-boss");
  const measured: { floor: number; engines: readonly number[] }[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const floor = await onDatabase(serverUrl, floorPerSecond);
    const engines: number[] = [];
    for (const processes of processCounts)
      engines.push(await onDatabase(serverUrl, (database) => callsPerSecond(database, processes)));
    measured.push({ floor, engines });
    console.log(
      `round ${round}: floor ${floor.toFixed(0)}/s, engine ${engines.map((each) => each.toFixed(0)).join(", ")} calls/s with ${processCounts.join(", ")} processes`,
    );
  }
  for (const [place, processes] of processCounts.entries()) {
    const rates = measured.map(({ engines }) => engines[place] ?? Number.NaN);
    const ratios = measured.map(({ floor, engines }) => (engines[place] ?? Number.NaN) / floor);
    console.log(
      `PostgreSQL, ${calls} calls of no length, ${processes} dialing: ${median(rates).toFixed(0)} calls/s, ratio ${median(ratios).toFixed(2)} (medians of ${rounds})`,
    );
  }
}

async function onDatabase(serverUrl: string, measure: (database: TestDatabase) => Promise<number>): Promise<number> {
  const database = await createDatabase(serverUrl);
  try {
    return await measure(database);
  } finally {
    await database.drop();
  }
}

async function openFilled(database: TestDatabase) {
  const sql = await database.connect();
  const store = await openPostgresStore(sql, "bench");
  await fill(store, calls);
  return { sql, store };
}

/** Rows a second that one connection takes: claim 50 in one transaction, complete them in another. No rules, no attempts. */
async function floorPerSecond(database: TestDatabase): Promise<number> {
  const { sql, store } = await openFilled(database);
  const batches = await store.runningBatches();
  const startedAt = performance.now();
  let rows = 0;
  for (const { id } of batches) rows += await completeAll(sql, id);
  const seconds = (performance.now() - startedAt) / 1000;
  await store.close();
  return checked(rows) / seconds;
}

async function completeAll(sql: Sql, batchId: string): Promise<number> {
  for (let completed = 0; ; ) {
    const claimed = await sql.query(
      `UPDATE batch_call.tasks SET status = 'calling', attempt_count = 1 WHERE id IN (
         SELECT id FROM batch_call.tasks WHERE batch_id = $1 AND status = 'pending' AND attempt_count = 0
         ORDER BY coalesce(due_at, 0), row_number LIMIT ${claimsATime} FOR UPDATE SKIP LOCKED) RETURNING *`,
      [batchId],
    );
    if (claimed.length === 0) return completed;
    await sql.query(
      "UPDATE batch_call.tasks SET status = 'completed', outcome = 'answered' WHERE id = ANY($1::text[])",
      [claimed.map((row) => text(row, "id"))],
    );
    completed += claimed.length;
  }
}

/** Calls a second that so many engines complete together, with carriers that take no time. */
async function callsPerSecond(database: TestDatabase, processes: number): Promise<number> {
  const { store } = await openFilled(database);
  const children = await Promise.all(Array.from({ length: processes }, () => startChild(database)));
  const startedAt = performance.now();
  for (const child of children) child.send("start");
  await allEnded(store);
  const seconds = (performance.now() - startedAt) / 1000;
  const dials = await Promise.all(children.map(stopChild));
  await store.close();
  return checked(dials.reduce((sum, each) => sum + each, 0)) / seconds;
}

function checked(done: number): number {
  if (done !== calls) throw new Error(`${done} dials for ${calls} calls`);
  return done;
}

/** Resolves when the child is connected to the database. */
async function startChild(database: TestDatabase): Promise<ChildProcess> {
  const child = fork(dialerProgram, { env: { ...process.env, BATCH_CALL_DATABASE_URL: database.url.reveal() } });
  child.once("exit", (code) => {
    if (code !== 0) throw new Error(`A dialing process ended with ${code}`);
  });
  await once(child, "message");
  return child;
}

/** Returns how many calls it made. */
async function stopChild(child: ChildProcess): Promise<number> {
  child.send("stop");
  const [dials] = await once(child, "message");
  return Number(dials);
}
