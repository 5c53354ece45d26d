import { join } from "node:path";
import type { Settings } from "../config/settings.ts";
import { contractVersion } from "../contract/routes.ts";
import { Problem } from "../domain/problem.ts";
import { sleep, systemClock } from "../lib/clock.ts";
import { commandText } from "../lib/command-text.ts";
import type { InProcess } from "../lib/http-exchange.ts";
import type { Log } from "../lib/log.ts";
import { explainStorageError, type FileLock, tryLock } from "../lib/sqlite.ts";
import { packageVersion } from "../lib/version.ts";
import { createSimulatedCarrier, openSimulatedLedger } from "../service/carriers/index.ts";
import { type RunningService, startService } from "../service/index.ts";
import type { SendLedger } from "../service/store/index.ts";
import { ensureWritableDir, fileIdentity, refuseLiveDir, requireCarrier, simulatedLedgerPath } from "./data-dir.ts";
import { startWithDialGuard } from "./operator-dial-guard.ts";
import { askHealth, readServiceAddress, type ServiceAddress, writeServiceAddress } from "./service-address.ts";

const leaderRetryMs = 250;
const longestBackOffMs = 5000;
/** How often the copy that leads looks whether its directory is still there. */
const lookMs = 1000;
const patienceMs = 5000;

/** Starts the simulated service on a data directory whose lock the caller holds. Port 0 = any free one. */
export async function startSimulatedService(settings: Settings, port: number, log: Log): Promise<RunningService> {
  await refuseLiveDir(settings.dataDir);
  const { dataDir, simulatedSeed: seed, simulatedSpeed: speed } = settings;
  const host = "127.0.0.1";
  const service = await startWithDialGuard(settings, "simulated", async (guard) => {
    const carrier = async (sends: SendLedger) => {
      // Before its ledger is made, by which the directory would be one for simulated calls.
      await requireCarrier("simulated", sends, dataDir);
      const ledger = openSimulatedLedger(simulatedLedgerPath(dataDir));
      return createSimulatedCarrier({ ledger, clock: systemClock, seed, speed });
    };
    return startService({
      dataDir,
      derivesOrganizations: true,
      carrier,
      clock: systemClock,
      settings,
      guard,
      log,
      host,
      port,
    });
  });
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
  return tryLock(lockPath(dataDir));
}

/**
 * The service that starts by itself. Of all copies of this program on one data directory, the one that holds the lock
 * runs it; the others talk to it and stand for the lock until they get it. The kernel frees the lock of a dead copy. One that
 * cannot run it stands again, with growing waits: what was in the way may be gone.
 */
export class LocalService {
  readonly #settings: Settings;
  readonly #log: Log;
  readonly #stopped = new AbortController();
  readonly #campaign: Promise<void>;
  #leading: { readonly service: RunningService; readonly lock: FileLock } | undefined;
  /** Why this copy could not run the service when it last had the lock. */
  #failure: unknown;
  /** Which file the lock stood for when this copy first took or met it. */
  #lockFile: string | undefined;

  constructor(settings: Settings, log: Log) {
    this.#settings = settings;
    this.#log = log;
    this.#campaign = this.#standForLeader();
  }

  /**
   * Where the service listens now. Waits up to 5 s for one copy to come up. Throws `unavailable` when none does, when the one
   * that runs it does not answer, or is of a version that this copy does not understand, and when the data directory is gone.
   */
  async url(): Promise<string> {
    const deadline = systemClock.now().getTime() + patienceMs;
    do {
      this.#refuseRemovedDir();
      if (this.#leading) return this.#leading.service.url;
      const found = await this.#follow();
      if (found) return found;
      if (this.#failure) throw toProblem(this.#failure, this.#settings.dataDir);
      await sleep(systemClock, leaderRetryMs / 5);
    } while (systemClock.now().getTime() < deadline);
    throw new Problem(
      "unavailable",
      `No copy of the batch-call service came up on ${this.#settings.dataDir} within ${patienceMs / 1000} s. Nothing was sent. Run \`${commandText("doctor")}\`.`,
    );
  }

  /** The service that this copy runs, if that is the one at the origin. */
  inProcess(origin: string): InProcess | undefined {
    const service = this.#leading?.service;
    return service?.url === origin ? service.ask : undefined;
  }

  /** Hands the service over: stops dialing, frees the lock. Calls in progress are found again by the next copy. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#campaign;
    await this.#stepDown();
  }

  async #stepDown(): Promise<void> {
    const leading = this.#leading;
    this.#leading = undefined;
    await leading?.service.stop();
    leading?.lock.release();
  }

  /** Ends when this copy stops, or when the directory that it stands for is gone. */
  async #standForLeader(): Promise<void> {
    const { signal } = this.#stopped;
    for (let failures = 0; !signal.aborted; ) {
      try {
        this.#refuseRemovedDir();
        if (!this.#leading) await this.#tryToLead();
        failures = 0;
        this.#failure = undefined;
      } catch (error) {
        this.#fail(error);
        failures++;
        if (error instanceof RemovedDir) {
          await this.#stepDown().catch((err: unknown) => this.#log.error({ err }, "the service did not end in order"));
          return;
        }
      }
      await sleep(
        systemClock,
        this.#leading ? lookMs : Math.min(leaderRetryMs * 2 ** failures, longestBackOffMs),
        signal,
      );
    }
  }

  async #tryToLead(): Promise<void> {
    const lock = await tryLead(this.#settings.dataDir);
    this.#lockFile ??= fileIdentity(lockPath(this.#settings.dataDir));
    if (!lock) return;
    try {
      const service = await startSimulatedService(this.#settings, 0, this.#log);
      this.#leading = { service, lock };
      this.#log.info({ url: service.url }, "the batch-call service runs in this process");
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Logged when it is another reason than before. */
  #fail(error: unknown): void {
    const isKnown = this.#failure !== undefined && String(this.#failure) === String(error);
    this.#failure = error;
    if (!isKnown) this.#log.error({ err: error }, "the batch-call service cannot run in this process");
  }

  /** What is written into removed files is lost, and a directory made again is another one, with other keys. */
  #refuseRemovedDir(): void {
    const { dataDir } = this.#settings;
    if (this.#lockFile === undefined || fileIdentity(lockPath(dataDir)) === this.#lockFile) return;
    throw new RemovedDir(dataDir);
  }

  /**
   * The url of the leading copy, when it answers and speaks our contract. Asked anew before each request: one that is
   * stopped keeps its lock and its port, and the request would wait for the whole deadline.
   */
  async #follow(): Promise<string | undefined> {
    const endpoint = await readServiceAddress(this.#settings.dataDir);
    if (!endpoint) return undefined;
    const health = await askHealth(endpoint.url);
    if (health === "silent") throw new Problem("unavailable", silentLeader(endpoint, this.#settings.dataDir));
    if (!health) return undefined;
    if (health.contract_version !== contractVersion)
      throw new Problem("unavailable", olderCopy(health.version, health.contract_version));
    return endpoint.url;
  }
}

function lockPath(dataDir: string): string {
  return join(dataDir, "leader.sqlite");
}

class RemovedDir extends Problem {
  constructor(dataDir: string) {
    super(
      "unavailable",
      `The data directory ${dataDir} was removed or replaced while this server used it. Nothing was sent, and this server dials no more. Put the directory back from a backup if there is one, and restart this server; without one it begins with an empty directory.`,
    );
  }
}

/** What to do about a copy that has the lock and is silent, as one that was stopped with SIGSTOP or Ctrl+Z is. */
export function silentLeader({ pid }: ServiceAddress, dataDir: string): string {
  return `Process ${pid}, the copy of batch-call-mcp that runs the service on ${dataDir}, does not answer: it is stopped or hangs. Nothing was sent. Let it go on (\`kill -CONT ${pid}\`) or end it (\`kill -KILL ${pid}\`); another copy then takes over by itself, and nobody is called twice.`;
}

/** What the caller can read of a service that did not come up. */
function toProblem(failure: unknown, dataDir: string): Problem {
  if (failure instanceof Problem) return failure;
  const why = explainStorageError(failure) ?? (failure instanceof Error ? failure.message : String(failure));
  return new Problem(
    "unavailable",
    `The batch-call service cannot run on ${dataDir}: ${why}. Nothing was sent. It is tried again by itself every few seconds; another directory can be set with BATCH_CALL_DATA_DIR.`,
    { cause: failure },
  );
}

function olderCopy(version: string, contract: number): string {
  const [older, newer] = contract > contractVersion ? [packageVersion, version] : [version, packageVersion];
  return `Another copy of batch-call-mcp, version ${version}, runs the service of this data directory, and it does not understand this copy, version ${packageVersion}. Nothing was sent. Update the copy with version ${older} to ${newer}, then restart its client.`;
}
