import { join } from "node:path";
import { createKeyring, toHashedKeys } from "./accounts/keyring.ts";
import { loadOrganizations, type Organizations } from "./accounts/organizations.ts";
import { type Serving, type ServingOptions, serve } from "./serve.ts";
import { openSqliteStore } from "./store/sqlite/store.ts";
import type { Store } from "./store/store.ts";

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
  const organizations = await loadOrganizations(join(dataDir, "credentials.json"));
  const store = openSqliteStore(join(dataDir, "service.sqlite"));
  const keyring = createKeyring(organizations.map(toHashedKeys));
  const serving = await serve({ ...options, store, keyring });
  return { ...serving, organizations, store };
}
