import type { CarrierSettings } from "../config/carrier.ts";
import type { Settings } from "../config/settings.ts";
import { systemClock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { loadAccount } from "../service/accounts/index.ts";
import { createHttpCarrier, type DirectCarrier, openBridgeConnection } from "../service/carriers/index.ts";
import { type RunningService, startService } from "../service/index.ts";
import { accountPath, refuseSimulatedDir } from "./data-dir.ts";
import { announce } from "./local-service.ts";
import { startWithDialGuard } from "./operator-dial-guard.ts";

export type BridgeSettings = Extract<CarrierSettings, { kind: "http" }>;

/** Starts the service that places real calls, on a data directory whose lock the caller holds. */
export async function startLiveService(settings: Settings, bridge: BridgeSettings, log: Log): Promise<RunningService> {
  const { dataDir, servicePort: port } = settings;
  await refuseSimulatedDir(dataDir);
  const account = await loadAccount(accountPath(dataDir));
  const carrier = openHttpCarrier(bridge, log);
  const host = "127.0.0.1";
  const service = await startWithDialGuard(settings, "live", (guard) =>
    startService({ dataDir, carrier, account, clock: systemClock, settings, guard, log, host, port }),
  );
  await announce(dataDir, service);
  return service;
}

/** The carrier that reaches people's phones. */
export function openHttpCarrier({ url, secret, callbackUrl }: BridgeSettings, log: Log): DirectCarrier {
  const connection = openBridgeConnection(url, systemClock);
  return createHttpCarrier({ connection, secret, clock: systemClock, log, ...(callbackUrl && { callbackUrl }) });
}
