import { randomUUID } from "node:crypto";
import type { PlatformSettings } from "../../config/carrier.ts";
import type { Settings } from "../../config/settings.ts";
import { Problem } from "../../domain/problem.ts";
import { counted } from "../../domain/text.ts";
import { silentLog } from "../../lib/log.ts";
import { errorCode } from "../../lib/system.ts";
import { accountPath } from "../../runtime/data-dir.ts";
import { type HostedSettings, openHostedApi, readHostedAccount } from "../../runtime/hosted-carrier.ts";
import { type BridgeSettings, openHttpCarrier } from "../../runtime/live-service.ts";
import { readPlatformAccount } from "../../runtime/platform-carrier.ts";
import { loadAccount } from "../../service/accounts/index.ts";

/** Reads the agents and caller ids of the service here. */
export async function checkAccount(dataDir: string): Promise<string> {
  const { agents, phoneNumbers } = await loadAccount(accountPath(dataDir));
  return `${counted(agents.length, "agent")}, ${counted(phoneNumbers.length, "caller id")} in ${accountPath(dataDir)}`;
}

/** Asks for a call that there never was, which dials nobody and shows that both sides have the same secret. */
export async function checkBridge(bridge: BridgeSettings): Promise<string> {
  const carrier = openHttpCarrier(bridge, silentLog);
  try {
    const { state } = await carrier.lookUp(`doctor-${randomUUID()}`);
    if (state === "not_placed") return `${bridge.url} answers and takes our signature`;
    const message = `${bridge.url} says "${state}" of a call that there never was. It has to answer "not_placed" (docs/carriers.md).`;
    throw new Problem("bad_response", message);
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    const reason = cause instanceof Error ? cause.message || errorCode(cause) : String(cause);
    const advice =
      "Check that it runs, BATCH_CALL_CARRIER_URL, and that BATCH_CALL_CARRIER_SECRET is the same on both sides.";
    throw new Problem("unavailable", `${bridge.url} cannot be used (${reason}). ${advice}`, { cause });
  } finally {
    carrier.close();
  }
}

/** Reads the account with the real keys, and dials nobody. */
export async function checkHosted(hosted: HostedSettings): Promise<string> {
  const api = openHostedApi(hosted, silentLog);
  try {
    const { agents, phoneNumbers } = await readHostedAccount(api, hosted);
    return `${hosted.url} accepts the keys, ${counted(agents.length, "agent")}, ${counted(phoneNumbers.length, "caller id")}`;
  } finally {
    await api.close();
  }
}

/** Reads the account with the real key, and dials nobody. */
export async function checkPlatform(platform: PlatformSettings, { maxConcurrent }: Settings): Promise<string> {
  const { agents, phoneNumbers, lines } = await readPlatformAccount(platform);
  const room =
    lines === undefined
      ? ""
      : `, ${counted(lines, "line")}, of which at most ${Math.min(maxConcurrent, lines)} are used`;
  const deaf = agents.filter(({ detectsVoicemail }) => detectsVoicemail === false).length;
  const mailboxes =
    deaf === 0 ? "" : `; ${counted(deaf, "agent never tells", "agents never tell")} a mailbox from a person`;
  return `${platform.url} takes the key, ${counted(agents.length, "agent")}, ${counted(phoneNumbers.length, "caller id")}${room}${mailboxes}`;
}
