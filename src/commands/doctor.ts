import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { createBatchCallApi } from "../client/batch-call-api.ts";
import type { Settings } from "../config/settings.ts";
import { Problem } from "../domain/problem.ts";
import { zoneDataRelease, zoneDataReleasedOn } from "../domain/time/zone-data.ts";
import { systemClock } from "../lib/clock.ts";
import { silentLog } from "../lib/log.ts";
import { explainStorageError, openDatabase } from "../lib/sqlite.ts";
import { packageVersion } from "../lib/version.ts";
import type { CommandContext } from "../runtime/command-context.ts";
import { ensureWritableDir } from "../runtime/data-dir.ts";
import { silentLeader } from "../runtime/local-service.ts";
import { askHealth, readServiceAddress } from "../runtime/service-address.ts";
import { openUpstream } from "../runtime/upstream.ts";

const oldZoneDataDays = 180;
const leastFreeMb = 100;
const dataFiles = ["ledger.sqlite", "service.sqlite", "carrier.sqlite"];

/** What a check found, in a few words; a check that fails throws. */
type Check = { readonly name: string; run(): Promise<string> };

/** Checks everything that a user's machine can get wrong, one line each. Returns 1 when something is. */
export async function runDoctor({ settings, print }: CommandContext): Promise<number> {
  let failures = 0;
  for (const check of checksFor(settings)) {
    try {
      print(`ok    ${check.name}: ${await check.run()}`);
    } catch (error) {
      failures++;
      print(`WRONG ${check.name}: ${describe(error)}`);
    }
  }
  print(failures === 0 ? "Everything works." : `${failures} thing(s) wrong.`);
  return failures === 0 ? 0 : 1;
}

function checksFor(settings: Settings): readonly Check[] {
  return [
    { name: "version", run: async () => `batch-call-mcp ${packageVersion} on Node ${process.versions.node}` },
    { name: "time zones", run: async () => describeZones(settings.timezone, systemClock.now()) },
    { name: "settings", run: async () => describeUpstream(settings) },
    { name: "data directory", run: () => checkDirectory(settings.dataDir, "BATCH_CALL_DATA_DIR") },
    { name: "data files", run: () => checkDataFiles(settings.dataDir) },
    { name: "files directory", run: () => checkDirectory(settings.filesDir, "BATCH_CALL_FILES_DIR") },
    { name: "service", run: () => describeLeader(settings) },
    { name: "API", run: () => checkApi(settings) },
  ];
}

/** Rules change several times a year, so old ones are said to be old; most zones still go by them. */
export function describeZones(timezone: string, now: Date): string {
  const days = Math.floor((now.getTime() - Date.parse(zoneDataReleasedOn)) / 86_400_000);
  const advice = days > oldZoneDataDays ? ", which is old: update batch-call-mcp" : "";
  return `tzdb ${zoneDataRelease} of ${zoneDataReleasedOn}, ${days} days old${advice}; times without a zone are in ${timezone}`;
}

function describeUpstream({ upstream, defaultCountry }: Settings): string {
  const country = defaultCountry
    ? `numbers without a country are ${defaultCountry}`
    : "numbers need a country code (BATCH_CALL_DEFAULT_COUNTRY is not set)";
  return upstream.kind === "account"
    ? `account at ${upstream.url}; ${country}`
    : `no account, calls are simulated; ${country}`;
}

async function checkDirectory(path: string, setting: string): Promise<string> {
  await ensureWritableDir(path, setting);
  return path;
}

/** Reads every database of the directory through, and looks at the space that is left for them. */
export async function checkDataFiles(dataDir: string): Promise<string> {
  const { bavail, bsize } = await statfs(dataDir);
  const freeMb = Math.floor((bavail * bsize) / 1e6);
  if (freeMb < leastFreeMb)
    throw new Error(`only ${freeMb} MB are free on the disk of ${dataDir}. Free some space on it.`);
  const files = dataFiles.filter((name) => existsSync(join(dataDir, name)));
  for (const name of files) checkDatabase(join(dataDir, name));
  return `${files.length === 0 ? "none yet" : `${files.join(", ")} are whole`}; ${freeMb} MB free`;
}

function checkDatabase(path: string): void {
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

async function describeLeader({ upstream, dataDir }: Settings): Promise<string> {
  if (upstream.kind === "account") return "not needed, an account is set";
  const endpoint = await readServiceAddress(dataDir);
  const health = endpoint && (await askHealth(endpoint.url));
  if (endpoint && health === "silent") throw new Problem("unavailable", silentLeader(endpoint, dataDir));
  if (!endpoint || !health || health === "silent")
    return "no copy runs it at the moment; the next one that starts will";
  return `run by process ${endpoint.pid} at ${endpoint.url}, version ${health.version}, ${health.environment}`;
}

/** One cheap read with the real keys. With no account this starts the service for a moment, as any client would. */
async function checkApi(settings: Settings): Promise<string> {
  const upstream = await openUpstream(settings, silentLog);
  const api = createBatchCallApi({ ...upstream, clock: systemClock, log: silentLog });
  try {
    const numbers = await api.listPhoneNumbers({ page: 0, limit: 1 });
    return `${await api.origin()} accepts the keys, ${await api.environment()}, ${numbers.totalCount ?? numbers.rows.length} caller id(s)`;
  } finally {
    await api.close();
    await upstream.close();
  }
}

function describe(error: unknown): string {
  return explainStorageError(error) ?? (error instanceof Error ? error.message : String(error));
}
