import { Problem } from "../domain/problem.ts";
import { systemClock } from "../lib/clock.ts";
import { aborted, type CommandContext } from "../runtime/command-context.ts";
import { ensureWritableDir } from "../runtime/data-dir.ts";
import { startWithDialGuard } from "../runtime/operator-dial-guard.ts";
import { openShared } from "../runtime/shared-store.ts";
import { whenDatabaseAnswers } from "../runtime/when-database-answers.ts";
import { work } from "../service/index.ts";

/** Dials what services on the same database were asked for, until it is told to stop. */
export async function runWorker({ settings, log, signal, print }: CommandContext): Promise<number> {
  const { databaseUrl, dataDir, workerPort } = settings;
  if (!databaseUrl) throw new Problem("unavailable", noDatabase);
  await ensureWritableDir(dataDir, "BATCH_CALL_DATA_DIR");
  const port = workerPort === undefined ? {} : { port: workerPort };
  const worker = await whenDatabaseAnswers({ log, signal }, async () => {
    const { store, carrier, wakeUps } = await openShared(settings, databaseUrl, log, "worker");
    return startWithDialGuard(settings, carrier.environment, (guard) =>
      work({ store, carrier, wakeUps, clock: systemClock, settings, log, guard, ...port }),
    );
  });
  if (!worker) return 0;
  const where = worker.url === undefined ? "" : ` How it stands: ${worker.url}/healthz and /metrics.`;
  print(`A worker dials for the services on the same database.${where}`);
  await aborted(signal);
  await worker.stop();
  return 0;
}

const noDatabase =
  "a worker needs BATCH_CALL_DATABASE_URL: the PostgreSQL database that it shares with a service. On SQLite the service dials by itself, alone.";
