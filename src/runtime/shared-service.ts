import { join } from "node:path";
import type { Secret } from "../domain/secret.ts";
import { systemClock } from "../lib/clock.ts";
import { createKeyring, loadSharedOrganizations } from "../service/accounts/index.ts";
import { serve } from "../service/index.ts";
import { aborted, type CommandContext } from "./command-context.ts";
import { ensureWritableDir } from "./data-dir.ts";
import { describeLiveCalls, loadLiveAccount } from "./live-service.ts";
import { startWithDialGuard } from "./operator-dial-guard.ts";
import { openShared } from "./shared-store.ts";
import { whenDatabaseAnswers } from "./when-database-answers.ts";

/** Runs the REST service and one dialer on a shared database until it is told to stop. Any number of them can run. */
export async function runSharedService(context: CommandContext, url: Secret): Promise<number> {
  const { settings, log, signal, print } = context;
  const { dataDir, servicePort: port, carrier: carrierSettings } = settings;
  await ensureWritableDir(dataDir, "BATCH_CALL_DATA_DIR");
  const live = carrierSettings.kind === "simulated" ? undefined : carrierSettings;
  const account = live && (await loadLiveAccount(settings, live, log));
  const options = { clock: systemClock, settings, log, host: "127.0.0.1", port, ...(account && { account }) };
  const service = await whenDatabaseAnswers(context, async () => {
    const { sql, ...shared } = await openShared(
      settings,
      url,
      log,
      "service",
      carrierSettings.kind === "http" ? await account?.() : undefined,
    );
    const keys = await loadSharedOrganizations(sql, join(dataDir, "credentials.json"));
    return startWithDialGuard(settings, shared.carrier.environment, (guard) =>
      serve({ ...shared, ...options, keyring: createKeyring(keys), guard }),
    );
  });
  if (!service) return 0;
  const calls = live ? describeLiveCalls(live) : "simulated carrier";
  print(
    `Batch-call service on ${service.url} (${calls}, on a shared database). Its keys are in credentials.json of the machine that first ran it.`,
  );
  await aborted(signal);
  await service.stop();
  return 0;
}
