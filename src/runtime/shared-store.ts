import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { isLiveCarrier } from "../config/carrier.ts";
import type { Settings } from "../config/settings.ts";
import type { Secret } from "../domain/secret.ts";
import { systemClock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { type Carrier, createSimulatedCarrier, openPostgresLedger } from "../service/carriers/index.ts";
import { openPgBoss, type WakeUps } from "../service/dialing/index.ts";
import { openPool, openPostgresStore, type Sql, type Store, settleEnvironment } from "../service/store/index.ts";
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

/** Connects to the database of BATCH_CALL_DATABASE_URL. Throws a `Problem` when it cannot be used from here. */
export async function openShared(settings: Settings, url: Secret, log: Log): Promise<Shared> {
  const wakeUps = await openPgBoss(url, log);
  const sql = await openPool(url, log);
  try {
    const store = await openPostgresStore(sql, newOwner());
    await settleEnvironment(sql, isLiveCarrier(settings.carrier) ? "live" : "simulated");
    const carrier = await openCarrier(settings, sql, store, log);
    return { sql, store, carrier, wakeUps };
  } catch (error) {
    await sql.close();
    throw error;
  }
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
