import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { inTransaction, openDatabase } from "../src/lib/sqlite.ts";
import type { Sql } from "../src/service/store/postgres/sql.ts";
import { openPostgresStore } from "../src/service/store/postgres/store.ts";
import { openSqliteStore } from "../src/service/store/sqlite/store.ts";
import { createDatabase } from "../test/support/process/postgres.ts";
import {
  type FlatCalls,
  fillRunning,
  type Trickle,
  trickleOfEngine,
  trickleOfFloor,
  wantedPerSecond,
} from "./engine-trickle.ts";

export type TrickleRow = { readonly store: "SQLite" | "PostgreSQL"; readonly batches: number } & Record<
  "engine" | "floor",
  Trickle
>;

/** Calls that end one by one, beside so many running batches, on SQLite and, where a server is given, on PostgreSQL. */
export async function benchTrickles(
  home: string,
  serverUrl: string | undefined,
  sizes: readonly number[],
): Promise<readonly TrickleRow[]> {
  console.log(
    `calls that end one by one, 20 at a time, 50 to 150 ms each, ${wantedPerSecond}/s wanted; the floor beside it has no rules`,
  );
  console.log(
    "| store | running batches | calls/s | CPU ms a call | longest stall, ms | floor: calls/s | CPU | stall | CPU ratio |",
  );
  console.log("|---|---|---|---|---|---|---|---|---|");
  const rows: TrickleRow[] = [];
  for (const batches of sizes) {
    rows.push({ store: "SQLite", batches, ...(await onSqlite(join(home, `trickle-${batches}`), batches)) });
    print(rows.at(-1));
    if (!serverUrl) continue;
    rows.push({ store: "PostgreSQL", batches, ...(await onPostgres(serverUrl, batches)) });
    print(rows.at(-1));
  }
  return rows;
}

function print(row: TrickleRow | undefined): void {
  if (!row) return;
  const { engine, floor } = row;
  const cells = [
    row.store,
    row.batches,
    engine.callsPerSecond.toFixed(0),
    engine.cpuMsACall.toFixed(2),
    engine.stallMs.toFixed(0),
    floor.callsPerSecond.toFixed(0),
    floor.cpuMsACall.toFixed(2),
    floor.stallMs.toFixed(0),
    (engine.cpuMsACall / floor.cpuMsACall).toFixed(1),
  ];
  console.log(`| ${cells.join(" | ")} |`);
}

async function onSqlite(path: string, batches: number) {
  const store = openSqliteStore(`${path}.sqlite`);
  await fillRunning(store, batches);
  const floor = await onBareSqlite(`${path}.sqlite`, (flat) => trickleOfFloor(store, flat));
  const engine = await trickleOfEngine(store);
  await store.close();
  return { engine, floor };
}

/** Steps of one turn of the event loop share a commit, as in the engine. */
async function onBareSqlite<T>(path: string, work: (flat: FlatCalls) => Promise<T>): Promise<T> {
  const database = openDatabase(path);
  const take = database.prepare(
    `UPDATE tasks SET status = 'calling', attempt_count = 1 WHERE id = (
       SELECT id FROM tasks WHERE batch_id = ? AND status = 'pending' AND attempt_count = 0 AND due_at IS NULL
       ORDER BY row_number LIMIT 1) RETURNING id, to_number`,
  );
  const write = database.prepare(
    `INSERT INTO attempts (token, task_id, batch_id, organization_id, attempt_number, call_id, from_number, to_number, agent_id, claimed_at, state)
     VALUES (?, ?, ?, 'org_bench', 1, ?, '+14155550100', ?, 'agent_bench', ?, 'claimed')`,
  );
  const endAttempt = database.prepare(
    "UPDATE attempts SET state = 'ended', outcome = 'answered', ended_at = ?1, recorded_at = ?1 WHERE token = ?2 RETURNING task_id",
  );
  const endTask = database.prepare("UPDATE tasks SET status = 'completed', outcome = 'answered' WHERE id = ?");
  let waiting: (() => void)[] = [];
  const inGroup = (step: () => void): Promise<void> =>
    new Promise((resolve, reject) => {
      waiting.push(() => {
        step();
        resolve();
      });
      if (waiting.length > 1) return;
      void setImmediate().then(() => {
        const steps = waiting;
        waiting = [];
        try {
          inTransaction(database, () => {
            for (const one of steps) one();
          });
        } catch (error) {
          reject(error);
        }
      });
    });
  try {
    return await work({
      begin: (batchId, token) =>
        inGroup(() => {
          const task = take.get(batchId) ?? {};
          write.run(token, String(task["id"]), batchId, `call_${token}`, String(task["to_number"]), Date.now());
        }),
      end: (token) =>
        inGroup(() => {
          const ended = endAttempt.get(Date.now(), token) ?? {};
          endTask.run(String(ended["task_id"]));
        }),
    });
  } finally {
    database.close();
  }
}

async function onPostgres(serverUrl: string, batches: number) {
  const database = await createDatabase(serverUrl);
  try {
    const sql = await database.connect();
    const store = await openPostgresStore(sql, "bench");
    await fillRunning(store, batches);
    await sql.query("ANALYZE");
    const floor = await trickleOfFloor(store, onBarePostgres(sql));
    await sql.query("UPDATE batch_call.attempts SET outcome = 'answered', state = 'ended'");
    const engine = await trickleOfEngine(store);
    await store.close();
    return { engine, floor };
  } finally {
    await database.drop();
  }
}

function onBarePostgres(sql: Sql): FlatCalls {
  return {
    async begin(batchId, token) {
      await sql.query(
        `WITH taken AS (
           UPDATE batch_call.tasks SET status = 'calling', attempt_count = 1 WHERE id = (
             SELECT id FROM batch_call.tasks WHERE batch_id = $1 AND status = 'pending' AND attempt_count = 0
             ORDER BY coalesce(due_at, 0), row_number LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING *)
         INSERT INTO batch_call.attempts (token, task_id, batch_id, organization_id, attempt_number, call_id, from_number, to_number,
           agent_id, claimed_at, state, owner, fence)
         SELECT $2, id, $1, 'org_bench', 1, 'call_' || $2, '+14155550100', to_number, 'agent_bench', $3, 'claimed', 'floor', 1 FROM taken`,
        [batchId, token, Date.now()],
      );
    },
    async end(token) {
      await sql.query(
        `WITH ended AS (
           UPDATE batch_call.attempts SET state = 'ended', outcome = 'answered', ended_at = $2, recorded_at = $2 WHERE token = $1 RETURNING task_id)
         UPDATE batch_call.tasks SET status = 'completed', outcome = 'answered' WHERE id IN (SELECT task_id FROM ended)`,
        [token, Date.now()],
      );
    },
  };
}
