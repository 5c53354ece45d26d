import { sleep, systemClock } from "../../../lib/clock.ts";
import { createBatchStore } from "../shared/create-batch-store.ts";
import { leaseMs, postgres } from "../shared/dialect.ts";
import { everybody } from "../shared/grants.ts";
import { readSchemaVersion } from "./migrate.ts";
import { createPostgresRunner } from "./run-work.ts";
import { postgresSchemaSteps } from "./schema.ts";
import type { Sql } from "./sql.ts";

const pollMs = 20;

/**
 * Stops the calls of everybody on a database, whichever version of the program wrote it: nothing is migrated, and no batch is
 * read. What asks for its last check from then on is refused; `untilNoneStarts` tells when no dial begins any more.
 */
export async function throwKillSwitch(sql: Sql): Promise<void> {
  await sql.query(
    `INSERT INTO batch_call.kill_switches (organization_id, since)
     VALUES ($1, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) ON CONFLICT (organization_id) DO NOTHING`,
    [everybody],
  );
}

/**
 * Resolves when no process has a dial on its way to the carrier that was let through before the switch was thrown, or none may
 * start one any more: what was checked half a lease ago is not handed over.
 */
export async function untilNoneStarts(sql: Sql): Promise<void> {
  // Waits for the last checks that began before; those that begin after see the switch.
  await sql.transaction((session) => session.script("LOCK TABLE batch_call.attempts IN SHARE MODE"));
  const deadline = systemClock.monotonicMs() + leaseMs / 2;
  const starting = "SELECT 1 FROM batch_call.attempts WHERE state = 'starting' LIMIT 1";
  while ((await sql.query(starting)).length > 0 && systemClock.monotonicMs() < deadline)
    await sleep(systemClock, pollMs);
}

/**
 * Holds all batches that run, or releases the switch, and returns how many are held by it; undefined where the schema is not the
 * one that this program knows, of which it changes nothing.
 */
export async function settleKillSwitch(sql: Sql, isOn: boolean, why: string): Promise<number | undefined> {
  if ((await readSchemaVersion(sql, "batch_call")) !== postgresSchemaSteps.length) return undefined;
  const { setKillSwitch } = createBatchStore(createPostgresRunner(sql), postgres);
  return (await setKillSwitch(everybody, isOn, why, systemClock.now())).length;
}

/** Whose calls are stopped there: everybody's, and those of accounts by themselves. */
export async function readStopped(
  sql: Sql,
): Promise<{ readonly isEverybody: boolean; readonly accounts: readonly string[] }> {
  const rows = await sql.query("SELECT organization_id FROM batch_call.kill_switches ORDER BY organization_id");
  const ids = rows.map((row) => String(row["organization_id"]));
  return { isEverybody: ids.includes(everybody), accounts: ids.filter((id) => id !== everybody) };
}
