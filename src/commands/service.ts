import { Problem } from "../domain/problem.ts";
import { aborted, type CommandContext } from "../runtime/command-context.ts";
import { describeLiveCalls, startLiveService } from "../runtime/live-service.ts";
import { startSimulatedService, tryLead } from "../runtime/local-service.ts";
import { readServiceAddress } from "../runtime/service-address.ts";
import { runSharedService } from "../runtime/shared-service.ts";
import { runRehearsal } from "./rehearse.ts";

/** Runs the REST service in the foreground until it is told to stop. */
export async function runService(context: CommandContext, rehearses: boolean): Promise<number> {
  if (rehearses) return runRehearsal(context);
  const { databaseUrl } = context.settings;
  return databaseUrl ? runSharedService(context, databaseUrl) : runOnDataDir(context);
}

async function runOnDataDir({ settings, log, signal, print }: CommandContext): Promise<number> {
  const { dataDir, servicePort, carrier } = settings;
  const lock = await tryLead(dataDir);
  if (!lock) throw new Problem("unavailable", await alreadyRunning(dataDir));
  const live = carrier.kind === "simulated" ? undefined : carrier;
  const service = live
    ? await startLiveService(settings, live, log)
    : await startSimulatedService(settings, servicePort, log);
  const calls = live ? describeLiveCalls(live) : "simulated carrier";
  print(`Batch-call service on ${service.url} (${calls}, data in ${dataDir}). Its keys are in credentials.json there.`);
  await aborted(signal);
  await service.stop();
  lock.release();
  return 0;
}

async function alreadyRunning(dataDir: string): Promise<string> {
  const endpoint = await readServiceAddress(dataDir);
  const where = endpoint ? ` (process ${endpoint.pid}, ${endpoint.url})` : "";
  return `another copy already runs the service on ${dataDir}${where}. Stop it, or set BATCH_CALL_DATA_DIR to another directory.`;
}
