import { existsSync } from "node:fs";
import { join } from "node:path";
import { isLiveCarrier } from "../../config/carrier.ts";
import type { Settings } from "../../config/settings.ts";
import { Problem } from "../../domain/problem.ts";
import type { Secret } from "../../domain/secret.ts";
import type { WebhookSettings } from "../../domain/webhooks.ts";
import { systemClock } from "../../lib/clock.ts";
import { commandText } from "../../lib/command-text.ts";
import { silentLog } from "../../lib/log.ts";
import { describeProcess } from "../../runtime/shared-store.ts";
import { openPgBoss } from "../../service/dialing/index.ts";
import {
  type AboutProcess,
  type DatabaseFacts,
  differencesFrom,
  type EventCounts,
  type LivingProcess,
  lookAtDatabase,
  lookAtEvents,
} from "../../service/store/index.ts";

/** Longer than an event waits while all is well, or after a first few failures. */
const longestWaitMs = 60 * 60 * 1000;

/** Throws a `Problem` where a service would not start on it. */
export async function checkDatabase(url: Secret, { carrier }: Settings): Promise<string> {
  await openPgBoss(url, silentLog);
  const environment = isLiveCarrier(carrier) ? "live" : "simulated";
  return describeDatabase(await lookAtDatabase(url, silentLog), environment);
}

/** Throws a `Problem` where those who dial on it are not alike. */
export async function checkProcesses(url: Secret, settings: Settings): Promise<string> {
  const { processes } = await lookAtDatabase(url, silentLog);
  return describeProcesses(processes, describeProcess(settings, "worker"), systemClock.now());
}

/** Who dials on the database now. Throws a `Problem` that names what is not the same in each of them, and in the settings `here`. */
export function describeProcesses(processes: readonly LivingProcess[], here: AboutProcess, now: Date): string {
  const lines = processes.map(({ id, about, lastSignAt }) => {
    const seconds = Math.max(Math.round((now.getTime() - lastSignAt.getTime()) / 1000), 0);
    const who = about ? `${about.command} ${id}, version ${about.version}` : `${id}, of an older version`;
    return `${who}, last sign ${seconds} s ago`;
  });
  const differences = differencesFrom(here, processes);
  if (differences.length > 0)
    throw new Problem(
      "unavailable",
      `${lines.join("; ")}. Not the same everywhere: ${differences.join(" ")} Make it so on every machine, and restart what differs.`,
    );
  return lines.length === 0 ? "none dials on the database at the moment" : lines.join("; ");
}

/** What a service will find, and a `Problem` where it would not start. `environment` is that of this process. */
export function describeDatabase(database: DatabaseFacts, environment: "live" | "simulated"): string {
  const { server, schema, newestSchema, mayMakeSchemas } = database;
  if (schema > newestSchema)
    throw new Problem(
      "unavailable",
      `its schema ${schema} was written by a newer copy; this one knows ${newestSchema}. Update batch-call-mcp here.`,
    );
  if (schema === 0 && !mayMakeSchemas)
    throw new Problem(
      "unavailable",
      "the user of BATCH_CALL_DATABASE_URL may not make schemas in it. GRANT CREATE ON DATABASE to that user.",
    );
  if (database.environment && database.environment !== environment)
    throw new Problem(
      "unavailable",
      `it is for ${database.environment} calls, and BATCH_CALL_CARRIER makes ${environment} ones. Change that setting, or use another database.`,
    );
  return `PostgreSQL ${server} answers, ${describeSchema(schema, newestSchema)}`;
}

function describeSchema(schema: number, newest: number): string {
  if (schema === newest) return `schema ${schema}, as this copy needs it`;
  const now = schema === 0 ? "no schema yet" : `schema ${schema}`;
  return `${now}; the service brings it to ${newest} when it starts`;
}

/** Throws a `Problem` where events wait for too long or were given up. */
export async function checkWebhooks({ urls }: WebhookSettings, { databaseUrl, dataDir }: Settings): Promise<string> {
  const path = join(dataDir, "service.sqlite");
  const onFile = existsSync(path) ? await lookAtEvents(path) : undefined;
  const counts = databaseUrl ? (await lookAtDatabase(databaseUrl, silentLog)).events : onFile;
  const hosts = urls.map((url) => new URL(url.reveal()).host).join(", ");
  return describeEvents(hosts, counts ?? { waiting: 0, parked: 0 }, systemClock.now());
}

/** How events stand, and a `Problem` where some were given up, or have waited for an hour. */
export function describeEvents(hosts: string, { waiting, parked, oldestWaitingAt }: EventCounts, now: Date): string {
  const waits = oldestWaitingAt !== undefined && now.getTime() - oldestWaitingAt.getTime() > longestWaitMs;
  const since = waits ? `, the first since ${oldestWaitingAt.toISOString()}` : "";
  const found = `events for ${hosts}: ${waiting} waiting${since}, ${parked} given up within the last 30 days`;
  if (!waits && parked === 0) return found;
  const again =
    parked === 0
      ? ""
      : ` \`${commandText("send-parked-events")}\` sends what was given up again, once the URL takes events.`;
  throw new Problem(
    "unavailable",
    `${found}. Look into the log of the service for what the URL answers, and whether a service or worker with BATCH_CALL_WEBHOOK_URL runs (docs/webhooks.md).${again}`,
  );
}
