import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findKeysUri, type NamedToken, openNamedTokens } from "../access/index.ts";
import { createKillSwitch } from "../campaigns/records/index.ts";
import type { BatchCallApi } from "../client/api.ts";
import { createBatchCallApi } from "../client/batch-call-api.ts";
import { isPlatform, type PlatformSettings } from "../config/carrier.ts";
import type { Settings } from "../config/settings.ts";
import { Problem } from "../domain/problem.ts";
import { isLoopback, type Secret } from "../domain/secret.ts";
import { counted, plainText } from "../domain/text.ts";
import { zoneDataRelease, zoneDataReleasedOn } from "../domain/time/zone-data.ts";
import { mapAtOnce } from "../lib/at-once.ts";
import { sleep, systemClock } from "../lib/clock.ts";
import { commandText, releaseText } from "../lib/command-text.ts";
import { silentLog } from "../lib/log.ts";
import { explainStorageError, openDatabase } from "../lib/sqlite.ts";
import { errorCode } from "../lib/system.ts";
import { packageVersion } from "../lib/version.ts";
import type { CommandContext } from "../runtime/command-context.ts";
import { makeContactFolder } from "../runtime/contact-files.ts";
import { accountPath, ensureWritableDir, openRecord } from "../runtime/data-dir.ts";
import { type HostedSettings, openHostedApi, readHostedAccount } from "../runtime/hosted-carrier.ts";
import { type BridgeSettings, openHttpCarrier } from "../runtime/live-service.ts";
import { silentLeader } from "../runtime/local-service.ts";
import { nameOf, readPlatformAccount } from "../runtime/platform-carrier.ts";
import { askHealth, readServiceAddress } from "../runtime/service-address.ts";
import { openUpstream, refusedKeysText } from "../runtime/upstream.ts";
import { loadAccount, readOrganizations } from "../service/accounts/index.ts";
import { findClients } from "../setup/find-clients.ts";
import { checkDatabase, checkProcesses, checkWebhooks } from "./doctor/database.ts";
import { summaryOf } from "./doctor/summary.ts";

const oldZoneDataDays = 180;
const leastFreeMb = 100;
const dataFiles = ["ledger.sqlite", "service.sqlite", "carrier.sqlite"];

/** What a check found, in a few words; a check that fails throws. */
type Check = { readonly name: string; run(): Promise<string> };

/** Checks everything that the settings will be used for, one line each, and dials nobody. Returns 1 when something is wrong. */
export async function runDoctor({
  settings,
  platform,
  print,
}: Pick<CommandContext, "settings" | "platform" | "print">): Promise<number> {
  let failures = 0;
  const say = (line: string) => print(withoutSecrets(line, settings));
  for (const check of checksFor(settings)) {
    try {
      say(`ok    ${check.name}: ${await check.run()}`);
    } catch (error) {
      failures++;
      say(`WRONG ${check.name}: ${describe(error)}`);
    }
  }
  for (const line of summaryOf({ failures, settings, found: await findClients(platform) })) say(line);
  return failures === 0 ? 0 : 1;
}

function checksFor(settings: Settings): readonly Check[] {
  const { carrier, databaseUrl, dataDir, webhooks } = settings;
  return [
    { name: "version", run: async () => `batch-call-mcp ${packageVersion} on Node ${process.versions.node}` },
    { name: "time zones", run: async () => describeZones(settings.timezone, systemClock.now()) },
    { name: "settings", run: async () => describeUpstream(settings) },
    { name: "default country", run: async () => describeCountry(settings) },
    { name: "data directory", run: () => checkDirectory(dataDir, "BATCH_CALL_DATA_DIR") },
    { name: "data files", run: () => checkDataFiles(dataDir) },
    { name: "files directory", run: () => checkFolders(settings) },
    { name: "stop-all", run: () => checkKillSwitch(settings) },
    ...(databaseUrl
      ? [
          { name: "database", run: () => checkDatabase(databaseUrl, settings) },
          { name: "processes", run: () => checkProcesses(databaseUrl, settings) },
        ]
      : []),
    ...(carrier.kind === "http"
      ? [
          { name: "account.json", run: () => checkAccount(dataDir) },
          { name: "bridge", run: () => checkBridge(carrier) },
        ]
      : []),
    ...(carrier.kind === "hosted" ? [{ name: "hosted API", run: () => checkHosted(carrier) }] : []),
    ...(isPlatform(carrier) ? [{ name: nameOf(carrier.kind), run: () => checkPlatform(carrier, settings) }] : []),
    ...(webhooks ? [{ name: "webhooks", run: () => checkWebhooks(webhooks, settings) }] : []),
    { name: "who may use http", run: () => checkAccess(settings) },
    { name: "who runs a batch", run: async () => describeRunner(settings) },
    { name: "service", run: () => describeLeader(settings) },
    { name: "API", run: () => checkApi(settings) },
    ...(settings.access.organizationsFile !== undefined && settings.upstream.kind === "account"
      ? [{ name: "accounts of organizations", run: () => checkOrganizations(settings) }]
      : []),
  ];
}

/** Rules change several times a year, so old ones are said to be old; most zones still go by them. */
export function describeZones(timezone: string, now: Date): string {
  const days = Math.floor((now.getTime() - Date.parse(zoneDataReleasedOn)) / 86_400_000);
  const advice = days > oldZoneDataDays ? ", which is old: update batch-call-mcp" : "";
  return `tzdb ${zoneDataRelease} of ${zoneDataReleasedOn}, ${counted(days, "day")} old${advice}; times without a zone are in ${timezone}`;
}

function describeUpstream({ upstream }: Settings): string {
  return upstream.kind === "account" ? `account at ${upstream.url}` : "no account, calls of the tools are simulated";
}

function describeCountry({ defaultCountry }: Settings): string {
  return defaultCountry
    ? `numbers without a country are ${defaultCountry}`
    : "none: for real calls, numbers need their country code (+1 …) or a default_country; simulated, they are read as the caller id's country, where the list says nothing else. BATCH_CALL_DEFAULT_COUNTRY, such as US, names one";
}

/** The first is written to; the others are only read, and one on a disk that is not plugged in is nothing wrong. */
async function checkFolders(settings: Settings): Promise<string> {
  const [first, ...others] = settings.filesDirs;
  // With the list to try, which goes only into a folder that is new; what stands in the way is told by the next line.
  await makeContactFolder(settings).catch(() => {});
  const writable = await checkDirectory(first, "BATCH_CALL_FILES_DIR");
  const readable = others.map(async (path) =>
    readdir(path).then(
      () => `${path} is readable`,
      (error: unknown) => `${path} cannot be read (${errorCode(error)})`,
    ),
  );
  return [writable, ...(await Promise.all(readable))].join(", ");
}

/** Writes a file for a moment: rights alone do not tell of a full disk. */
async function checkDirectory(path: string, setting: string): Promise<string> {
  await ensureWritableDir(path, setting);
  const probe = join(path, `.doctor-${randomUUID()}`);
  try {
    await writeFile(probe, "x", { mode: 0o600, flag: "wx" });
  } catch (cause) {
    const message = `cannot write a file in ${path} (${errorCode(cause)}). Make room or rights there, or set ${setting} to another directory.`;
    throw new Problem("unavailable", message, { cause });
  } finally {
    await rm(probe, { force: true });
  }
  return `${path} is writable`;
}

/** Reads every database of the directory through, and looks at the space that is left for them. */
export async function checkDataFiles(dataDir: string): Promise<string> {
  const { bavail, bsize } = await statfs(dataDir);
  const freeMb = Math.floor((bavail * bsize) / 1e6);
  if (freeMb < leastFreeMb)
    throw new Error(`only ${freeMb} MB are free on the disk of ${dataDir}. Free some space on it.`);
  const files = dataFiles.filter((name) => existsSync(join(dataDir, name)));
  for (const name of files) checkDataFile(join(dataDir, name));
  return `${files.length === 0 ? "none yet" : `${files.join(", ")} are whole`}; ${freeMb} MB free`;
}

function checkDataFile(path: string): void {
  const database = openDatabase(path);
  try {
    const [found] = database.prepare("PRAGMA quick_check(1)").all();
    if (found?.["quick_check"] !== "ok") throw new Error("database disk image is malformed");
  } catch (cause) {
    throw new Error(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  } finally {
    database.close();
  }
}

async function checkKillSwitch(settings: Settings): Promise<string> {
  const database = await openRecord(settings);
  try {
    const killSwitch = createKillSwitch(database);
    if (!killSwitch.isOn()) return "off, calls can be started";
    const since = killSwitch.changedAt()?.toISOString() ?? "an unknown time";
    throw new Problem(
      "refused_by_limit",
      `on since ${since}: nothing is started or dialed. ${releaseText()} allows calls again.`,
    );
  } finally {
    database.close();
  }
}

async function checkAccount(dataDir: string): Promise<string> {
  const { agents, phoneNumbers } = await loadAccount(accountPath(dataDir));
  return `${counted(agents.length, "agent")}, ${counted(phoneNumbers.length, "caller id")} in ${accountPath(dataDir)}`;
}

/** Asks for a call that there never was, which dials nobody and shows that both sides have the same secret. */
async function checkBridge(bridge: BridgeSettings): Promise<string> {
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
async function checkHosted(hosted: HostedSettings): Promise<string> {
  const api = openHostedApi(hosted, silentLog);
  try {
    const { agents, phoneNumbers } = await readHostedAccount(api, hosted);
    return `${hosted.url} accepts the keys, ${counted(agents.length, "agent")}, ${counted(phoneNumbers.length, "caller id")}`;
  } finally {
    await api.close();
  }
}

/** Reads the account with the real key, and dials nobody. */
async function checkPlatform(platform: PlatformSettings, { maxConcurrent }: Settings): Promise<string> {
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

/** The two ways to call through a hosted API, and which one is on. */
/** Throws where the issuer of tokens, or the accounts of organizations, cannot be read. */
async function checkAccess({ access, dataDir, httpToken }: Settings): Promise<string> {
  if (access.organizationsFile !== undefined) await readOrganizations(access.organizationsFile);
  if (access.issuer) await checkIssuer(access.issuer.issuer);
  const path = join(dataDir, "access.sqlite");
  const made = existsSync(path) ? readTokens(path) : [];
  const good = made.filter(({ revokedAt }) => revokedAt === undefined).length;
  const ways = [
    ...(made.length > 0 ? [`${counted(good, "token")} with names`] : []),
    ...(httpToken ? ["BATCH_CALL_HTTP_TOKEN"] : []),
    ...(access.issuer ? [`tokens of ${access.issuer.issuer}, which answers`] : []),
  ];
  if (ways.length > 0) return ways.join(", ");
  return `anybody on this machine, who reads, and does the rest where calls are simulated; \`${commandText("token add NAME")}\` makes the first token`;
}

async function checkIssuer(issuer: string): Promise<void> {
  try {
    await findKeysUri(issuer);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Problem("unavailable", `The issuer of BATCH_CALL_OIDC_ISSUER cannot be read: ${issuer}, ${why}.`, {
      cause,
    });
  }
}

function readTokens(path: string): readonly NamedToken[] {
  const tokens = openNamedTokens(path);
  try {
    return tokens.list();
  } finally {
    tokens.close();
  }
}

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

async function describeLeader(settings: Settings): Promise<string> {
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
function startsByItself({ carrier, databaseUrl }: Settings): boolean {
  return carrier.kind === "simulated" && databaseUrl === undefined;
}

/** One cheap read with the real keys. With no account this starts the service for a moment, as any client would. */
async function checkApi(settings: Settings): Promise<string> {
  if (settings.upstream.kind !== "account" && !startsByItself(settings))
    return "not asked, no account is set: tools need BATCH_CALL_API_URL and the keys of the service's credentials.json";
  const upstream = await openUpstream(settings, silentLog);
  const api = createBatchCallApi({ ...upstream, clock: systemClock, log: silentLog });
  try {
    const numbers = await api.listPhoneNumbers({ page: 0, limit: 1 });
    await refuseStopped(api);
    return `${await api.origin()} accepts the keys, ${await api.environment()}, ${counted(numbers.totalCount ?? numbers.rows.length, "caller id")}`;
  } finally {
    await api.close();
    await upstream.close();
  }
}

/** Throws where all calls are stopped at the service, whichever data directory that came from. */
async function refuseStopped(api: BatchCallApi): Promise<void> {
  const stop = await api.getStop().catch((error: unknown) => {
    if (error instanceof Problem && error.code === "unsupported") return undefined;
    throw error;
  });
  if (!stop) return;
  const whose = stop.isEverybody ? "for everybody on its database" : "for this account";
  throw new Problem(
    "refused_by_limit",
    `all calls are stopped at the service, ${whose}: nothing is started or dialed. ${releaseText()} allows calls again.`,
  );
}

const triedAtOnce = 10;
const longestTryMs = 15_000;

/** One cheap read with the keys of each account of `BATCH_CALL_ORGANIZATIONS_FILE`, several at once. Throws with all that fail. */
async function checkOrganizations(settings: Settings): Promise<string> {
  const { organizationsFile: file = "" } = settings.access;
  const upstream = await openUpstream(settings, silentLog);
  const patience = new AbortController();
  const late = sleep(systemClock, longestTryMs, patience.signal).then(() => {
    throw new Problem("unavailable", `No answer within ${longestTryMs / 1000} s.`);
  });
  late.catch(() => {});
  try {
    const said = await mapAtOnce(upstream.organizations, triedAtOnce, async (name) => {
      const account = upstream.ofOrganization(name);
      if (!account) return [];
      const api = createBatchCallApi({ ...account, clock: systemClock, log: silentLog });
      try {
        await Promise.race([api.listPhoneNumbers({ page: 0, limit: 1 }), late]);
        await Promise.race([refuseStopped(api), late]);
        return [];
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        const words = error.code === "unauthorized" ? refusedKeysText(name, file) : error.message;
        return [`organization "${plainText(name, 100)}": ${words}`];
      } finally {
        await api.close();
      }
    });
    const wrong = said.flat();
    if (wrong.length > 0) throw new Problem("unavailable", wrong.join(" "));
    return `the API accepts the keys of all ${upstream.organizations.length} in ${file}`;
  } finally {
    patience.abort();
    await upstream.close();
  }
}

function describe(error: unknown): string {
  return explainStorageError(error) ?? (error instanceof Error ? error.message : String(error));
}

/** A driver's words may hold what it was given. */
function withoutSecrets(line: string, { upstream, databaseUrl, carrier, httpToken, webhooks }: Settings): string {
  const secrets = [
    ...(upstream.kind === "account" ? [upstream.apiKey, upstream.apiSecret] : []),
    ...(carrier.kind === "http" ? [carrier.secret] : []),
    ...(carrier.kind === "hosted" ? [carrier.apiKey, carrier.apiSecret] : []),
    ...(isPlatform(carrier) ? [carrier.apiKey] : []),
    ...(webhooks ? [...webhooks.urls, webhooks.secret] : []),
    ...[databaseUrl, httpToken].filter((secret) => secret !== undefined),
  ].map((secret) => secret.reveal());
  return [...secrets, ...passwordsOf(databaseUrl)].reduce(
    (clean, secret) => clean.replaceAll(secret, "[secret]"),
    line,
  );
}

function passwordsOf(databaseUrl: Secret | undefined): readonly string[] {
  const text = databaseUrl?.reveal() ?? "";
  const password = URL.canParse(text) ? new URL(text).password : "";
  // Read as a query, because that never throws for a percent sign that stands alone.
  const decoded = new URLSearchParams(`p=${password.replaceAll("+", "%2B")}`).get("p") ?? "";
  return password === "" ? [] : [password, decoded];
}
