import { Problem } from "../domain/problem.ts";
import { systemClock } from "../lib/clock.ts";
import { aborted, type CommandContext } from "../runtime/command-context.ts";
import { ensureWritableDir } from "../runtime/data-dir.ts";
import { startWithDialGuard } from "../runtime/operator-dial-guard.ts";
import { openShared, type Shared } from "../runtime/shared-store.ts";
import { whenDatabaseAnswers } from "../runtime/when-database-answers.ts";
import { createDialer, type DialerParts, type DialGuard } from "../service/dialing/index.ts";

/** Dials what services on the same database were asked for, until it is told to stop. */
export async function runWorker({ settings, log, signal, print }: CommandContext): Promise<number> {
  const { databaseUrl, dataDir } = settings;
  if (!databaseUrl) throw new Problem("unavailable", noDatabase);
  await ensureWritableDir(dataDir, "BATCH_CALL_DATA_DIR");
  const worker = await whenDatabaseAnswers({ log, signal }, async () => {
    const { store, carrier, wakeUps } = await openShared(settings, databaseUrl, log);
    return startWithDialGuard(settings, carrier.environment, (guard) =>
      startDialing({ store, carrier, wakeUps, clock: systemClock, settings, log }, guard),
    );
  });
  if (!worker) return 0;
  print("A worker dials for the services on the same database.");
  await aborted(signal);
  await worker.stop();
  return 0;
}

/** The store is closed when it stops. */
async function startDialing(
  parts: DialerParts & Pick<Shared, "store">,
  guard: DialGuard,
): Promise<{ stop(): Promise<void> }> {
  const dialer = createDialer({ ...parts, guard });
  const stop = (): Promise<void> => dialer.stop().finally(() => parts.store.close());
  try {
    await dialer.start();
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const noDatabase =
  "a worker needs BATCH_CALL_DATABASE_URL: the PostgreSQL database that it shares with a service. On SQLite the service dials by itself, alone.";
