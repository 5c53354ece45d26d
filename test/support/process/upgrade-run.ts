import { setTimeout } from "node:timers/promises";
import type { Secret } from "../../../src/domain/secret.ts";
import { silentLog } from "../../../src/lib/log.ts";
import { openPool } from "../../../src/service/store/postgres/pool.ts";
import type { Sql } from "../../../src/service/store/postgres/sql.ts";
import { whole } from "../../../src/service/store/rows.ts";
import { waitUntil } from "../wait-until.ts";
import { urlOf } from "./ask-service.ts";
import { createBatch, waitForEnd } from "./crash-run.ts";
import { copyKeys, type Machine, startMachines } from "./machines.ts";
import { judgeByLedger } from "./restart-run.ts";

export type UpgradeReport = {
  readonly recipients: number;
  readonly oldSchema: number;
  readonly newSchema: number;
  /** Calls that the older processes had made when the newer ones changed the schema. */
  readonly calledBefore: number;
  /** Calls that older processes had in hand then, and brought to their end themselves. */
  readonly inHandThen: number;
  /** Attempts that an older process claimed after it. */
  readonly claimedByOlderAfter: number;
  /** Older processes that said by name that a newer copy has changed the database. */
  readonly olderThatSaidWhy: number;
  readonly older: number;
  /** Recipients whom the carrier never called, and whom it called more than once. */
  readonly lost: number;
  readonly calledTwice: number;
  /** As the newer service counts them in the end. */
  readonly counts: Readonly<Record<string, number>>;
};

export const upgradeSettings = {
  BATCH_CALL_SERVICE_PORT: "0",
  BATCH_CALL_SIMULATED_SPEED: "10",
  BATCH_CALL_MAX_CONCURRENT: "1000",
  BATCH_CALL_STARTS_PER_SECOND: "10",
  BATCH_CALL_LOG_LEVEL: "info",
};

const saysWhy = /A newer copy of batch-call-mcp has changed the database/;

/**
 * A service and a worker of an older version dial a list; then those of the newer one are started beside them, and the older ones run
 * to the end of it. `older` and `newer` are two machines each; the first of a pair runs the service.
 */
export async function upgradeRun(setup: {
  readonly older: readonly [Machine, Machine];
  readonly newer: readonly [Machine, Machine];
  readonly databaseUrl: Secret;
  readonly recipients: number;
}): Promise<UpgradeReport> {
  const { older, newer, databaseUrl, recipients } = setup;
  const old = await startMachines(older, 1);
  const sql = await openPool(databaseUrl, silentLog);
  let young: Awaited<ReturnType<typeof startMachines>> = [];
  try {
    const [service] = old;
    const batchId = await createBatch(service?.url ?? "", older[0].dataDir, recipients);
    const oldSchema = await schemaOf(sql);
    await waitUntil("calls of the older version", async () => (await calledSoFar(sql)) >= recipients / 4, 60_000);

    await copyKeys(older[0], newer[0]);
    const starting = startMachines(newer, 1);
    await waitUntil("the newer version changed the schema", async () => (await schemaOf(sql)) > oldSchema, 60_000);
    const changedAt = await databaseNow(sql);
    const [calledBefore, inHandThen] = [await calledSoFar(sql), await countOf(sql, openAttempts, [])];
    young = await starting;
    const url = await urlOf(young[0]?.program ?? raise("No newer service runs"));
    const { counts } = await waitForEnd(url, newer[0].dataDir, batchId);
    // They notice when they next look for somebody to call, each lease's quarter at the latest.
    await setTimeout(3_000);
    const pids = old.map(({ program }) => `/${program.process.pid}/`);
    const verdict = await judgeByLedger(sql, batchId);
    return {
      recipients,
      oldSchema,
      newSchema: await schemaOf(sql),
      calledBefore,
      inHandThen,
      claimedByOlderAfter: await countOf(sql, claimedBy, [pids, changedAt]),
      olderThatSaidWhy: old.filter(({ program }) => saysWhy.test(program.stderr())).length,
      older: old.length,
      ...verdict,
      counts,
    };
  } finally {
    await sql.close();
    await Promise.all([...old, ...young].map(({ program }) => program.stop()));
  }
}

const openAttempts = "SELECT count(*) AS n FROM batch_call.attempts WHERE state IN ('starting', 'placed')";
const claimedBy = `SELECT count(*) AS n FROM batch_call.attempts
  WHERE claimed_at > $2 AND EXISTS (SELECT 1 FROM unnest($1::text[]) AS old (pid) WHERE strpos(owner, pid) > 0)`;

async function countOf(sql: Sql, statement: string, values: Parameters<Sql["query"]>[1]): Promise<number> {
  const [row = {}] = await sql.query(statement, values);
  return whole(row, "n");
}

const schemaOf = (sql: Sql) => countOf(sql, "SELECT version AS n FROM batch_call.schema_version", []);
const calledSoFar = (sql: Sql) => countOf(sql, "SELECT count(*) AS n FROM carrier.calls", []);
const databaseNow = (sql: Sql) =>
  countOf(sql, "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS n", []);

function raise(message: string): never {
  throw new Error(message);
}
