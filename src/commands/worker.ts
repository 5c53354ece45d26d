import { Problem } from "../domain/problem.ts";
import type { WebhookSettings } from "../domain/webhooks.ts";
import { systemClock } from "../lib/clock.ts";
import { aborted, type CommandContext } from "../runtime/command-context.ts";
import { ensureWritableDir } from "../runtime/data-dir.ts";
import { startWithDialGuard } from "../runtime/operator-dial-guard.ts";
import { openShared, type Shared } from "../runtime/shared-store.ts";
import { whenDatabaseAnswers } from "../runtime/when-database-answers.ts";
import { createDialer, type DialerParts, type DialGuard } from "../service/dialing/index.ts";
import { createWebhooks } from "../service/webhooks/index.ts";

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

/** Tells of events, too. The store is closed when it stops. */
async function startDialing(
  parts: DialerParts & Pick<Shared, "store"> & { readonly settings: { readonly webhooks?: WebhookSettings } },
  guard: DialGuard,
): Promise<{ stop(): Promise<void> }> {
  const { store, clock, log, carrier, settings } = parts;
  const dialer = createDialer({ ...parts, guard });
  const webhooks = createWebhooks({
    store,
    clock,
    log,
    environment: carrier.environment,
    ...(settings.webhooks && { settings: settings.webhooks }),
  });
  const stop = async (): Promise<void> => {
    try {
      await dialer.stop();
      await webhooks.stop();
    } finally {
      await store.close();
    }
  };
  try {
    await webhooks.start();
    await dialer.start();
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const noDatabase =
  "a worker needs BATCH_CALL_DATABASE_URL: the PostgreSQL database that it shares with a service. On SQLite the service dials by itself, alone.";
