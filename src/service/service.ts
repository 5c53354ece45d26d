import { join } from "node:path";
import { createKeyring, loadOrganizations, type Organizations, toHashedKeys } from "./accounts/index.ts";
import { type Serving, type ServingOptions, serve } from "./serve.ts";
import { openSqliteStore, type Store } from "./store/index.ts";

export type ServiceOptions = ServingOptions & {
  /** Holds `service.sqlite` and `credentials.json`; made when it does not exist. */
  readonly dataDir: string;
};

export type RunningService = Serving & { readonly organizations: Organizations; readonly store: Store };

/**
 * Runs the REST service and its dialer on one data directory. Throws a `Problem` for keys or a store that cannot be used,
 * and for a port that is taken.
 */
export async function startService({ dataDir, ...options }: ServiceOptions): Promise<RunningService> {
  const { organizations, store } = await openDataDir(dataDir).catch((error: unknown) => {
    options.carrier.close();
    throw error;
  });
  const keyring = createKeyring(organizations.map(toHashedKeys));
  const serving = await serve({ ...options, store, keyring });
  return { ...serving, organizations, store };
}

async function openDataDir(dataDir: string): Promise<Pick<RunningService, "organizations" | "store">> {
  const organizations = await loadOrganizations(join(dataDir, "credentials.json"));
  return { organizations, store: openSqliteStore(join(dataDir, "service.sqlite")) };
}
