import { join } from "node:path";
import type { Settings } from "../config/settings.ts";
import { contractVersion } from "../contract/routes.ts";
import { Problem } from "../domain/problem.ts";
import { sleep, systemClock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { type FileLock, tryLock } from "../lib/sqlite.ts";
import { packageVersion } from "../lib/version.ts";
import { createSimulatedCarrier, openSimulatedLedger } from "../service/carriers/index.ts";
import { type RunningService, startService } from "../service/index.ts";
import { ensureWritableDir, refuseLiveDir, simulatedLedgerPath } from "./data-dir.ts";
import { startWithDialGuard } from "./operator-dial-guard.ts";
import { askHealth, readServiceAddress, type ServiceAddress, writeServiceAddress } from "./service-address.ts";

const leaderRetryMs = 250;
const patienceMs = 5000;

/** Starts the simulated service on a data directory whose lock the caller holds. Port 0 = any free one. */
export async function startSimulatedService(settings: Settings, port: number, log: Log): Promise<RunningService> {
  await refuseLiveDir(settings.dataDir);
  const carrier = createSimulatedCarrier({
    ledger: openSimulatedLedger(simulatedLedgerPath(settings.dataDir)),
    clock: systemClock,
    seed: settings.simulatedSeed,
    speed: settings.simulatedSpeed,
  });
  const { dataDir } = settings;
  const host = "127.0.0.1";
  const service = await startWithDialGuard(settings, "simulated", (guard) =>
    startService({ dataDir, carrier, clock: systemClock, settings, guard, log, host, port }),
  );
  await announce(settings.dataDir, service);
  return service;
}

/** Lets other copies of this program find the service. One that cannot be announced is stopped before this throws. */
export async function announce(dataDir: string, service: RunningService): Promise<void> {
  try {
    await writeServiceAddress(dataDir, { url: service.url, pid: process.pid, version: packageVersion });
  } catch (error) {
    // The caller gives the lock away when this fails, and two services must not dial from one directory.
    await service.stop();
    throw error;
  }
}

/** Takes the lock of a data directory, which its one dialing process holds for as long as it lives. */
export async function tryLead(dataDir: string): Promise<FileLock | undefined> {
  await ensureWritableDir(dataDir, "BATCH_CALL_DATA_DIR");
  return tryLock(join(dataDir, "leader.sqlite"));
}

/**
 * The service that starts by itself. Of all copies of this program on one data directory, the one that holds the lock
 * runs it; the others talk to it and stand for the lock until they get it. The kernel frees the lock of a dead copy.
 */
export class LocalService {
  readonly #settings: Settings;
  readonly #log: Log;
  readonly #stopped = new AbortController();
  readonly #campaign: Promise<void>;
  #leading: { readonly service: RunningService; readonly lock: FileLock } | undefined;
  #failure: unknown;
  #known: ServiceAddress | undefined;

  constructor(settings: Settings, log: Log) {
    this.#settings = settings;
    this.#log = log;
    this.#campaign = this.#standForLeader();
  }

  /**
   * Where the service listens now. Waits up to 5 s for one copy to come up. Throws `unavailable` when none does, or when
   * it is of a version that this copy does not understand.
   */
  async url(): Promise<string> {
    const deadline = systemClock.now().getTime() + patienceMs;
    do {
      if (this.#leading) return this.#leading.service.url;
      const found = await this.#follow();
      if (found) return found;
      if (this.#failure) throw toProblem(this.#failure, this.#settings.dataDir);
      await sleep(systemClock, leaderRetryMs / 5);
    } while (systemClock.now().getTime() < deadline);
    throw new Problem(
      "unavailable",
      `No copy of the batch-call service came up on ${this.#settings.dataDir} within ${patienceMs / 1000} s. Nothing was sent. Run \`batch-call-mcp doctor\`.`,
    );
  }

  /** Hands the service over: stops dialing, frees the lock. Calls in progress are found again by the next copy. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#campaign;
    await this.#leading?.service.stop();
    this.#leading?.lock.release();
    this.#leading = undefined;
  }

  async #standForLeader(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted && !this.#leading && !this.#failure) {
      const lock = await tryLead(this.#settings.dataDir).catch((error: unknown) => this.#fail(error));
      if (lock) await this.#lead(lock);
      else await sleep(systemClock, leaderRetryMs, signal);
    }
  }

  async #lead(lock: FileLock): Promise<void> {
    try {
      const service = await startSimulatedService(this.#settings, 0, this.#log);
      this.#leading = { service, lock };
      this.#log.info({ url: service.url }, "the batch-call service runs in this process");
    } catch (error) {
      lock.release();
      this.#fail(error);
    }
  }

  #fail(error: unknown): undefined {
    this.#failure = error;
    this.#log.error({ err: error }, "the batch-call service cannot run in this process");
  }

  /** The url of the leading copy, when it answers and speaks our contract. */
  async #follow(): Promise<string | undefined> {
    const endpoint = await readServiceAddress(this.#settings.dataDir);
    if (!endpoint) return undefined;
    if (endpoint.url === this.#known?.url && endpoint.pid === this.#known.pid) return endpoint.url;
    const health = await askHealth(endpoint.url);
    if (!health) return undefined;
    if (health.contract_version !== contractVersion)
      throw new Problem("unavailable", olderCopy(health.version, health.contract_version));
    this.#known = endpoint;
    return endpoint.url;
  }
}

/** What the caller can read of a service that did not come up. */
function toProblem(failure: unknown, dataDir: string): Problem {
  if (failure instanceof Problem) return failure;
  const why = failure instanceof Error ? failure.message : String(failure);
  return new Problem(
    "unavailable",
    `The batch-call service cannot run on ${dataDir}: ${why}. Nothing was sent. Repair that, or set BATCH_CALL_DATA_DIR to another directory, and restart this server.`,
    { cause: failure },
  );
}

function olderCopy(version: string, contract: number): string {
  const [older, newer] = contract > contractVersion ? [packageVersion, version] : [version, packageVersion];
  return `Another copy of batch-call-mcp, version ${version}, runs the service of this data directory, and it does not understand this copy, version ${packageVersion}. Nothing was sent. Update the copy with version ${older} to ${newer}, then restart its client.`;
}
