import { Problem } from "../domain/problem.ts";
import type { CommandContext } from "./commands.ts";
import { readEndpoint } from "./endpoint.ts";
import { startSimulatedService, tryLead } from "./local-service.ts";
import { aborted } from "./wait.ts";

/** Runs the REST service in the foreground until it is told to stop. */
export async function runService({ settings, log, signal, print }: CommandContext): Promise<number> {
  const { dataDir, servicePort } = settings;
  const lock = await tryLead(dataDir);
  if (!lock) throw new Problem("unavailable", await alreadyRunning(dataDir));
  const service = await startSimulatedService(settings, servicePort, log);
  print(
    `Batch-call service on ${service.url} (simulated carrier, data in ${dataDir}). Its keys are in credentials.json there.`,
  );
  await aborted(signal);
  await service.stop();
  lock.release();
  return 0;
}

async function alreadyRunning(dataDir: string): Promise<string> {
  const endpoint = await readEndpoint(dataDir);
  const where = endpoint ? ` (process ${endpoint.pid}, ${endpoint.url})` : "";
  return `another copy already runs the service on ${dataDir}${where}. Stop it, or set BATCH_CALL_DATA_DIR to another directory.`;
}
