import { systemClock } from "../lib/clock.ts";
import { Problem } from "../domain/problem.ts";
import type { Brakes } from "../service/dialing/dial-guard.ts";
import { createDialer, type DialerParts } from "../service/dialing/dialer.ts";
import type { CommandContext } from "./commands.ts";
import { startWithBrakes } from "../runtime/operator-dial-guard.ts";
import { openShared } from "../runtime/shared-store.ts";
import { aborted } from "../runtime/wait.ts";
import { ensureWritableDir } from "../runtime/writable-dir.ts";

/** Dials what services on the same database were asked for, until it is told to stop. */
export async function runWorker({ settings, log, signal, print }: CommandContext): Promise<number> {
  const { databaseUrl, dataDir } = settings;
  if (!databaseUrl) throw new Problem("unavailable", noDatabase);
  await ensureWritableDir(dataDir, "BATCH_CALL_DATA_DIR");
  const { store, carrier, wakeUps } = await openShared(settings, databaseUrl, log);
  try {
    const worker = await startWithBrakes(settings, carrier.environment, (brakes) =>
      startDialing({ store, carrier, wakeUps, clock: systemClock, settings, log }, brakes),
    );
    print("A worker dials for the services on the same database.");
    await aborted(signal);
    await worker.stop();
  } finally {
    await store.close();
  }
  return 0;
}

async function startDialing(parts: DialerParts, brakes: Brakes): Promise<{ stop(): Promise<void> }> {
  const dialer = createDialer({ ...parts, brakes });
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
