import { createHash, randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { isLiveCarrier } from "../config/carrier.ts";
import type { Settings } from "../config/settings.ts";
import type { Secret } from "../domain/secret.ts";
import { systemClock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { packageVersion } from "../lib/version.ts";
import type { CarrierAccount } from "../service/accounts/index.ts";
import { type Carrier, createSimulatedCarrier, openPostgresLedger } from "../service/carriers/index.ts";
import { openPgBoss, type WakeUps } from "../service/dialing/index.ts";
import {
  type AboutProcess,
  differencesFrom,
  introduceProcess,
  livingProcesses,
  openPool,
  openPostgresStore,
  type Sql,
  type Store,
  settleEnvironment,
} from "../service/store/index.ts";
import { requireCarrier } from "./data-dir.ts";
import { openLiveCarrier } from "./live-service.ts";

/** What a process needs to dial on a database that it shares with others. */
export type Shared = {
  readonly sql: Sql;
  /** Closing it closes `sql`. */
  readonly store: Store;
  readonly carrier: Carrier;
  readonly wakeUps: WakeUps;
};

/**
 * Connects to the database of BATCH_CALL_DATABASE_URL, and logs by name what other processes on it go by that is not the same here. Throws
 * a `Problem` when it cannot be used from here. `account` is given where this process reads it from account.json.
 */
export async function openShared(
  settings: Settings,
  url: Secret,
  log: Log,
  command: AboutProcess["command"],
  account?: CarrierAccount,
): Promise<Shared> {
  const wakeUps = await openPgBoss(url, log);
  const sql = await openPool(url, log);
  try {
    const owner = newOwner();
    const store = await openPostgresStore(sql, owner);
    await settleEnvironment(sql, isLiveCarrier(settings.carrier) ? "live" : "simulated");
    const about = describeProcess(settings, command, account);
    for (const difference of differencesFrom(about, await livingProcesses(sql)))
      log.warn(
        { difference },
        "Another process on this database goes by something else. Make it the same on every machine",
      );
    await introduceProcess(sql, owner, about);
    const carrier = await openCarrier(settings, sql, store, log);
    return { sql, store, carrier, wakeUps };
  } catch (error) {
    await sql.close();
    throw error;
  }
}

/** What has to be the same in every process, and is not kept in the database. */
export function describeProcess(
  settings: Settings,
  command: AboutProcess["command"],
  account?: CarrierAccount,
): AboutProcess {
  const { maxConcurrent, maxConcurrentPerBatch, startsPerSecond, minHoursBetweenBatches } = settings;
  const limits = {
    BATCH_CALL_MAX_CONCURRENT: String(maxConcurrent),
    BATCH_CALL_MAX_CONCURRENT_PER_BATCH: String(maxConcurrentPerBatch ?? "not set"),
    BATCH_CALL_STARTS_PER_SECOND: String(startsPerSecond),
    BATCH_CALL_MIN_HOURS_BETWEEN_BATCHES: String(minHoursBetweenBatches ?? "not set"),
  };
  return { version: packageVersion, command, limits, ...(account && { account: toAccountFacts(account) }) };
}

function toAccountFacts({ agents, phoneNumbers }: CarrierAccount): NonNullable<AboutProcess["account"]> {
  // The time of a file is its machine's own.
  const content = JSON.stringify([agents.map(({ createdAt: _, ...agent }) => agent), phoneNumbers]);
  return {
    digest: createHash("sha256").update(content).digest("hex"),
    agents: agents.map(({ agentId }) => agentId),
    callerIds: phoneNumbers.length,
  };
}

/** Names this process among all that ever ran, readable for whoever looks into the database. */
function newOwner(): string {
  return `${hostname()}/${process.pid}/${randomBytes(6).toString("hex")}`;
}

async function openCarrier(settings: Settings, sql: Sql, { sends }: Store, log: Log): Promise<Carrier> {
  const { carrier, simulatedSeed: seed, simulatedSpeed: speed } = settings;
  const where = "the database of BATCH_CALL_DATABASE_URL";
  if (carrier.kind !== "simulated") return openLiveCarrier(carrier, sends, where, log);
  await requireCarrier("simulated", sends, where);
  return createSimulatedCarrier({ ledger: await openPostgresLedger(sql), clock: systemClock, seed, speed });
}
