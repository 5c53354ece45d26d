import { createHash } from "node:crypto";
import { join } from "node:path";
import type { UpstreamAccount } from "../campaigns/index.ts";
import type { Settings } from "../config/settings.ts";
import type { Secret } from "../domain/secret.ts";
import type { Log } from "../lib/log.ts";
import { loadOrganizations } from "../service/accounts/index.ts";
import { LocalService } from "./local-service.ts";

/** Where the API is and the keys to it. */
export type Upstream = {
  /** Asked again before each request: the self-started service can move to another process. */
  baseUrl(): Promise<string>;
  readonly apiKey: Secret;
  readonly apiSecret: Secret;
  account(): Promise<UpstreamAccount>;
  close(): Promise<void>;
};

/** The account that is set, or the service that starts by itself (and goes on dialing what an earlier run began). */
export async function openUpstream(settings: Settings, log: Log): Promise<Upstream> {
  const { upstream } = settings;
  if (upstream.kind === "account") {
    const { url, apiKey, apiSecret } = upstream;
    return {
      baseUrl: async () => url,
      apiKey,
      apiSecret,
      account: async () => toAccount(new URL(url).origin, apiKey),
      close: async () => {},
    };
  }
  const [{ apiKey, apiSecret }] = await loadOrganizations(join(settings.dataDir, "credentials.json"));
  const service = new LocalService(settings, log);
  return {
    baseUrl: () => service.url(),
    apiKey,
    apiSecret,
    account: async () => toAccount("self-started", apiKey),
    close: () => service.stop(),
  };
}

function toAccount(origin: string, apiKey: Secret): UpstreamAccount {
  return { origin, id: createHash("sha256").update(apiKey.reveal()).digest("hex").slice(0, 16) };
}
