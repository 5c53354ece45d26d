import { createKillSwitch } from "../campaigns/records/index.ts";
import { isPlatform } from "../config/carrier.ts";
import type { Settings } from "../config/settings.ts";
import { Problem } from "../domain/problem.ts";
import { counted } from "../domain/text.ts";
import { zoneDataRelease, zoneDataReleasedOn } from "../domain/time/zone-data.ts";
import { systemClock } from "../lib/clock.ts";
import { releaseText } from "../lib/command-text.ts";
import { explainStorageError } from "../lib/sqlite.ts";
import { packageVersion } from "../lib/version.ts";
import type { CommandContext } from "../runtime/command-context.ts";
import { openRecord } from "../runtime/data-dir.ts";
import { nameOf } from "../runtime/platform-carrier.ts";
import { findClients } from "../setup/find-clients.ts";
import { checkAccess } from "./doctor/access.ts";
import { checkApi, checkOrganizations } from "./doctor/api.ts";
import { checkAccount, checkBridge, checkHosted, checkPlatform } from "./doctor/carriers.ts";
import { checkDatabase, checkProcesses, checkWebhooks } from "./doctor/database.ts";
import { checkDataFiles, checkDirectory, checkFolders } from "./doctor/folders.ts";
import { describeLeader, describeRunner } from "./doctor/service.ts";
import { summaryOf } from "./doctor/summary.ts";
import { withoutSecrets } from "./doctor/without-secrets.ts";

const oldZoneDataDays = 180;

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

function describe(error: unknown): string {
  return explainStorageError(error) ?? (error instanceof Error ? error.message : String(error));
}
