import type { HostedAccount } from "../client/hosted-api.ts";
import { type CarrierSettings, isPlatform } from "../config/carrier.ts";
import type { Settings } from "../config/settings.ts";
import { systemClock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import {
  type AccountSource,
  type CarrierAccount,
  createCurrentAccount,
  loadAccount,
} from "../service/accounts/index.ts";
import {
  type Carrier,
  createHostedCarrier,
  createHttpCarrier,
  type DirectCarrier,
  openBridgeConnection,
} from "../service/carriers/index.ts";
import { type RunningService, startService } from "../service/index.ts";
import type { SendLedger } from "../service/store/index.ts";
import { accountPath, refuseSimulatedDir, requireCarrier } from "./data-dir.ts";
import { type HostedSettings, openHostedApi, readAccount, readHostedAccount } from "./hosted-carrier.ts";
import { announce } from "./local-service.ts";
import { startWithDialGuard } from "./operator-dial-guard.ts";
import { nameOf, openPlatformCarrier, readPlatformAccount } from "./platform-carrier.ts";

export type BridgeSettings = Extract<CarrierSettings, { kind: "http" }>;
/** Of a carrier whose calls reach people's phones. */
export type LiveSettings = Exclude<CarrierSettings, { kind: "simulated" }>;

/** Starts the service that places real calls, on a data directory whose lock the caller holds. */
export async function startLiveService(settings: Settings, live: LiveSettings, log: Log): Promise<RunningService> {
  const { dataDir, servicePort: port } = settings;
  await refuseSimulatedDir(dataDir);
  const account = await loadLiveAccount(settings, live, log);
  const carrier = (sends: SendLedger) => openLiveCarrier(live, sends, dataDir, log);
  const host = "127.0.0.1";
  const service = await startWithDialGuard(settings, "live", (guard) =>
    startService({ dataDir, carrier, account, clock: systemClock, settings, guard, log, host, port }),
  );
  await announce(dataDir, service);
  return service;
}

/** The agents and caller ids that batches may name: a bridge's from a file, those of the hosted API or a platform from its account, where they can change. */
export async function loadLiveAccount(
  { dataDir, maxConcurrent }: Pick<Settings, "dataDir" | "maxConcurrent">,
  live: LiveSettings,
  log: Log,
): Promise<AccountSource> {
  if (live.kind === "http") {
    const account = await loadAccount(accountPath(dataDir));
    return async () => account;
  }
  const parts = { clock: systemClock, log };
  if (isPlatform(live)) {
    const { lines, ...first } = await readPlatformAccount(live);
    if (lines !== undefined && maxConcurrent > lines)
      log.warn(
        { maxConcurrent, lines },
        "BATCH_CALL_MAX_CONCURRENT is more than the account has lines; the lines are what holds",
      );
    return createCurrentAccount({ first, read: () => readPlatformAccount(live), ...parts });
  }
  const first = await askHostedApi(live, log, readHostedAccount);
  return createCurrentAccount({ first, read: () => askHostedApi(live, log, readAccount), ...parts });
}

async function askHostedApi(
  live: HostedSettings,
  log: Log,
  ask: (api: HostedAccount, settings: HostedSettings) => Promise<CarrierAccount>,
): Promise<CarrierAccount> {
  const api = openHostedApi(live, log);
  try {
    return await ask(api, live);
  } finally {
    await api.close();
  }
}

/**
 * The carrier that reaches people's phones. `where` is the data directory or database of `sends`. Throws a `Problem` when another
 * carrier places the calls of it: of calls that are under way this one would know nothing, and they would be made again.
 */
export async function openLiveCarrier(
  live: LiveSettings,
  sends: SendLedger,
  where: string,
  log: Log,
): Promise<Carrier> {
  await requireCarrier(live.kind, sends, where);
  if (live.kind === "http") return openHttpCarrier(live, log);
  if (isPlatform(live)) return openPlatformCarrier(live, sends, log);
  return createHostedCarrier({
    api: openHostedApi(live, log),
    sends,
    clock: systemClock,
    log,
    waveSize: live.waveSize,
  });
}

/** The carrier that hands every attempt to a bridge. */
export function openHttpCarrier({ url, secret, callbackUrl }: BridgeSettings, log: Log): DirectCarrier {
  const connection = openBridgeConnection(url, systemClock);
  return createHttpCarrier({ connection, secret, clock: systemClock, log, ...(callbackUrl && { callbackUrl }) });
}

/** What a service says of its calls when it starts. */
export function describeLiveCalls(live: LiveSettings): string {
  if (live.kind === "http") return `calls are REAL, placed through ${live.url}`;
  if (isPlatform(live)) return `calls are REAL, placed by ${nameOf(live.kind)} through ${live.url}`;
  return `calls are REAL: this queue stands in front of the hosted API at ${live.url} and hands it ${live.waveSize} at a time, while it runs`;
}
