import { join } from "node:path";
import type { Clock } from "../domain/clock.ts";
import type { Log } from "../log.ts";
import { createApp } from "./app.ts";
import type { Carrier } from "./carriers/carrier.ts";
import { createDialer } from "./dialer.ts";
import { listen } from "./http-server.ts";
import { createKeyring } from "./keyring.ts";
import { loadOrganizations, type Organizations } from "./organizations.ts";
import type { ServiceSettings } from "./settings.ts";
import { simulatedAccount } from "./simulated-account.ts";
import { openSqliteStore } from "./store/sqlite/store.ts";
import type { Store } from "./store/store.ts";

export type ServiceOptions = {
  /** Holds `service.sqlite` and `credentials.json`; made when it does not exist. */
  readonly dataDir: string;
  /** Closed with the service. */
  readonly carrier: Carrier;
  readonly clock: Clock;
  readonly settings: ServiceSettings;
  readonly log: Log;
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
};

export type RunningService = {
  readonly url: string;
  readonly organizations: Organizations;
  readonly store: Store;
  /** Resolves when there is nothing to do before time moves on or the carrier speaks. */
  idle(): Promise<void>;
  /** Takes no more requests, lets those in hand and the dials on their way finish, and closes the store. */
  stop(): Promise<void>;
};

/**
 * Runs the REST service and its dialer on one data directory. What an earlier process left open is clarified before
 * anything is dialed. Throws a `Problem` for keys or a store that cannot be used, and for a port that is taken.
 */
export async function startService({
  dataDir,
  carrier,
  clock,
  settings,
  log,
  host,
  port,
}: ServiceOptions): Promise<RunningService> {
  const organizations = await loadOrganizations(join(dataDir, "credentials.json"));
  const store = openSqliteStore(join(dataDir, "service.sqlite"));
  const dialer = createDialer({ store, carrier, clock, settings, log });
  const keyring = createKeyring(organizations);
  const { environment } = carrier;
  const app = createApp({ store, dialing: dialer, account: simulatedAccount, clock, keyring, environment, log });
  const closeParts = async (): Promise<void> => {
    await dialer.stop();
    await store.close();
  };
  try {
    const server = await listen((request) => app.fetch(request), host, port);
    await dialer.start();
    return {
      url: server.url,
      organizations,
      store,
      idle: () => dialer.idle(),
      async stop() {
        await server.close();
        await closeParts();
      },
    };
  } catch (error) {
    await closeParts();
    throw error;
  }
}
