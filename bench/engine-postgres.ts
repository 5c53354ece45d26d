import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Sql } from "../src/service/store/postgres/sql.ts";
import { openPostgresStore } from "../src/service/store/postgres/store.ts";
import type { StoredBatch } from "../src/service/store/records.ts";
import { text, whole } from "../src/service/store/rows.ts";
import { createDatabase, type TestDatabase } from "../test/support/process/postgres.ts";
import { addBatch, organizationId, rulesOf } from "./engine-world.ts";
import { median } from "./median.ts";

const rounds = 3;
const calls = 5000;
const batchSize = 1000;
const listedNumbers = 10_000;
const claimsATime = 50;
const processCounts = [1, 2, 4] as const;
const workerProgram = fileURLToPath(new URL("./engine-postgres-worker.js", import.meta.url));

/** Measured of one run; those with "ACall" are of the workers' process time and of the server's counters. */
type Run = {
  readonly callsPerSecond: number;
  readonly cpuMsACall: number;
  readonly commitsACall: number;
  /** Each is a round trip too. Undefined on a server without pg_stat_statements. */
  readonly statementsACall?: number;
};
type Named = { readonly name: string; readonly processes: number; readonly rules: Partial<StoredBatch["rules"]> };

const runs: readonly Named[] = [
  ...processCounts.map((processes) => ({ name: `${processes} at work`, processes, rules: {} })),
  { name: "1 at work, earlier calls excluded", processes: 1, rules: { exclude: { calledWithinDays: 7 } } },
];

/**
 * Calls that `worker` processes complete per second on one PostgreSQL database, with a carrier that takes no time and every rule asked:
 * hours, agreement, stops, pace, the do-not-call list, other calls to a number. Beside it, in turn, the same rows written flat. Every
 * call must be made exactly once.
 */
export async function benchPostgres(serverUrl: string | undefined, jsonFile: string | undefined): Promise<void> {
  if (!serverUrl) {
    console.log("PostgreSQL: left out, for want of --database URL (a server on which databases may be made)");
    return;
  }
  const measured: { floor: number; engines: readonly Run[] }[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const floor = await onDatabase(serverUrl, floorPerSecond);
    const engines: Run[] = [];
    for (const run of runs) engines.push(await onDatabase(serverUrl, (database) => measure(database, run)));
    measured.push({ floor, engines });
    const rates = engines.map(({ callsPerSecond }) => callsPerSecond.toFixed(0)).join(", ");
    console.log(
      `round ${round}: floor ${floor.toFixed(0)}/s; ${runs.map(({ name }) => name).join(" / ")}: ${rates} calls/s`,
    );
  }
  const rows = runs.map(({ name }, place) => {
    const of = (pick: (run: Run, floor: number) => number | undefined) =>
      round(median(measured.map(({ engines, floor }) => pick(engines[place] ?? none, floor) ?? Number.NaN)));
    return {
      name,
      callsPerSecond: of((run) => run.callsPerSecond),
      ratio: of((run, floor) => run.callsPerSecond / floor),
      cpuMsACall: of((run) => run.cpuMsACall),
      commitsACall: of((run) => run.commitsACall),
      statementsACall: of((run) => run.statementsACall),
    };
  });
  console.log(
    `PostgreSQL, ${calls} calls of no length, medians of ${rounds}, floor ${median(measured.map(({ floor }) => floor)).toFixed(0)} rows/s:`,
  );
  console.table(rows);
  if (jsonFile)
    await writeFile(
      jsonFile,
      `${JSON.stringify({ bench: "engine-postgres", calls, rounds, rows, measured }, undefined, 2)}\n`,
    );
}

const none: Run = { callsPerSecond: Number.NaN, cpuMsACall: Number.NaN, commitsACall: Number.NaN };

function round(value: number): number {
  return Number(value.toPrecision(4));
}

async function onDatabase<T>(serverUrl: string, measure: (database: TestDatabase) => Promise<T>): Promise<T> {
  const database = await createDatabase(serverUrl);
  try {
    return await measure(database);
  } finally {
    await database.drop();
  }
}

async function openFilled(database: TestDatabase, rules: Partial<StoredBatch["rules"]> = {}) {
  const sql = await database.connect();
  const store = await openPostgresStore(sql, "bench");
  await sql.query(
    `INSERT INTO batch_call.do_not_call (organization_id, phone_number, added_at)
     SELECT $1, '+1' || (3000000000 + n), 0 FROM generate_series(1, ${listedNumbers}) AS n`,
    [organizationId],
  );
  for (let n = 0; n < calls / batchSize; n += 1) {
    const given = { fromNumber: `+1${4_155_550_100 + n}`, rules: { ...rulesOf(new Date()), ...rules } };
    await addBatch(store, batchSize, given);
  }
  await sql.script("ANALYZE");
  return { sql, store };
}

/** Calls a second that one connection writes: claim 50 and write their attempts in one transaction, end both in another. No rules. */
async function floorPerSecond(database: TestDatabase): Promise<number> {
  const { sql, store } = await openFilled(database);
  const batches = await store.runningBatches();
  const startedAt = performance.now();
  let rows = 0;
  for (const batch of batches) rows += await completeAll(sql, batch);
  const seconds = (performance.now() - startedAt) / 1000;
  await store.close();
  if (rows !== calls) throw new Error(`${rows} rows for ${calls} calls`);
  return rows / seconds;
}

async function completeAll(sql: Sql, { id, organizationId, fromNumber, agentId }: StoredBatch): Promise<number> {
  for (let completed = 0; ; ) {
    const tasks = await sql.transaction(async (session) => {
      const claimed = await session.query(
        `UPDATE batch_call.tasks SET status = 'calling', attempt_count = 1 WHERE id IN (
           SELECT id FROM batch_call.tasks WHERE batch_id = $1 AND status = 'pending' AND attempt_count = 0
           ORDER BY coalesce(due_at, 0), row_number LIMIT ${claimsATime} FOR UPDATE SKIP LOCKED) RETURNING *`,
        [id],
      );
      await session.query(
        `INSERT INTO batch_call.attempts (token, task_id, batch_id, organization_id, attempt_number, call_id, from_number, to_number,
           agent_id, state, owner, fence, claimed_at)
         SELECT id || ':1', id, batch_id, $2, 1, 'call_' || id, $3, to_number, $4, 'starting', 'floor', 1, $5
         FROM batch_call.tasks WHERE id = ANY($1::text[])`,
        [claimed.map((row) => text(row, "id")), organizationId, fromNumber, agentId, Date.now()],
      );
      return claimed.map((row) => text(row, "id"));
    });
    if (tasks.length === 0) return completed;
    await sql.transaction(async (session) => {
      await session.query(
        "UPDATE batch_call.attempts SET state = 'ended', outcome = 'answered', ended_at = $2, recorded_at = $2 WHERE task_id = ANY($1::text[])",
        [tasks, Date.now()],
      );
      await session.query(
        "UPDATE batch_call.tasks SET status = 'completed', outcome = 'answered' WHERE id = ANY($1::text[])",
        [tasks],
      );
    });
    completed += tasks.length;
  }
}

async function measure(database: TestDatabase, { processes, rules }: Named): Promise<Run> {
  const { sql, store } = await openFilled(database, rules);
  // It can be made on a server that does not load it, and cannot be asked there.
  const countsStatements = await sql
    .script("CREATE EXTENSION pg_stat_statements; SELECT 1 FROM pg_stat_statements")
    .then(
      () => true,
      () => false,
    );
  const children = await Promise.all(Array.from({ length: processes }, () => startChild(database)));
  const commitsBefore = await readCommits(sql);
  if (countsStatements) await sql.query(`SELECT pg_stat_statements_reset(0, ${thisDatabase}, 0)`);
  const startedAt = performance.now();
  for (const child of children) child.send("start");
  while ((await sql.query(running)).length > 0) await sleep(5);
  const seconds = (performance.now() - startedAt) / 1000;
  const statements = countsStatements ? await readStatements(sql) : undefined;
  const reports = await Promise.all(children.map(stopChild));
  const commits = (await readCommits(sql)) - commitsBefore;
  await checkOnce(
    sql,
    reports.flatMap(({ tokens }) => tokens),
  );
  await store.close();
  return {
    callsPerSecond: calls / seconds,
    cpuMsACall: reports.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / calls,
    commitsACall: commits / calls,
    ...(statements !== undefined && { statementsACall: statements / calls }),
  };
}

const running = "SELECT 1 FROM batch_call.batches WHERE status = 'sent' LIMIT 1 -- bench";
const thisDatabase = "(SELECT oid FROM pg_database WHERE datname = current_database())";

/** The server's own counter; a process tells of its commits when its connection ends, or within a second. */
async function readCommits(sql: Sql): Promise<number> {
  const [row = {}] = await sql.query(
    "SELECT xact_commit AS commits FROM pg_stat_database WHERE datname = current_database()",
  );
  return whole(row, "commits");
}

/** All that were sent but those of the bench itself, which asks what runs, and of pg-boss. */
async function readStatements(sql: Sql): Promise<number> {
  const [row = {}] = await sql.query(
    `SELECT coalesce(sum(calls), 0)::bigint AS calls FROM pg_stat_statements
     WHERE dbid = ${thisDatabase} AND toplevel AND query NOT LIKE '%pgboss%' AND query NOT LIKE '%pg_stat%' AND query NOT LIKE '%-- bench'`,
  );
  return whole(row, "calls");
}

/** Throws unless each recipient was dialed once, and has the result of that call. */
async function checkOnce(sql: Sql, tokens: readonly string[]): Promise<void> {
  const [row = {}] = await sql.query(
    `SELECT count(*) FILTER (WHERE status = 'completed' AND outcome = 'answered' AND attempt_count = 1) AS done,
       (SELECT count(*) FROM batch_call.attempts WHERE state = 'ended' AND outcome = 'answered') AS attempts
     FROM batch_call.tasks`,
  );
  const counts = [tokens.length, new Set(tokens).size, whole(row, "done"), whole(row, "attempts")];
  if (counts.some((count) => count !== calls))
    throw new Error(`${counts.join(", ")} dials, tokens, results and attempts for ${calls} calls`);
}

/** Resolves when the child is connected to the database. */
async function startChild(database: TestDatabase): Promise<ChildProcess> {
  const child = fork(workerProgram, { env: { ...process.env, BATCH_CALL_DATABASE_URL: database.url.reveal() } });
  child.once("exit", (code) => {
    if (code !== 0) throw new Error(`A worker ended with ${code}`);
  });
  await once(child, "message");
  return child;
}

const reportSchema = z.object({ tokens: z.array(z.string()), cpuMs: z.number() });

async function stopChild(child: ChildProcess) {
  const ended = once(child, "exit");
  child.send("stop");
  const [report] = await once(child, "message");
  await ended;
  return reportSchema.parse(report);
}
