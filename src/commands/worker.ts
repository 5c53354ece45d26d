import { Problem } from "../domain/problem.ts";
import { systemClock } from "../lib/clock.ts";
import { aborted, type CommandContext } from "../runtime/command-context.ts";
import { ensureWritableDir } from "../runtime/data-dir.ts";
import { startWithDialGuard } from "../runtime/operator-dial-guard.ts";
import { openShared } from "../runtime/shared-store.ts";
import { createDialer, type DialerParts, type DialGuard } from "../service/dialing/index.ts";

/** Dials what services on the same database were asked for, until it is told to stop. */
export async function runWorker({ settings, log, signal, print }: CommandContext): Promise<number> {
  const { databaseUrl, dataDir } = settings;
  if (!databaseUrl) throw new Problem("unavailable", noDatabase);
  await ensureWritableDir(dataDir, "BATCH_CALL_DATA_DIR");
  const { store, carrier, wakeUps } = await openShared(settings, databaseUrl, log);
  try {
    const worker = await startWithDialGuard(settings, carrier.environment, (guard) =>
      startDialing({ store, carrier, wakeUps, clock: systemClock, settings, log }, guard),
    );
    print("A worker dials for the services on the same database.");
    await aborted(signal);
    await worker.stop();
  } finally {
    await store.close();
  }
  return 0;
}

async function startDialing(parts: DialerParts, guard: DialGuard): Promise<{ stop(): Promise<void> }> {
  const dialer = createDialer({ ...parts, guard });
  try {
    await dialer.start();
    return dialer;
  } catch (error) {
    await dialer.stop();
    throw error;
  }
}

const noDatabase =
  "a worker needs BATCH_CALL_DATABASE_URL: the PostgreSQL database that it shares with a service. On SQLite the service dials by itself, alone.";
