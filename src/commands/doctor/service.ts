import { isPlatform } from "../../config/carrier.ts";
import type { Settings } from "../../config/settings.ts";
import { Problem } from "../../domain/problem.ts";
import { isLoopback } from "../../domain/secret.ts";
import { counted } from "../../domain/text.ts";
import { commandText } from "../../lib/command-text.ts";
import { silentLeader } from "../../runtime/local-service.ts";
import { nameOf } from "../../runtime/platform-carrier.ts";
import { askHealth, readServiceAddress } from "../../runtime/service-address.ts";

/** The two ways to call through a hosted API, and which one is on. */
export function describeRunner({ carrier, upstream }: Pick<Settings, "carrier" | "upstream">): string {
  const atProvider =
    "the provider runs it, also while this machine sleeps, and it cannot be paused or cancelled once it runs";
  const here = `this queue runs it, with pause, cancel, hours and retries, as long as \`${commandText("service")}\` runs`;
  if (carrier.kind === "hosted")
    return `${here}: it hands the hosted API ${counted(carrier.waveSize, "call")} at a time`;
  if (isPlatform(carrier)) return `${here}: ${nameOf(carrier.kind)} places each call`;
  if (upstream.kind !== "account") return "the service here";
  if (isOnLoopback(upstream.url)) return `the service at ${upstream.url}`;
  return `${atProvider}. The other way: ${here} (BATCH_CALL_CARRIER=hosted, docs/carriers.md)`;
}

function isOnLoopback(url: string): boolean {
  return isLoopback(new URL(url).hostname);
}

/** Which process runs the service on the data directory. Throws a `Problem` for one that does not answer. */
export async function describeLeader(settings: Settings): Promise<string> {
  const { upstream, dataDir } = settings;
  if (upstream.kind === "account") return "not needed by the tools, an account is set";
  const endpoint = await readServiceAddress(dataDir);
  const health = endpoint && (await askHealth(endpoint.url));
  if (endpoint && health === "silent") throw new Problem("unavailable", silentLeader(endpoint, dataDir));
  if (endpoint && health && health !== "silent")
    return `run by process ${endpoint.pid} at ${endpoint.url}, version ${health.version}, ${health.environment}`;
  return startsByItself(settings)
    ? "no copy runs it at the moment; the next one that starts will"
    : `none runs on this data directory at the moment; start it with \`${commandText("service")}\``;
}

/** These settings are for `service` and `worker`: a simulated service would leave its batches in their directory. */
export function startsByItself({ carrier, databaseUrl }: Settings): boolean {
  return carrier.kind === "simulated" && databaseUrl === undefined;
}
