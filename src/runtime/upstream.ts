import { createHash } from "node:crypto";
import { join } from "node:path";
import type { UpstreamAccount } from "../campaigns/index.ts";
import type { Settings } from "../config/settings.ts";
import type { Secret } from "../domain/secret.ts";
import { plainText } from "../domain/text.ts";
import type { InProcess } from "../lib/http-exchange.ts";
import type { Log } from "../lib/log.ts";
import { deriveOrganization, loadOrganizations, readOrganizations } from "../service/accounts/index.ts";
import { LocalService } from "./local-service.ts";

/** Where the API is and the keys to it. */
export type Upstream = {
  /** Asked again before each request: the self-started service can move to another process. */
  baseUrl(): Promise<string>;
  /** The service at an origin, as long as it runs in this process. */
  inProcess(origin: string): InProcess | undefined;
  readonly apiKey: Secret;
  readonly apiSecret: Secret;
  account(): Promise<UpstreamAccount>;
  /** Another account at the same API. Closing it changes nothing. */
  withKeys(keys: { readonly apiKey: Secret; readonly apiSecret: Secret }): Upstream;
  /** Organizations that the operator's file gives an account of their own at an API elsewhere. */
  readonly organizations: readonly string[];
  /** The account of an organization that is not the operator's own; undefined where nobody set one. */
  ofOrganization(name: string): Upstream | undefined;
  close(): Promise<void>;
};

/** The account that is set, or the service that starts by itself (and goes on dialing what an earlier run began). */
export async function openUpstream(settings: Settings, log: Log): Promise<Upstream> {
  const { upstream } = settings;
  if (upstream.kind === "account") {
    const { organizationsFile: file } = settings.access;
    const others = file === undefined ? [] : await readOrganizations(file);
    return accountAt(upstream, {
      baseUrl: async () => upstream.url,
      inProcess: () => undefined,
      origin: new URL(upstream.url).origin,
      organizations: others.map(({ organizationId }) => organizationId),
      keysOf: (name) => others.find(({ organizationId }) => organizationId === name),
      close: async () => {},
    });
  }
  const [first] = await loadOrganizations(join(settings.dataDir, "credentials.json"));
  const service = new LocalService(settings, log);
  return accountAt(first, {
    baseUrl: () => service.url(),
    inProcess: (origin) => service.inProcess(origin),
    origin: "self-started",
    // Its service reads the switch of the data directory before each dial of theirs.
    organizations: [],
    keysOf: (name) => deriveOrganization(first, name),
    close: () => service.stop(),
  });
}

/** What is told where the API does not take the keys of an account of `BATCH_CALL_ORGANIZATIONS_FILE`. */
export function refusedKeysText(organization: string, file: string): string {
  return `The API does not take the api_key and api_secret of "${plainText(organization, 100)}" in ${file} (BATCH_CALL_ORGANIZATIONS_FILE). Put them right there; a server (http) reads the file when it starts.`;
}

type Keys = { readonly apiKey: Secret; readonly apiSecret: Secret };
type ApiPlace = {
  readonly baseUrl: () => Promise<string>;
  readonly inProcess: (origin: string) => InProcess | undefined;
  readonly origin: string;
  readonly organizations: readonly string[];
  readonly keysOf: (organization: string) => Keys | undefined;
  readonly close: () => Promise<void>;
};

function accountAt({ apiKey, apiSecret }: Keys, place: ApiPlace): Upstream {
  const account = toAccount(place.origin, apiKey);
  const withKeys = (keys: Keys): Upstream => accountAt(keys, { ...place, close: async () => {} });
  return {
    baseUrl: place.baseUrl,
    inProcess: place.inProcess,
    apiKey,
    apiSecret,
    account: async () => account,
    withKeys,
    organizations: place.organizations,
    ofOrganization(name) {
      const keys = place.keysOf(name);
      return keys && withKeys(keys);
    },
    close: place.close,
  };
}

function toAccount(origin: string, apiKey: Secret): UpstreamAccount {
  return { origin, id: createHash("sha256").update(apiKey.reveal()).digest("hex").slice(0, 16) };
}
