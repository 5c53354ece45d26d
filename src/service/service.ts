import { join } from "node:path";
import { createKeyring, loadOrganizations, type Organizations, toHashedKeys } from "./accounts/index.ts";
import type { Carrier } from "./carriers/index.ts";
import { type Serving, type ServingOptions, serve } from "./serve.ts";
import { openSqliteStore, type SendLedger, type Store } from "./store/index.ts";

export type ServiceOptions = Omit<ServingOptions, "carrier"> & {
  /** Closed with the service; one that keeps its sends in the store is opened with it. */
  readonly carrier: Carrier | ((sends: SendLedger) => Promise<Carrier>);
  /** Holds `service.sqlite` and `credentials.json`; made when it does not exist. */
  readonly dataDir: string;
  /** Whether there are organizations besides those of the file, derived from its first one. */
  readonly derivesOrganizations?: boolean;
};

export type RunningService = Serving & { readonly organizations: Organizations; readonly store: Store };

/**
 * Runs the REST service and its dialer on one data directory. Throws a `Problem` for keys or a store that cannot be used,
 * and for a port that is taken.
 */
export async function startService({
  dataDir,
  carrier: given,
  derivesOrganizations = false,
  ...options
}: ServiceOptions): Promise<RunningService> {
  const { organizations, store } = await openDataDir(dataDir).catch((error: unknown) => {
    if (typeof given !== "function") given.close();
    throw error;
  });
  const carrier = typeof given === "function" ? await openOrClose(store, given) : given;
  const keyring = createKeyring(organizations.map(toHashedKeys), derivesOrganizations ? organizations[0] : undefined);
  const serving = await serve({ ...options, carrier, store, keyring });
  return { ...serving, organizations, store };
}

async function openOrClose(store: Store, open: (sends: SendLedger) => Promise<Carrier>): Promise<Carrier> {
  try {
    return await open(store.sends);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openDataDir(dataDir: string): Promise<Pick<RunningService, "organizations" | "store">> {
  const organizations = await loadOrganizations(join(dataDir, "credentials.json"));
  return { organizations, store: openSqliteStore(join(dataDir, "service.sqlite")) };
}
